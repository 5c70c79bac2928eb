package org.httpkit.internal.connection;

import java.net.SocketAddress;
import org.httpkit.http.Headers;
import org.httpkit.http.HttpVersion;
import org.httpkit.http.Method;
import org.httpkit.internal.http1.RequestHead;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.websocket.Handshake;
import org.httpkit.server.ProxyInfo;
import org.httpkit.server.Request;
import org.httpkit.server.RequestBody;
import org.jspecify.annotations.Nullable;

/** What is known of a request by itself: its head, its body, and who sent it. Complete before the handler is called. */
abstract class ReceivedRequest implements Request {
    final Link link;
    final RequestHead head;
    private final long receivedNanos;

    // Set by the loop before the handler is called.
    @Nullable
    RequestBody body;

    private Headers trailers = Headers.empty();
    /** Null if nobody but the peer comes into question. */
    private @Nullable Sender sender;

    ReceivedRequest(Link link, RequestHead head, long receivedNanos) {
        this.link = link;
        this.head = head;
        this.receivedNanos = receivedNanos;
    }

    final RequestHead head() {
        return head;
    }

    final void sentBy(Sender sender) {
        this.sender = sender;
    }

    final void collected(byte[] bytes, Headers trailers) {
        this.body = new CollectedBody(bytes, Charsets.of(head));
        this.trailers = trailers;
    }

    final StreamedBody streamedBody() {
        if (body instanceof StreamedBody streamed) {
            return streamed;
        }
        throw new IllegalStateException("The body is not streamed");
    }

    // ---- the user

    @Override
    public final Method method() {
        return head.method();
    }

    @Override
    public final String target() {
        return head.target();
    }

    @Override
    public final String path() {
        return head.path();
    }

    @Override
    public final @Nullable String query() {
        return head.query();
    }

    @Override
    public final HttpVersion version() {
        return head.version();
    }

    @Override
    public final Headers headers() {
        return sender == null ? head : sender.headers();
    }

    @Override
    public final String scheme() {
        return sender == null ? "http" : sender.scheme();
    }

    @Override
    public final String authority() {
        return sender == null ? head.authority() : sender.authority();
    }

    @Override
    public final RequestBody body() {
        RequestBody known = body;
        return known != null ? known : CollectedBody.EMPTY;
    }

    @Override
    public final Headers trailers() {
        return body instanceof StreamedBody streamed ? streamed.trailers() : trailers;
    }

    @Override
    public final @Nullable SocketAddress remoteAddress() {
        return sender == null ? link.remoteAddress() : sender.address();
    }

    @Override
    public final @Nullable ProxyInfo proxyInfo() {
        return sender == null ? null : sender.proxyInfo();
    }

    @Override
    public final @Nullable SocketAddress peerAddress() {
        return link.remoteAddress();
    }

    @Override
    public final @Nullable SocketAddress localAddress() {
        return link.localAddress();
    }

    @Override
    public final long receivedNanos() {
        return receivedNanos;
    }

    @Override
    public final boolean isWebSocketUpgrade() {
        return Handshake.isRequested(head.method(), head);
    }

    @Override
    public String toString() {
        return head.method() + " " + head.target();
    }
}
