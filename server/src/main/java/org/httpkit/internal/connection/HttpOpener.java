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

/** Begins HTTP on the links of one loop, in the version that the server or the client has chosen. Confined to that loop. */
final class HttpOpener {
    private static final String ALPN_HTTP_2 = "h2";
    private static final List<String> BOTH = List.of(ALPN_HTTP_2, "http/1.1");
    private static final List<String> HTTP_1_ALONE = List.of("http/1.1");
    private static final List<String> HTTP_2_ALONE = List.of(ALPN_HTTP_2);

    private final DecoderPool decoders = new DecoderPool();
    private final BlockScratch.Pool scratch = new BlockScratch.Pool();

    HttpOpener() {}

    /**
     * Begins HTTP where nothing but the client's first bytes says which version it is.
     *
     * @param proxied what a proxy has said before; null if none has
     * @param openedNanos since when the client may have sent its first request
     */
    Protocol open(ServerContext context, Link link, @Nullable ProxyPreface proxied, long openedNanos) {
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
     * Begins HTTP behind a handshake.
     *
     * @param chosen what ALPN has chosen; empty if nothing: that is HTTP/1.1 then
     */
    Protocol open(ServerContext context, Link link, @Nullable ProxyPreface proxied, long openedNanos, String chosen) {
        return chosen.equals(ALPN_HTTP_2)
                ? http2(context, link, proxied, new ConnectionPreface(), openedNanos)
                : http1(context, link, proxied, openedNanos);
    }

    /** What ALPN may choose (RFC 7301), the preferred first. */
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

    /** @param preface what is still to come of the client's preface; null if it has come */
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
