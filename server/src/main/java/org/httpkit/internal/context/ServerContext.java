package org.httpkit.internal.context;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Lock;
import org.httpkit.internal.fields.HeadLimits;
import org.httpkit.internal.http2.Http2Limits;
import org.httpkit.internal.net.ConnectionLimits;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Outflow;
import org.httpkit.internal.net.Protocol;
import org.httpkit.internal.net.ShedException;
import org.httpkit.internal.tls.TlsContext;
import org.httpkit.server.Cidr;
import org.httpkit.server.CloseReason;
import org.httpkit.server.CloseReason.Cause;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.ServerObserver;
import org.httpkit.server.ServerOptions;
import org.jspecify.annotations.Nullable;

/**
 * A server's options, ready for use by its connections, together with what these share. Safe from any thread.
 *
 * <p>The options never change: a server that gets other options replaces its context. A connection takes the {@link #current}
 * one when a request begins, and the exchange keeps it, so one set of options governs the whole exchange.
 */
public final class ServerContext implements ConnectionLimits {
    public final ServerOptions options;
    public final Handler handler;
    /** Where calls of the application's code run. */
    public final CallPlacer calls;
    /** Never throws. */
    public final ServerObserver observer;

    public final Environment environment;
    /** What each thread has sent last. */
    public final FanOut fanOut;

    public final HeadLimits limits;
    public final ResponseHeads heads;
    public final Http2Limits http2Limits;
    public final FieldBlocks blocks;
    final Counters counters;
    public final Timeouts timeouts;

    private final boolean codes;
    /** Made when there are pages for errors: when it is needed, there may be no thread to ask for one. */
    private volatile @Nullable Response overloadedPage;

    private final Executor worker;
    private final Shared shared;

    /** State that outlives a change of the options. */
    private static final class Shared {
        final Counters counters = new Counters();
        final FanOut fanOut = new FanOut();
        final ServerObserver observer;
        final Environment environment;
        /** Made when the options first ask for them. */
        @Nullable
        Coders coders;

        volatile @Nullable TlsContext tls;
        volatile boolean stopping;
        volatile long answersDueNanos = Protocol.NO_DEADLINE;
        volatile boolean cutting;
        volatile @Nullable ServerContext current;

        Shared(ServerObserver observer, Environment environment) {
            this.observer = observer;
            this.environment = environment;
        }
    }

    private ServerContext(ServerOptions options, Executor worker, Shared shared) {
        this.shared = shared;
        this.worker = worker;
        this.counters = shared.counters;
        this.environment = shared.environment;
        this.fanOut = shared.fanOut;
        this.options = options;
        this.handler = options.handler();
        this.calls = new CallPlacer(worker, options.dispatch() == Dispatch.INLINE, environment.forecast());
        this.observer = shared.observer;
        this.limits = new HeadLimits(options.maxLineBytes(), options.maxHeaderBytes(), options.maxHeaderCount());
        this.heads = new ResponseHeads(options.serverHeader(), environment.clock());
        this.http2Limits = Http2Limits.of(options.maxLineBytes(), options.maxHeaderBytes(), options.maxHeaderCount());
        this.blocks = new FieldBlocks(options.serverHeader(), environment.clock());
        this.timeouts = new Timeouts(options);
        this.codes = options.compression().isOn();
        if ((codes || options.decompressRequests()) && shared.coders == null) {
            shared.coders = Coders.find();
        }
    }

    /**
     * The context of a new server.
     *
     * @param observer the observer of the options, combined with the server's; never throws
     */
    public static ServerContext of(ServerOptions options, Executor worker, ServerObserver observer) {
        return of(options, worker, observer, Environment.real(options));
    }

    /** The context of a new server in this environment. */
    public static ServerContext of(
            ServerOptions options, Executor worker, ServerObserver observer, Environment environment) {
        return new ServerContext(options, worker, new Shared(observer, environment));
    }

    /** Applies other options to everything that begins from now on. */
    public void changeTo(ServerContext next) {
        shared.current = next;
    }

    /** A context with these options, for {@link #changeTo}. */
    public ServerContext with(ServerOptions others) {
        return new ServerContext(others, worker, shared);
    }

    /** The context with the options of this moment. */
    public ServerContext current() {
        ServerContext latest = shared.current;
        return latest == null ? this : latest;
    }

    /** The certificates of this moment, and what else a handshake takes; null without TLS. */
    public @Nullable TlsContext tls() {
        return shared.tls;
    }

    /** Applies these certificates to handshakes that begin from now on. */
    public void useTls(@Nullable TlsContext tls) {
        shared.tls = tls;
    }

    public HandshakeThreads handshakeThreads() {
        return environment.handshakes();
    }

    /** A handshake is over. */
    public void handshakeDone(Link link, boolean resumed) {
        counters.handshakeDone(resumed);
        observer.handshakeDone(link.remoteAddress(), resumed);
    }

    /** A handshake has failed. */
    public void handshakeFailed(Link link, String why) {
        counters.handshakeFailed();
        observer.handshakeFailed(link.remoteAddress(), why);
    }

    /** The loops have ended: nothing is computed for a connection any more. */
    public void end() {
        environment.handshakes().end();
    }

    public ServerOptions options() {
        return options;
    }

    @Override
    public int maxConnections() {
        return current().options.maxConnections();
    }

    @Override
    public int maxConnectionsPerAddress() {
        int most = current().options.maxConnectionsPerAddress();
        return most == 0 ? Integer.MAX_VALUE : most;
    }

