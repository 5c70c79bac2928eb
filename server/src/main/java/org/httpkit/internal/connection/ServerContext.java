package org.httpkit.internal.connection;

import java.net.InetAddress;
import java.util.concurrent.Executor;
import org.httpkit.internal.http1.HeadScratch;
import org.httpkit.internal.http1.Http1Limits;
import org.httpkit.internal.net.ConnectionLimits;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Protocol;
import org.httpkit.internal.proxy.ProxyDecoder;
import org.httpkit.server.CloseReason.Cause;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.ServerObserver;
import org.httpkit.server.ServerOptions;
import org.jspecify.annotations.Nullable;

/** What all connections of a server share. Safe from any thread. */
public final class ServerContext implements ConnectionLimits {
    final ServerOptions options;
    final Handler handler;
    final Executor worker;
    final Observing observer;
    final boolean inline;
    final Http1Limits limits;
    final ResponseHeads heads;
    final Counters counters = new Counters();

    final Timeouts timeouts;

    private final ThreadLocal<HeadScratch> headScratch = ThreadLocal.withInitial(HeadScratch::new);
    private volatile boolean stopping;

    public ServerContext(ServerOptions options, Executor worker) {
        this.options = options;
        this.handler = options.handler();
        this.worker = worker;
        this.observer = new Observing(options.observer());
        this.inline = options.dispatch() == Dispatch.INLINE;
        this.limits = new Http1Limits(options.maxLineBytes(), options.maxHeaderBytes(), options.maxHeaderCount());
        this.heads = new ResponseHeads(options.serverHeader());
        this.timeouts = new Timeouts(options);
    }

    /** Makes the protocol of a new link; on its loop. */
    public Protocol open(Link link) {
        return switch (options.proxyProtocol()) {
            case DISABLED -> openHttp(link, null, link.nanos());
            case ENABLED -> new ProxyProtocolConnection(this, link, ProxyDecoder.Mode.ENABLED);
            case OPTIONAL -> new ProxyProtocolConnection(this, link, ProxyDecoder.Mode.OPTIONAL);
        };
    }

    /** Makes the HTTP connection of a link that was opened then, on its loop; a proxy may have said before whose it is. */
    HttpConnection openHttp(Link link, @Nullable Proxied proxied, long openedNanos) {
        return new HttpConnection(this, link, headScratch.get(), proxied, openedNanos);
    }

    @Override
    public int maxConnections() {
        return options.maxConnections();
    }

    @Override
    public int maxConnectionsPerAddress() {
        int most = options.maxConnectionsPerAddress();
        return most == 0 ? Integer.MAX_VALUE : most;
    }

    /** A trusted proxy speaks for many. */
    @Override
    public boolean isExempt(InetAddress address) {
        return Sender.isIn(options.trustedProxies(), address);
    }

    /** A connection was closed before anything else because its client has too many. */
    public void refused(InetAddress client) {
        counters.closed(Cause.ADDRESS_LIMIT);
        observer.connectionRefused(client);
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
        counters.exchangeBegan();
    }

    void exchangeEnded() {
        counters.exchangeEnded();
    }

    /** A final response has been handed to a link. */
    void responded(@Nullable Request request, int status) {
        counters.responded(status);
        observer.responded(request, status);
    }

    public Counters counters() {
        return counters;
    }
}
