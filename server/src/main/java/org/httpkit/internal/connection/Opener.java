package org.httpkit.internal.connection;

import java.util.function.Function;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.exchange.ProxyPreface;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Protocol;
import org.httpkit.internal.proxy.ProxyDecoder;
import org.httpkit.internal.tls.TlsContext;
import org.jspecify.annotations.Nullable;

/**
 * Makes the protocols of one loop's new links, in this order: PROXY protocol, TLS, HTTP. Each takes its part and asks
 * the opener for the next. Confined to that loop.
 */
public final class Opener implements Function<Link, Protocol> {
    private final ServerContext context;
    private final HttpOpener http = new HttpOpener();

    public Opener(ServerContext context) {
        this.context = context;
    }

    @Override
    public Protocol apply(Link link) {
        assert link.isHeldByCaller();
        Protocol protocol = first(context.current(), link);
        context.observer().connectionOpened(link.remoteAddress());
        return protocol;
    }

    private Protocol first(ServerContext current, Link link) {
        return switch (current.options().proxyProtocol()) {
            case DISABLED -> afterProxy(current, link, null, link.nanos());
            case ENABLED -> behindProxy(current, link, ProxyDecoder.Mode.ENABLED);
            case OPTIONAL -> behindProxy(current, link, ProxyDecoder.Mode.OPTIONAL);
        };
    }

    private Protocol behindProxy(ServerContext current, Link link, ProxyDecoder.Mode mode) {
        long openedNanos = link.nanos();
        return new ProxyProtocolConnection(
                current, link, mode, proxied -> afterProxy(current, link, proxied, openedNanos));
    }

    /** Returns the protocol that comes first, or after the header of the PROXY protocol. */
    private Protocol afterProxy(ServerContext current, Link link, @Nullable ProxyPreface proxied, long openedNanos) {
        TlsContext tls = current.tls();
        return tls == null
                ? http.open(current, link, proxied, openedNanos)
                : new TlsConnection(
                        current,
                        link,
                        tls.begin(HttpOpener.applicationProtocols(current)),
                        openedNanos,
                        chosen ->
                                http.open(current, link, proxied, link.nanos(), chosen)); // a request can come only now
    }
}
