package org.httpkit.internal.connection;

import java.util.function.Function;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Protocol;
import org.httpkit.internal.proxy.ProxyDecoder;

/** Makes the protocols of one loop's new links. Confined to that loop. */
public final class Opener implements Function<Link, Protocol> {
    private final ServerContext context;
    private final HttpOpener http = new HttpOpener();

    public Opener(ServerContext context) {
        this.context = context;
    }

    @Override
    public Protocol apply(Link link) {
        Protocol protocol = first(context.current(), link);
        context.observer().connectionOpened(link.remoteAddress());
        return protocol;
    }

    private Protocol first(ServerContext current, Link link) {
        return switch (current.options().proxyProtocol()) {
            case DISABLED -> http.open(current, link, null, link.nanos());
            case ENABLED -> new ProxyProtocolConnection(current, link, ProxyDecoder.Mode.ENABLED, http);
            case OPTIONAL -> new ProxyProtocolConnection(current, link, ProxyDecoder.Mode.OPTIONAL, http);
        };
    }
}
