package org.httpkit.server;

import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketAddress;
import java.time.Duration;
import org.httpkit.http.Headers;
import org.httpkit.http.HttpVersion;
import org.httpkit.http.Method;
import org.jspecify.annotations.Nullable;

/**
 * A request (RFC 9110). Immutable, except that its body can be read. Safe from any thread unless a method says
 * otherwise.
 *
 * <p>A request stays valid for as long as you hold it: the server reuses nothing in it.
 */
public interface Request {

    /**
     * The request as the server has received it: this one, or the innermost one if this wraps another. A {@link
     * ServerObserver} gets the same object, so that what a handler notes about a request can be found there.
     */
    default Request original() {
        return this;
    }

    /** The method. You can compare registered methods by {@code ==}. */
    Method method();

    /** The request target as the client sent it (RFC 9112 section 3.2). */
    String target();

    /**
     * The path, still percent-encoded: {@code /} at least, or {@code *} for {@code OPTIONS *}. Empty for CONNECT, which
     * the server refuses: only observers see such a request.
     */
    String path();

    /** What follows the {@code ?} of the target, still percent-encoded; null if there is no {@code ?}. */
    @Nullable
    String query();

    /**
     * The value of the first parameter of that name in the query, percent-decoded as UTF-8, with {@code +} as a
     * space. Null if there is no such parameter. A parameter without {@code =} has the value {@code ""}.
     */
    default @Nullable String queryParameter(String name) {
        String query = query();
        return query == null ? null : UrlEncoded.first(query, name);
    }

    /** 1.0, 1.1 or 2; a later 1.x counts as 1.1. */
    HttpVersion version();

    /** The header fields. */
    Headers headers();

    /** The value of the first field of that name, or null. */
    default @Nullable String header(String name) {
        return headers().first(name);
    }

    /** {@code http} or {@code https}. Behind a trusted proxy, the scheme that the proxy names. */
    String scheme();

    /**
     * The result of the connection's TLS handshake. Null if this connection is not encrypted, even if the client's
     * connection to a proxy is.
     */
    default @Nullable TlsSession tls() {
        return null;
    }

    /**
     * The host and port that the client named, in an absolute target or in {@code Host}; empty if it named none.
     * Behind a trusted proxy that writes the host into {@code Forwarded}, that host.
     */
    String authority();

    /** The body; empty if the request has none. */
    RequestBody body();

    /** Trailer fields of a body, over HTTP/2 or in chunks; empty until the body has been read to its end. */
    Headers trailers();

    /**
     * The client's address, as far as the server trusts it. It begins with the source in the PROXY protocol header
     * ({@link HttpServer.Builder#proxyProtocol}), or else with the peer. If that is one of the {@link
     * HttpServer.Builder#trustedProxies}, it is the right-most address in {@code Forwarded} (RFC 7239) or {@code
     * X-Forwarded-For} that is not a trusted proxy. The port is 0 if no proxy named one. Null for a client of a Unix
     * domain socket without a name.
     */
    @Nullable
    SocketAddress remoteAddress();

    /** Who connected: the other end of the socket. Null for a client of a Unix domain socket without a name. */
    @Nullable
    SocketAddress peerAddress();

    /** The contents of the PROXY protocol header at the beginning of the connection; null if there was none. */
    default @Nullable ProxyInfo proxyInfo() {
        return null;
    }

    /** Our end of the socket. */
    @Nullable
    SocketAddress localAddress();

    /** When the head had arrived, on the scale of {@link System#nanoTime}, as exact as a cycle of the event loop. */
    long receivedNanos();

    /**
     * Whether nobody waits for the response any more, because the client closed or reset the connection or the
     * stream, or the server stopped. Long computations should check this now and then. A client that has only closed
     * its sending side still gets the response.
     */
    boolean isCancelled();

    /**
     * Sends an interim response 103 with these fields, usually {@code Link}, before the response (RFC 8297). Leaves
     * out fields that belong to the server, such as {@code Content-Length}. Does nothing for an HTTP/1.0 client, which
     * would not understand it, and once the response has begun.
     */
    void sendEarlyHints(Headers fields);

