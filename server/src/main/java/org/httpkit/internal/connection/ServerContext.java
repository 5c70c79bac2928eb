package org.httpkit.internal.connection;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import org.httpkit.internal.http1.HeadScratch;
import org.httpkit.internal.http1.Http1Limits;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Protocol;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.ServerObserver;
import org.httpkit.server.ServerOptions;

/** What all connections of a server share. Safe from any thread. */
public final class ServerContext {
    final ServerOptions options;
    final Handler handler;
    final Executor worker;
    final Observing observer;
    final boolean inline;
    final Http1Limits limits;
    final ResponseHeads heads;

    final long headerTimeoutNanos;
    final long bodyTimeoutNanos;
    final long idleTimeoutNanos;
    final long writeTimeoutNanos;
    final long closeTimeoutNanos;
    final long pingIntervalNanos;

    private final ThreadLocal<HeadScratch> headScratch = ThreadLocal.withInitial(HeadScratch::new);
    private final LongAdder begun = new LongAdder();
    private final LongAdder ended = new LongAdder();
    private volatile boolean stopping;

    public ServerContext(ServerOptions options, Executor worker) {
        this.options = options;
        this.handler = options.handler();
        this.worker = worker;
        this.observer = new Observing(options.observer());
        this.inline = options.dispatch() == Dispatch.INLINE;
        this.limits = new Http1Limits(options.maxLineBytes(), options.maxHeaderBytes(), options.maxHeaderCount());
        this.heads = new ResponseHeads(options.serverHeader());
        this.headerTimeoutNanos = nanosOrNever(options.headerTimeout());
        this.bodyTimeoutNanos = nanosOrNever(options.bodyTimeout());
        this.idleTimeoutNanos = nanosOrNever(options.idleTimeout());
        this.writeTimeoutNanos = nanosOrNever(options.writeTimeout());
        this.pingIntervalNanos = nanosOrNever(options.pingInterval());
        this.closeTimeoutNanos = options.closeTimeout().toNanos();
    }

    /** Makes the protocol of a new link; on its loop. */
    public Protocol open(Link link) {
        return new HttpConnection(this, link, headScratch.get());
    }

    /** From now on no connection is kept for another request. */
    public void stop() {
        stopping = true;
    }

    boolean isStopping() {
        return stopping;
    }

    public ServerObserver observer() {
        return observer;
    }

    void exchangeBegan() {
        begun.increment();
    }

    void exchangeEnded() {
        ended.increment();
    }

    /** How many exchanges have been answered in full. */
    public long exchangesEnded() {
        return ended.sum();
    }

    /** How many exchanges run. */
    public long exchangesRunning() {
        long over = ended.sum(); // first: what ends between the two looks must not make the difference negative
        return Math.max(0, begun.sum() - over);
    }

    private static long nanosOrNever(Duration timeout) {
        return timeout.isZero() ? Protocol.NO_DEADLINE : timeout.toNanos();
    }
}
