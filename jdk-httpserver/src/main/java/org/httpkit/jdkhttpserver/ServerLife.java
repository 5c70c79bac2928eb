package org.httpkit.jdkhttpserver;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.httpkit.server.DrainReport;
import org.jspecify.annotations.Nullable;

/**
 * One server's life: binds, starts and stops it. Safe from any thread.
 *
 * <pre>
 *            start                stop
 * NEW        RUNNING, if bound    STOPPED
 * RUNNING    refused              STOPPED
 * STOPPED    refused              STOPPED
 * </pre>
 */
final class ServerLife {
    private enum State {
        NEW,
        RUNNING,
        STOPPED
    }

    /**
     * How much longer than its delay a stop may take: then the server gives up handlers that ignore their interrupt.
     */
    private static final int SECONDS_TO_CLOSE = 5;

    private final HttpServer server;
    private final boolean secure;
    private final Consumer<org.httpkit.server.HttpServer.Builder> options;
    private final Contexts contexts;

    // Guarded by this.
    private State state = State.NEW;
    private @Nullable ServerSocketChannel listener;
    private @Nullable InetSocketAddress address;
    private @Nullable Executor executor;
    private @Nullable HttpsConfigurator configurator;
    private org.httpkit.server.@Nullable HttpServer running;

    ServerLife(HttpServer server, boolean secure, Consumer<org.httpkit.server.HttpServer.Builder> options) {
        this.server = server;
        this.secure = secure;
        this.options = options;
        this.contexts = new Contexts(server);
    }

    Contexts contexts() {
        return contexts;
    }

    synchronized void bind(InetSocketAddress wanted, int backlog) throws IOException {
        Objects.requireNonNull(wanted, "address");
        if (listener != null) {
            throw new BindException("The server is bound to " + address + " already");
        }
        requireNew();
        ServerSocketChannel opened = ServerSocketChannel.open();
        try {
            opened.socket().bind(wanted, Math.max(0, backlog));
            address = (InetSocketAddress) opened.getLocalAddress();
        } catch (IOException | RuntimeException e) {
            opened.close();
            throw e;
        }
        listener = opened;
    }

    synchronized @Nullable InetSocketAddress address() {
        return address;
    }

    synchronized void setExecutor(@Nullable Executor executor) {
        requireNew();
        this.executor = executor;
    }

    synchronized @Nullable Executor executor() {
        return executor;
    }

    synchronized void setConfigurator(HttpsConfigurator configurator) {
        Objects.requireNonNull(configurator, "configurator");
        requireNew();
        this.configurator = configurator;
    }

    synchronized @Nullable HttpsConfigurator configurator() {
        return configurator;
    }

    synchronized void start() {
        requireNew();
        ServerSocketChannel bound = listener;
        if (bound == null) {
            throw new IllegalStateException("The server is not bound; call bind(...) before start()");
        }
        org.httpkit.server.HttpServer.Builder builder =
                Settings.ofSystemProperties().builder();
        options.accept(builder);
        builder.address(Objects.requireNonNull(address))
                .listener(any -> bound)
                .handler(new ContextHandler(this))
                .tls(null);
        if (executor != null) {
            builder.worker(executor);
        }
        if (secure) {
            TlsSettings.configure(builder, configurator);
        }
        try {
            running = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        state = State.RUNNING;
    }

    /** Closes the listener, waits for exchanges for this many seconds at most, and closes all connections. */
    void stop(int delay) {
        if (delay < 0) {
            throw new IllegalArgumentException("delay is " + delay + "; it must not be negative");
        }
        org.httpkit.server.HttpServer stopping;
        synchronized (this) {
            state = State.STOPPED;
            stopping = running;
            if (stopping == null) {
                closeListener();
                return;
            }
        }
        CompletableFuture<DrainReport> stopped = stopping.stop(Duration.ofSeconds(delay));
        if (!ContextHandler.isCalledFor(this)) { // a handler that waited would wait for itself
            await(stopped, (long) delay + SECONDS_TO_CLOSE);
        }
    }

    private void closeListener() {
        try {
            if (listener != null) {
                listener.close();
            }
        } catch (IOException ignored) {
            // No connection was accepted, so nothing is lost.
        }
    }

    private static void await(CompletableFuture<DrainReport> stopped, long seconds) {
        try {
            stopped.get(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException ignored) {
            // The observer has the failure; the server listens no more in any case.
        }
    }

    private void requireNew() {
        if (state != State.NEW) {
            throw new IllegalStateException("The server is " + state + "; it must not have been started");
        }
    }

    @Override
    public String toString() {
        return server.getClass().getSimpleName() + "[" + address() + "]";
    }
}
