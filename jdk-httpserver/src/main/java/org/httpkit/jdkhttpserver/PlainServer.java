package org.httpkit.jdkhttpserver;

import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A server for HTTP with the JDK's API. Safe from any thread. */
final class PlainServer extends HttpServer {
    private final ServerLife life;

    PlainServer(Consumer<org.httpkit.server.HttpServer.Builder> options) {
        this.life = new ServerLife(this, false, options);
    }

    @Override
    public void bind(InetSocketAddress address, int backlog) throws IOException {
        life.bind(address, backlog);
    }

    @Override
    public void start() {
        life.start();
    }

    @Override
    public void setExecutor(@Nullable Executor executor) {
        life.setExecutor(executor);
    }

    @Override
    public @Nullable Executor getExecutor() {
        return life.executor();
    }

    @Override
    public void stop(int delay) {
        life.stop(delay);
    }

    @Override
    public HttpContext createContext(String path, HttpHandler handler) {
        return life.contexts().add(path, handler);
    }

    @Override
    public HttpContext createContext(String path) {
        return life.contexts().add(path);
    }

    @Override
    public void removeContext(String path) {
        life.contexts().remove(path);
    }

    @Override
    public void removeContext(HttpContext context) {
        life.contexts().remove(context);
    }

    @Override
    public @Nullable InetSocketAddress getAddress() {
        return life.address();
    }
}
