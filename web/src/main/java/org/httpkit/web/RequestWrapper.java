package org.httpkit.web;

import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Objects;
import org.httpkit.http.Headers;
import org.httpkit.http.HttpVersion;
import org.httpkit.http.Method;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelCallbacks;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.ProxyInfo;
import org.httpkit.server.Request;
import org.httpkit.server.RequestBody;
import org.httpkit.server.Response;
import org.httpkit.server.TlsSession;
import org.httpkit.server.UpgradedConnection;
import org.jspecify.annotations.Nullable;

/**
 * A request that passes all calls on to another one, except those that a subclass overrides. The two share their body
 * and channel. For filters that pass on a changed request. Safe from any thread where the wrapped request is.
 */
public abstract class RequestWrapper implements Request {
    private final Request wrapped;

    /** Wraps a request. */
    protected RequestWrapper(Request wrapped) {
        this.wrapped = Objects.requireNonNull(wrapped, "wrapped");
    }

    /** The wrapped request. */
    public final Request wrapped() {
        return wrapped;
    }

    @Override
    public final Request original() {
        return wrapped.original();
    }

    @Override
    public Method method() {
        return wrapped.method();
    }

    @Override
    public String target() {
        return wrapped.target();
    }

    @Override
    public String path() {
        return wrapped.path();
    }

    @Override
    public @Nullable String query() {
        return wrapped.query();
    }

    @Override
    public @Nullable String queryParameter(String name) {
        return wrapped.queryParameter(name);
    }

    @Override
    public HttpVersion version() {
        return wrapped.version();
    }

    @Override
    public Headers headers() {
        return wrapped.headers();
    }

    @Override
    public @Nullable String header(String name) {
        return wrapped.header(name);
    }

    @Override
    public String scheme() {
        return wrapped.scheme();
    }

    @Override
    public @Nullable TlsSession tls() {
        return wrapped.tls();
    }

    @Override
    public String authority() {
        return wrapped.authority();
    }

    @Override
    public RequestBody body() {
        return wrapped.body();
    }

    @Override
    public Headers trailers() {
        return wrapped.trailers();
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return wrapped.remoteAddress();
    }

    @Override
    public @Nullable SocketAddress peerAddress() {
        return wrapped.peerAddress();
    }

    @Override
    public @Nullable ProxyInfo proxyInfo() {
        return wrapped.proxyInfo();
    }

    @Override
    public @Nullable SocketAddress localAddress() {
        return wrapped.localAddress();
    }

    @Override
    public long receivedNanos() {
        return wrapped.receivedNanos();
    }

    @Override
    public boolean isCancelled() {
        return wrapped.isCancelled();
    }

    @Override
    public void sendEarlyHints(Headers fields) {
        wrapped.sendEarlyHints(fields);
    }

    @Override
    public OutputStream beginResponse(Response head, long length) throws IOException {
        return wrapped.beginResponse(head, length);
    }

    @Override
    public UpgradedConnection switchProtocols(String protocol, Headers fields, Duration idleTimeout) {
        return wrapped.switchProtocols(protocol, fields, idleTimeout);
    }

    @Override
    public boolean isWebSocketUpgrade() {
        return wrapped.isWebSocketUpgrade();
    }

    @Override
    public Response asChannel(ChannelListener listener) {
        return wrapped.asChannel(listener);
    }

    @Override
    public Response asChannel(ChannelOptions options, ChannelListener listener) {
        return wrapped.asChannel(options, listener);
    }

    @Override
    public AsyncChannel channel(ChannelCallbacks callbacks) {
        return wrapped.channel(callbacks);
    }

    @Override
    public String toString() {
        return wrapped.toString();
    }
}
