package org.httpkit.internal.connection;

import java.util.List;
import java.util.Set;
import org.httpkit.http.HttpVersion;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.exchange.ProxyPreface;
import org.httpkit.internal.http1.DecoderPool;
import org.httpkit.internal.http2.BlockScratch;
import org.httpkit.internal.http2.ConnectionPreface;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Protocol;
import org.jspecify.annotations.Nullable;

/** Begins HTTP on the links of one loop, in the version that the server or the client chose. Confined to that loop. */
final class HttpOpener {
    private static final String ALPN_HTTP_2 = "h2";
    private static final List<String> BOTH = List.of(ALPN_HTTP_2, "http/1.1");
    private static final List<String> HTTP_1_ALONE = List.of("http/1.1");
    private static final List<String> HTTP_2_ALONE = List.of(ALPN_HTTP_2);

    private final DecoderPool decoders = new DecoderPool();
    private final BlockScratch.Pool scratch = new BlockScratch.Pool();

    HttpOpener() {}

    /**
     * Begins HTTP where only the client's first bytes show the version.
     *
     * @param proxied the header that a proxy sent before; null if none did
     * @param openedNanos when the client could first have sent a request
     */
    Protocol open(ServerContext context, Link link, @Nullable ProxyPreface proxied, long openedNanos) {
        assert link.isHeldByCaller();
        Set<HttpVersion> protocols = context.options.protocols();
        if (!protocols.contains(HttpVersion.HTTP_2)) {
            return http1(context, link, proxied, openedNanos);
        }
        if (!protocols.contains(HttpVersion.HTTP_1_1)) {
            return http2(context, link, proxied, new ConnectionPreface(), openedNanos);
        }
        return new ProtocolChoice(this, context, link, proxied, openedNanos);
    }

    /**
     * Begins HTTP after a TLS handshake.
     *
     * @param chosen the protocol that ALPN chose; empty if none, which means HTTP/1.1, unless that is off
     */
    Protocol open(ServerContext context, Link link, @Nullable ProxyPreface proxied, long openedNanos, String chosen) {
        assert link.isHeldByCaller();
        boolean isHttp2 =
                chosen.equals(ALPN_HTTP_2) || !context.options.protocols().contains(HttpVersion.HTTP_1_1);
        return isHttp2
                ? http2(context, link, proxied, new ConnectionPreface(), openedNanos)
                : http1(context, link, proxied, openedNanos);
    }

    /** The protocols that ALPN may choose from (RFC 7301), the preferred first. */
    static List<String> applicationProtocols(ServerContext context) {
        Set<HttpVersion> protocols = context.options.protocols();
        if (!protocols.contains(HttpVersion.HTTP_2)) {
            return HTTP_1_ALONE;
        }
        return protocols.contains(HttpVersion.HTTP_1_1) ? BOTH : HTTP_2_ALONE;
    }

    Http1Connection http1(ServerContext context, Link link, @Nullable ProxyPreface proxied, long openedNanos) {
        return new Http1Connection(context, link, decoders, proxied, openedNanos);
    }

    /** @param preface the rest of the client's preface, still to come; null if all has come */
    Http2Connection http2(
            ServerContext context,
            Link link,
            @Nullable ProxyPreface proxied,
            @Nullable ConnectionPreface preface,
            long openedNanos) {
        Http2Connection connection = new Http2Connection(context, link, scratch, proxied, preface, openedNanos);
        connection.greet();
        return connection;
    }
}
