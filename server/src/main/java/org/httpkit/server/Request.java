package org.httpkit.server;

import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketAddress;
import org.httpkit.http.Headers;
import org.httpkit.http.HttpVersion;
import org.httpkit.http.Method;
import org.jspecify.annotations.Nullable;

/**
 * A request (RFC 9110). Immutable but for its body, which can be read; safe from any thread unless a method says otherwise.
 *
 * <p>Valid for as long as it is held: nothing in it is reused for a later request.
 */
public interface Request {

    /** The method; compare registered ones by {@code ==}. */
    Method method();

    /** The request target as it was sent (RFC 9112 section 3.2). */
    String target();

    /** The path, still percent-encoded: {@code /} at least, or {@code *} for {@code OPTIONS *}. */
    String path();

    /** What follows the {@code ?} of the target, still percent-encoded; null if there is no {@code ?}. */
    @Nullable
    String query();

    /**
     * The first parameter of that name in the query, percent-decoded as UTF-8, {@code +} as a space; null if there is none. A
     * parameter without {@code =} has the value {@code ""}.
     */
    default @Nullable String queryParameter(String name) {
        String query = query();
        return query == null ? null : UrlEncoded.first(query, name);
    }

    /** 1.0 or 1.1; a later 1.x counts as 1.1. */
    HttpVersion version();

    /** The header fields. */
    Headers headers();

    /** The value of the first field of that name, or null. */
    default @Nullable String header(String name) {
        return headers().first(name);
    }

    /** {@code http} or {@code https}: of a request behind a proxy, what the proxy says if we believe it. */
    String scheme();

    /** What the connection's TLS handshake has agreed on; null if the connection is not encrypted, though one to a proxy may be. */
    default @Nullable TlsSession tls() {
        return null;
    }

    /**
     * Host and port as the client named them: from an absolute target, else from {@code Host}; empty if it named none. Behind a
     * trusted proxy that tells it in {@code Forwarded}, what the client sent there.
     */
    String authority();

    /** The body; empty if the request has none. */
    RequestBody body();

    /** Trailer fields of a chunked body; empty until the body has been read to its end. */
    Headers trailers();

    /**
     * Who sent the request, as far as we believe it: the source in the PROXY protocol header ({@link
     * HttpServer.Builder#proxyProtocol}), and if that, or the peer, is one of the {@link HttpServer.Builder#trustedProxies}, the
     * right-most address in {@code Forwarded} (RFC 7239) or {@code X-Forwarded-For} that is none of them. Its port is 0 if no
     * proxy told it. Null for a client of a Unix domain socket without a name.
     */
    @Nullable
    SocketAddress remoteAddress();

    /** Who connected: the other end of the socket. Null for a client of a Unix domain socket without a name. */
    @Nullable
    SocketAddress peerAddress();

    /** What the proxy said at the beginning of the connection; null without a PROXY protocol header. */
    default @Nullable ProxyInfo proxyInfo() {
        return null;
    }

    /** Our end of the socket. */
    @Nullable
    SocketAddress localAddress();

    /** When the head had arrived, on the scale of {@link System#nanoTime}; as exact as the loop's cycle. */
    long receivedNanos();

    /**
     * Whether nobody waits for the answer any more: the peer ended or reset the connection, or the server was stopped. A long
     * computation may look at it now and then. (A client that only ended its sending side still gets the answer.)
     */
    boolean isCancelled();

    /**
     * Sends an interim response 103 with these fields, {@code Link} mostly, ahead of the response (RFC 8297). Does nothing for
     * an HTTP/1.0 client, which would not understand it, or when the response has begun.
     */
    void sendEarlyHints(Headers fields);

    /**
     * Begins the response, whose body the caller writes to the stream that this gives: for programs that push their answers, from whichever
     * thread, during the handler's call or after it. From here on the answer is the stream's, whatever the handler returns; if the handler throws
     * before the stream is closed, the response is cut. Handlers that can leave the writing to the server do better with {@link
     * Response#stream(BodyWriter)}, and those that must not wait with {@link #asChannel}.
     *
     * <p>A write blocks while the client does not keep up. Small writes are gathered; {@code flush} sends what has gathered, and the head. The
     * stream belongs to one thread at a time and has to be closed, which completes the response. The response is sent as it is: neither the
     * conditions and ranges of the request nor content codings are applied.
     *
     * <p>A write above the length throws an {@code IOException}, and so does {@code close} below it; either way the client notices: it gets 500
     * if nothing has been sent, else the connection is closed, or the stream reset in HTTP/2. A response without content, as to HEAD or with
     * 204 or 304, is complete when this returns; what is written is dropped.
     *
     * @param head status and fields; it has no body, and no trailers
     * @param length how many bytes the body has, 0 or more, told as {@code Content-Length}; or -1 if that is not known
     * @throws IllegalArgumentException if the length is below -1, or the head has a body
     * @throws IllegalStateException if this exchange has been answered, or has an {@link #asChannel}; or on an event loop, which must not
     *     wait ({@link Dispatch#INLINE})
     * @throws IOException if the response has no content, and the client has gone
     */
    OutputStream beginResponse(Response head, long length) throws IOException;

    /** Whether the client asks for a WebSocket on this request: a GET whose {@code Upgrade} lists {@code websocket}. */
    boolean isWebSocketUpgrade();

    /** {@link #asChannel(ChannelOptions, ChannelListener)} with default options. */
    default Response asChannel(ChannelListener listener) {
        return asChannel(ChannelOptions.DEFAULT, listener);
    }

    /**
     * Makes one asynchronous channel of this exchange: a WebSocket if the client asks for one, else an HTTP response that is
     * sent later or piece by piece. Calls {@link ChannelListener#init} and {@link ChannelListener#onOpen} before it returns.
     *
     * <p>From here on the answer is the channel's: it begins with the first send or {@code close}, which may come from any thread and
     * before the handler returns. The handler has to return what this gives, or bring it by {@link Response#later}. If it returns
     * anything else, null as well, what was sent on the channel is the answer, and a WebSocket stays open; if nothing was sent by then,
     * the client gets 500, {@link ServerObserver#handlerFailed} is called, and the channel closes. So the observer hears of a handler that keeps the
     * channel for another thread and drops this response, and the client does not wait in vain.
     *
     * <p>An answer on a channel has to begin within {@link ChannelOptions#answerTimeout}. A route that is for WebSockets alone says so by
     * {@link ChannelOptions#forWebSocketOnly}.
     *
     * @return what the handler has to return
     * @throws IllegalStateException if this exchange is a channel already, or has been answered
     */
    Response asChannel(ChannelOptions options, ChannelListener listener);

    /**
     * The channel of this exchange for a binding that sets callbacks one by one. It claims the exchange with the first thing that
     * is sent on it, or when the handler returns {@link Response#channel} with it. Until then the handler may also answer
     * otherwise, which closes the channel. May be called once. Its answer may take as long as it likes to begin.
     *
     * @throws IllegalStateException if this exchange has a channel already
     */
    AsyncChannel channel(ChannelCallbacks callbacks);
}