    /**
     * Begins the response and returns the stream for its body. This method is for programs that write their response from any thread,
     * during the handler's call or after it. A handler that can leave the writing to the server should return {@link
     * Response#stream(BodyWriter)}; one that must not wait should call {@link #asChannel}.
     *
     * <p>From now on the stream is the response, whatever the handler returns. If the handler throws before the stream is closed, the server cuts the
     * response. Closing the stream completes the response. If you never close it, the client waits. One thread at a time may use it.
     *
     * <p>A write blocks while the client falls behind. The stream gathers small writes; {@code flush} sends what it has gathered, and the head. The
     * server applies neither the conditions and ranges of the request nor content codings.
     *
     * <p>A write beyond the length throws an {@code IOException}, and {@code close} throws one if bytes are missing. The client then gets 500 if
     * nothing has been sent; otherwise the connection closes, or HTTP/2 resets the stream. A response without content, such as one to HEAD or with
     * status 204 or 304, is complete when this method returns, and the stream drops what is written.
     *
     * @param head status and fields, without a body and trailers
     * @param length how many bytes the body has, 0 or more, sent as {@code Content-Length}; -1 if the length is unknown
     * @throws IllegalArgumentException if the length is below -1, or the head has a body or trailers
     * @throws IllegalStateException if this exchange has been answered, or is a channel; or if the caller runs on an event loop, which must
     *     not wait ({@link Dispatch#INLINE})
     * @throws IOException if the response has no content, and the client has gone
     */
    OutputStream beginResponse(Response head, long length) throws IOException;

    /**
     * Switches the connection to a protocol of the application's (RFC 9110 section 7.8): sends 101 with {@code Upgrade}
     * and {@code Connection}, and returns the connection, on which HTTP is over. It is the answer, whatever the handler
     * returns. If the handler throws before the connection is closed, the server cuts it.
     *
     * <p>A WebSocket needs no such switch: see {@link #asChannel}.
     *
     * @param protocol the protocol, which the client must offer in {@code Upgrade}
     * @param fields further fields for the answer; {@code Upgrade} and {@code Connection} do not count
     * @param idleTimeout how long nothing may pass in either direction before the server closes the connection; above
     *     zero, and at most 3650 days
     * @throws IllegalArgumentException if the client does not offer the protocol, a field cannot be written, or the time
     *     is out of range
     * @throws IllegalStateException if the version is not HTTP/1.1, or the body is streamed ({@link Handler#streamsBody}); if this exchange has been
     *     answered, or is a channel; or if the caller runs on an event loop, which must not wait ({@link Dispatch#INLINE})
     */
    UpgradedConnection switchProtocols(String protocol, Headers fields, Duration idleTimeout);

    /**
     * Whether this request asks for a WebSocket: a GET whose {@code Upgrade} lists {@code websocket}, or an extended
     * CONNECT (RFC 8441).
     */
    boolean isWebSocketUpgrade();

    /** Calls {@link #asChannel(ChannelOptions, ChannelListener)} with default options. */
    default Response asChannel(ChannelListener listener) {
        return asChannel(ChannelOptions.DEFAULT, listener);
    }

    /**
     * Turns this exchange into an asynchronous channel: a WebSocket if the client asks for one, otherwise an HTTP
     * response that is sent later or piece by piece. Calls {@link ChannelListener#init} and {@link
     * ChannelListener#onOpen} before it returns.
     *
     * <p>From now on the channel answers. The response begins with the first send or {@code close}, which any thread
     * may call, even before the handler returns. The handler must return what this method returns, or deliver it by
     * {@link Response#later}. If it returns anything else, including null, what was sent on the channel is the
     * response, and a WebSocket stays open. If nothing was sent by then, the client gets 500, the server calls {@link
     * ServerObserver#handlerFailed}, and the channel closes, so that the mistake shows and the client does not wait
     * in vain.
     *
     * <p>The response must begin within {@link ChannelOptions#answerTimeout}. {@link ChannelOptions#forWebSocketOnly}
     * refuses plain HTTP.
     *
     * @return what the handler must return
     * @throws IllegalStateException if this exchange is already a channel, or has been answered
     */
    Response asChannel(ChannelOptions options, ChannelListener listener);

    /**
     * The channel of this exchange, for a binding that sets callbacks one by one. The channel takes over the exchange
     * with the first thing that is sent on it, or when the handler returns {@link Response#channel} with it. Until
     * then the handler may also answer otherwise, which closes the channel. Call this once at most. The response may
     * take any time to begin.
     *
     * @throws IllegalStateException if this exchange already has a channel
     */
    AsyncChannel channel(ChannelCallbacks callbacks);
}
