package org.httpkit.internal.exchange;

import java.net.SocketAddress;
import java.time.Instant;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Outflow;
import org.httpkit.server.FinishedExchange;
import org.httpkit.server.FinishedExchange.Outcome;
import org.httpkit.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * What is noted of one request for observers who want to be told of it; made only if there are any. Written by whoever brings the
 * exchange on, and told by whoever ends it.
 */
public final class ExchangeTimes {
    /** What has not happened. */
    private static final long NEVER = Long.MIN_VALUE;

    private final ServerContext context;
    private final Link link;
    /** Null if the request could not be understood. */
    private final @Nullable Request request;

    private final Instant received = Instant.now();
    private final long receivedNanos;

    private volatile long readyNanos = NEVER;
    private volatile long calledNanos = NEVER;
    private volatile long respondingNanos = NEVER;
    // Counted by one thread after the other, each of which has to do with the one before.
    private long requestBytes;
    private long responseBytes;

    public ExchangeTimes(ServerContext context, Link link, @Nullable Request request, long receivedNanos) {
        this.context = context;
        this.link = link;
        this.request = request;
        this.receivedNanos = receivedNanos;
    }

    /** Bytes of the request's body have arrived. */
    void arrived(int bytes) {
        requestBytes += bytes;
    }

    /** The handler can be called. */
    void ready() {
        readyNanos = System.nanoTime();
    }

    /** The handler is called. */
    void called() {
        calledNanos = System.nanoTime();
    }

    /** The response begins, unless it has begun before. */
    void responding() {
        if (respondingNanos == NEVER) {
            respondingNanos = System.nanoTime();
        }
    }

    /** Bytes of the response's body have been handed to the link. */
    public void sent(long bytes) {
        responseBytes += bytes;
    }

    /** All of the response was handed over: tells of the end when it has left, or never will. */
    public void finishWhenSent(Outflow out, int status, Outcome whole) {
        responding();
        out.whenSent(failure -> finish(status, failure == null ? whole : Outcome.CUT));
    }

    /** The outcome if all of a response leaves. */
    Outcome whole() {
        return calledNanos == NEVER ? Outcome.REFUSED : Outcome.ANSWERED;
    }

    /** Tells of the end. */
    void finish(int status, Outcome outcome) {
        long now = System.nanoTime();
        long responding = respondingNanos;
        SocketAddress client = request == null ? link.remoteAddress() : request.remoteAddress();
        context.observer.exchangeFinished(new FinishedExchange(
                request,
                client,
                status,
                outcome,
                requestBytes,
                responseBytes,
                received,
                between(readyNanos, calledNanos),
                between(calledNanos, responding == NEVER ? now : responding),
                between(responding, now),
                between(receivedNanos, now)));
    }

    private static long between(long from, long to) {
        return from == NEVER || to == NEVER ? 0 : Math.max(0, to - from);
    }
}
