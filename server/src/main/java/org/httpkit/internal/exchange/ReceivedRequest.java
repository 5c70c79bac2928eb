package org.httpkit.internal.exchange;

import java.net.SocketAddress;
import org.httpkit.http.Headers;
import org.httpkit.http.HttpVersion;
import org.httpkit.http.Method;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Security;
import org.httpkit.server.ProxyInfo;
import org.httpkit.server.Request;
import org.httpkit.server.TlsSession;
import org.jspecify.annotations.Nullable;

/**
 * The facts from a request's head and its connection; a subclass holds the head. Complete before the handler is called.
 */
public abstract class ReceivedRequest implements Request {
    public final ServerContext context;
    public final Link link;
    private final long receivedNanos;

    /** Null if only the peer can be the sender. Set by the loop before the handler is called. */
    private @Nullable RequestOrigin sender;

    ReceivedRequest(ServerContext context, Link link, long receivedNanos) {
        this.context = context;
        this.link = link;
        this.receivedNanos = receivedNanos;
    }

    /** Copies a request without its head. */
    ReceivedRequest(ReceivedRequest other) {
        this(other.context, other.link, other.receivedNanos);
        this.sender = other.sender;
    }

    abstract RequestHead head();

    /** The kind under which the forecast counts calls to the channel's listener. */
    public abstract int kindOfCalls();

    /** Runs a task that may block on another thread of the worker. Returns false if the worker has no room for it. */
    public abstract boolean onOtherThread(Runnable task);

    public final void sentBy(RequestOrigin sender) {
        assert link.isHeldByCaller();
        this.sender = sender;
    }

    /** Replaces the fields that the application sees. */
    final void replaceHeaders(Headers headers) {
        sender = new RequestOrigin(remoteAddress(), scheme(), authority(), headers, proxyInfo());
    }

    // ---- the user

    @Override
    public final Method method() {
        return head().method();
    }

    @Override
    public final String target() {
        return head().target();
    }

    @Override
    public final String path() {
        return head().path();
    }

    @Override
    public final @Nullable String query() {
        return head().query();
    }

    @Override
    public final HttpVersion version() {
        return head().version();
    }

    @Override
    public final Headers headers() {
        Headers replaced = sender == null ? null : sender.headers();
        return replaced == null ? head() : replaced;
    }

    @Override
    public final String scheme() {
        return sender == null ? (link.isSecure() ? "https" : "http") : sender.scheme();
    }

    @Override
    public final @Nullable TlsSession tls() {
        Security security = link.security();
        return security == null ? null : TlsSessions.of(security);
    }

    @Override
    public final String authority() {
        return sender == null ? head().authority() : sender.authority();
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
        RequestHead head = head();
        return head.method().equals(Method.GET) && head.lists("Upgrade", "websocket");
    }

    @Override
    public String toString() {
        RequestHead head = head();
        return head.method() + " " + head.target();
    }
}
