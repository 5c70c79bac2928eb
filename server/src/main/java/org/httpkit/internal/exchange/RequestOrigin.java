package org.httpkit.internal.exchange;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.List;
import org.httpkit.http.Headers;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.proxy.ForwardedFor;
import org.httpkit.internal.proxy.ProxyViolationException;
import org.httpkit.server.Cidr;
import org.httpkit.server.ProxyInfo;
import org.jspecify.annotations.Nullable;

/**
 * The sender of a request that may have come through proxies, as far as the server believes the proxies. Immutable.
 *
 * @param address null if it is unknown
 * @param scheme {@code http} or {@code https}
 * @param authority the authority that the client asked for
 * @param headers the fields that the handler sees, if they differ from those sent
 * @param proxyInfo the proxy's header at the beginning of the connection, or null
 */
public record RequestOrigin(
        @Nullable SocketAddress address,
        String scheme,
        String authority,
        @Nullable Headers headers,
        @Nullable ProxyInfo proxyInfo) {

    /**
     * Reads first the proxy's header at the beginning of the connection, then, if that leads to a trusted proxy, the
     * fields.
     *
     * @throws ProxyViolationException if the fields contradict each other
     */
    public static RequestOrigin of(RequestHead head, Link link, @Nullable ProxyPreface proxied, List<Cidr> trusted)
            throws ProxyViolationException {
        SocketAddress address = link.remoteAddress();
        String scheme = link.isSecure() ? "https" : "http";
        String authority = head.authority();
        if (proxied != null) {
            scheme = link.isSecure() ? scheme : proxied.scheme();
            SocketAddress source = proxied.header().source();
            address = source == null ? address : source;
        }
        ForwardedFor believed = toldByFields(head, link, proxied, address, trusted);
        if (believed != null) {
            address = believed.client();
            scheme = believed.scheme() == null ? scheme : believed.scheme();
            authority = believed.host() == null ? authority : believed.host();
        }
        if (proxied == null) {
            return new RequestOrigin(address, scheme, authority, null, null);
        }
        SocketAddress destination = proxied.header().destination();
        Headers headers = replaced(head, address, scheme, destination == null ? link.localAddress() : destination);
        return new RequestOrigin(address, scheme, authority, headers, proxied.info());
    }

    /** Returns the fields' report of the client behind this address; null if the address is not a trusted proxy. */
    private static @Nullable ForwardedFor toldByFields(
            RequestHead head,
            Link link,
            @Nullable ProxyPreface proxied,
            @Nullable SocketAddress address,
            List<Cidr> trusted)
            throws ProxyViolationException {
        if (trusted.isEmpty() || (proxied != null && proxied.hidesClient())) {
            return null; // the proxy's address stands for an unknown sender, who may have written the fields
        }
        if (address instanceof InetSocketAddress peer) {
            return ForwardedFor.believed(peer, candidate -> ServerContext.isIn(trusted, candidate), head);
        }
        return trusted.contains(Cidr.UNIX) && address == null && isUnix(link)
                ? ForwardedFor.toldBy(null, candidate -> ServerContext.isIn(trusted, candidate), head)
                : null;
    }

    /** Replaces the forwarding fields: a client's text there must not pass for the proxy's. */
    private static Headers replaced(
            Headers headers, @Nullable SocketAddress client, String scheme, @Nullable SocketAddress destination) {
        Headers rest =
                headers.minus("X-Forwarded-For").minus("X-Forwarded-Proto").minus("X-Forwarded-Port");
        if (client instanceof InetSocketAddress inet) {
            rest = rest.plus("X-Forwarded-For", inet.getAddress().getHostAddress());
        }
        rest = rest.plus("X-Forwarded-Proto", scheme);
        if (destination instanceof InetSocketAddress inet) {
            rest = rest.plus("X-Forwarded-Port", Integer.toString(inet.getPort()));
        }
        return rest;
    }

    private static boolean isUnix(Link link) {
        return link.localAddress() instanceof UnixDomainSocketAddress;
    }
}
