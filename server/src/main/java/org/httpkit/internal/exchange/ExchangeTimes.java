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
 * The notes about one request for observers that want a report; made only if there are any. The threads that process
 * the exchange write it, and the thread that ends the exchange reports it.
 */
public final class ExchangeTimes {
    /** The time of an event that has not happened. */
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
    // Counted by one thread after another, each of which synchronizes with the one before.
    private long requestBytes;
    private long responseBytes;

    public ExchangeTimes(ServerContext context, Link link, @Nullable Request request, long receivedNanos) {
        this.context = context;
        this.link = link;
        this.request = request;
        this.receivedNanos = receivedNanos;
    }

    /** Is called when bytes of the request's body have arrived. */
    void arrived(int bytes) {
        requestBytes += bytes;
    }

    /** Is called when the handler can be called. */
    void ready() {
        readyNanos = System.nanoTime();
    }

    /** Is called when the handler's call begins. */
    void called() {
        calledNanos = System.nanoTime();
    }

    /** Is called when the response begins; later calls have no effect. */
    void responding() {
        if (respondingNanos == NEVER) {
            respondingNanos = System.nanoTime();
        }
    }

    /** Is called when the link has received bytes of the response's body. */
    public void sent(long bytes) {
        responseBytes += bytes;
    }

    /**
     * Is called when the link has received the whole response. Reports the end when the response has left, or never
     * will.
     */
    public void finishWhenSent(Outflow out, int status, Outcome whole) {
        responding();
        out.whenSent(failure -> finish(status, failure == null ? whole : Outcome.CUT));
    }

    /** The outcome if the whole response leaves. */
    Outcome whole() {
        return calledNanos == NEVER ? Outcome.REFUSED : Outcome.ANSWERED;
    }

    /** Reports the end. */
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