    @Override
    public long maxReceivedBytesTotal() {
        return current().options.maxReceivedBytesTotal();
    }

    @Override
    public long maxReceivedBytesPerAddress() {
        long most = current().options.maxReceivedBytesPerAddress();
        return most == 0 ? Long.MAX_VALUE : most;
    }

    /** A trusted proxy speaks for many. */
    @Override
    public boolean isExempt(InetAddress address) {
        return isIn(current().options.trustedProxies(), address);
    }

    /** Whether one of the blocks contains the address. */
    public static boolean isIn(List<Cidr> blocks, InetAddress address) {
        for (Cidr block : blocks) {
            if (block.contains(address)) {
                return true;
            }
        }
        return false;
    }

    /** A connection was closed before anything else because its client has too many. */
    public void refused(InetAddress client) {
        counters.closed(Cause.ADDRESS_LIMIT);
        observer.connectionRefused(client);
    }

    /** A connection is closed: for that cause, or by that failure. */
    public void closed(Link link, Cause cause, @Nullable IOException failure) {
        counters.closed(cause);
        if (failure instanceof ShedException shed) {
            observer.connectionShed(link.remoteAddress(), shed.queuedBytes());
        }
        observer.connectionClosed(link.remoteAddress(), cause);
    }

    /** A connection is ended that has been idle for so long, since a new one has come and there was no room. */
    public void connectionGivenUp(Link link, long idleNanos) {
        observer.connectionGivenUp(link.remoteAddress(), Duration.ofNanos(Math.max(0, idleNanos)));
    }

    /** The server held too much of what it received, and most for longest for that connection, which is ended. */
    public void inputShed(Link link, long heldBytes) {
        observer.inputShed(link.remoteAddress(), heldBytes);
    }

    /** A client has opened a stream of HTTP/2. */
    public void streamOpened() {
        counters.streamOpened();
    }

    /** Counts streams that are no longer open. */
    public void streamsEnded(int count) {
        counters.streamsEnded(count);
    }

    /** An answer has to wait for a window of its client's. */
    public void streamHeldBack() {
        counters.streamHeldBack();
    }

    /**
     * A stream was reset.
     *
     * @param request the stream's request; null if none came
     */
    public void streamReset(@Nullable Request request, boolean byClient, String code) {
        counters.streamReset(byClient);
        if (request != null) {
            observer.streamReset(request, byClient, code);
        }
    }

    /** A request has become a WebSocket. */
    public void webSocketOpened(Request request) {
        counters.webSocketOpened();
        observer.webSocketOpened(request);
    }

    /** That WebSocket is closed. */
    public void webSocketClosed(Request request, CloseReason reason) {
        counters.webSocketClosed();
        observer.webSocketClosed(request, reason);
    }

    /**
     * From now on no connection stays open for another request.
     *
     * @param answersDueNanos by when clients get an answer that wait on a channel whose response has not begun
     */
    public void stop(long answersDueNanos) {
        shared.answersDueNanos = answersDueNanos;
        stop();
    }

    /** From now on no connection is kept for another request. */
    public void stop() {
        shared.stopping = true;
    }

    /** The stop waits no longer: what has not left when its connection closes is cut. */
    public void cut() {
        shared.cutting = true;
    }

    public long answersDueNanos() {
        return shared.answersDueNanos;
    }

    public boolean isStopping() {
        return shared.stopping;
    }

    /** The page for 503 that was made beforehand; the plain answer if there is none. */
    public Response overloadedPage(Response plain) {
        Response made = overloadedPage;
        return made == null ? plain : made;
    }

    /** Sets the answer of an overloaded server from now on. */
    public void setOverloadedPage(Response page) {
        overloadedPage = page;
    }

    /** Whether responses may be compressed. */
    public boolean codes() {
        return codes;
    }

    /**
     * The content codings.
     *
     * @throws IllegalStateException if the options want nothing to be coded or decoded
     */
    public Coders coders() {
        Coders made = shared.coders;
        if (made == null) {
            throw new IllegalStateException("Nothing is coded");
        }
        return made;
    }

    /** The lock of a body that is streamed. */
    public Lock newBodyLock() {
        return environment.bodyLocks().get();
    }

    public ServerObserver observer() {
        return observer;
    }

    public void exchangeBegan() {
        counters.exchangeBegan();
    }

    /**
     * Counts an exchange that has ended, and its response.
     *
     * @param status 0 if no response was begun
     */
    public void exchangeEnded(int status) {
        if (status != 0) {
            counters.responded(status); // first: an exchange that no longer runs has its response counted
        }
        counters.exchangeEnded();
    }

    /**
     * Counts an answer that waits to leave in the report of a stop, which says whether it left in time.
     *
     * <p>Ignores an answer that comes after the stop has cut exchanges: its exchange already counts as cut.
     */
    public void reportLeaving(Outflow out) {
        if (!shared.cutting) {
            out.whenSent(this::leftOrCut);
        }
    }

    private void leftOrCut(@Nullable IOException failure) {
        if (failure == null && shared.stopping) {
            counters.exchangeDrained();
        } else if (failure != null && shared.cutting) {
            counters.answerCut();
        }
    }

    /** Tells the observer that a final response has been handed to a link. */
    public void responded(Request request, int status) {
        observer.responded(request, status);
    }

    /** Counts the refusal of what did not become an exchange, and tells the observer that it has been handed to a link. */
    public void refused(int status) {
        counters.responded(status);
        observer.responded(null, status);
    }

    public Counters counters() {
        return counters;
    }
}
