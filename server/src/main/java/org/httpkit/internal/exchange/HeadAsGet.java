package org.httpkit.internal.exchange;

import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketAddress;
import java.time.Duration;
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
 * Presents a HEAD request as the corresponding GET (RFC 9110 section 9.3.2). Safe from any thread, as the request is.
 */
final class HeadAsGet implements Request {
    private final Request head;

    HeadAsGet(Request head) {
        this.head = head;
    }

    @Override
    public Request original() {
        return head.original();
    }

    @Override
    public Method method() {
        return Method.GET;
    }

    @Override
    public String target() {
        return head.target();
    }

    @Override
    public String path() {
        return head.path();
    }

    @Override
    public @Nullable String query() {
        return head.query();
    }

    @Override
    public HttpVersion version() {
        return head.version();
    }

    @Override
    public Headers headers() {
        return head.headers();
    }

    @Override
    public String scheme() {
        return head.scheme();
    }

    @Override
    public String authority() {
        return head.authority();
    }

    @Override
    public RequestBody body() {
        return head.body();
    }

    @Override
    public Headers trailers() {
        return head.trailers();
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return head.remoteAddress();
    }

    @Override
    public @Nullable SocketAddress peerAddress() {
        return head.peerAddress();
    }

    @Override
    public @Nullable ProxyInfo proxyInfo() {
        return head.proxyInfo();
    }

    @Override
    public @Nullable TlsSession tls() {
        return head.tls();
    }

    @Override
    public @Nullable SocketAddress localAddress() {
        return head.localAddress();
    }

    @Override
    public long receivedNanos() {
        return head.receivedNanos();
    }

    @Override
    public boolean isCancelled() {
        return head.isCancelled();
    }

    @Override
    public void sendEarlyHints(Headers fields) {
        head.sendEarlyHints(fields);
    }

    @Override
    public OutputStream beginResponse(Response response, long length) throws IOException {
        return head.beginResponse(response, length);
    }

    @Override
    public UpgradedConnection switchProtocols(String protocol, Headers fields, Duration idleTimeout) {
        return head.switchProtocols(protocol, fields, idleTimeout);
    }

    @Override
    public boolean isWebSocketUpgrade() {
        return head.isWebSocketUpgrade();
    }

    @Override
    public Response asChannel(ChannelOptions options, ChannelListener listener) {
        return head.asChannel(options, listener);
    }

    @Override
    public AsyncChannel channel(ChannelCallbacks callbacks) {
        return head.channel(callbacks);
    }

    @Override
    public String toString() {
        return head.toString();
    }
}
