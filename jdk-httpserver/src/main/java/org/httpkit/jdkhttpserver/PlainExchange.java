package org.httpkit.jdkhttpserver;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpPrincipal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/** The application's view of an exchange over HTTP. Belongs to one thread at a time. */
final class PlainExchange extends HttpExchange {
    private final OpenExchange exchange;

    PlainExchange(OpenExchange exchange) {
        this.exchange = exchange;
    }

    @Override
    public Headers getRequestHeaders() {
        return exchange.requestHeaders();
    }

    @Override
    public Headers getResponseHeaders() {
        return exchange.responseHeaders();
    }

    @Override
    public URI getRequestURI() {
        return exchange.uri();
    }

    @Override
    public String getRequestMethod() {
        return exchange.request().method().name();
    }

    @Override
    public HttpContext getHttpContext() {
        return exchange.context();
    }

    @Override
    public void close() {
        exchange.close();
    }

    @Override
    public InputStream getRequestBody() {
        return exchange.input();
    }

    @Override
    public OutputStream getResponseBody() {
        return exchange.output();
    }

    @Override
    public void sendResponseHeaders(int status, long length) throws IOException {
        exchange.begin(status, length);
    }

    @Override
    public InetSocketAddress getRemoteAddress() {
        return OpenExchange.inet(exchange.request().remoteAddress());
    }

    @Override
    public int getResponseCode() {
        return exchange.responseCode();
    }

    @Override
    public InetSocketAddress getLocalAddress() {
        return OpenExchange.inet(exchange.request().localAddress());
    }

    @Override
    public String getProtocol() {
        return exchange.protocol();
    }

    @Override
    public @Nullable Object getAttribute(String name) {
        return exchange.attribute(name);
    }

    @Override
    public void setAttribute(String name, @Nullable Object value) {
        exchange.attribute(name, value);
    }

    @Override
    public void setStreams(@Nullable InputStream in, @Nullable OutputStream out) {
        exchange.streams(in, out);
    }

    @Override
    public @Nullable HttpPrincipal getPrincipal() {
        return exchange.principal();
    }

    @Override
    public String toString() {
        return exchange.toString();
    }
}
