package org.httpkit.jdkhttpserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.httpkit.server.AccessLog;
import org.httpkit.server.Compression;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.junit.jupiter.api.Test;

/** Binding, starting, stopping, and the executor. */
final class ServerLifeTest extends JdkServerTest {
    private static final HttpHandler EMPTY = exchange -> {
        exchange.sendResponseHeaders(204, -1);
        exchange.close();
    };

    @Test
    void theServiceLoaderFindsTheProvider() throws Exception {
        HttpServer server = HttpServer.create(anyPort(), 0);

        assertThat(server).isInstanceOf(PlainServer.class);
        server.stop(0);
    }

    @Test
    void theSystemPropertyCanNameTheProvider() throws Exception {
        Object named = Class.forName("org.httpkit.jdkhttpserver.HttpKitProvider")
                .getDeclaredConstructor()
                .newInstance();

        assertThat(named).isInstanceOf(com.sun.net.httpserver.spi.HttpServerProvider.class);
    }

    @Test
    void aProviderCanHaveOptionsOfOurs() throws Exception {
        BlockingQueue<String> log = new LinkedBlockingQueue<>();
        RawResponse answer = ask(options -> options.serverHeader("ours").observer(AccessLog.common(log::add)), EMPTY);

        assertThat(answer.field("Server")).isEqualTo("ours");
        assertThat(log.poll(10, TimeUnit.SECONDS)).contains("\"GET / HTTP/1.1\" 204 ");
    }

    @Test
    void contentCodingsAreLeftToHandlers() throws Exception {
        RawResponse answer = ask(options -> options.compression(Compression.on()), exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/plain");
            exchange.sendResponseHeaders(200, 10_000);
            exchange.getResponseBody().write(bytes("0123456789".repeat(1000)));
            exchange.close();
        });

        assertThat(answer.field("Content-Encoding")).isNull();
        assertThat(answer.text()).hasSize(10_000);
    }

    private RawResponse ask(Consumer<org.httpkit.server.HttpServer.Builder> options, HttpHandler handler)
            throws Exception {
        HttpServer server = new HttpKitProvider(options).createHttpServer(anyPort(), 0);
        server.createContext("/", handler);
        server.start();
        try {
            return connect(server).send(get("/", "Accept-Encoding: gzip")).read();
        } finally {
            server.stop(0);
        }
    }

    @Test
    void aConnectionMadeBeforeTheStartIsServedThen() throws Exception {
        HttpServer server = bound();
        server.createContext("/", EMPTY);
        RawClient client = connect(server).send(get("/"));
        assertThat(client.staysQuiet(A_MOMENT)).isTrue();

        server.start();

        assertThat(client.read().status()).isEqualTo(204);
    }

    @Test
    void aServerIsBoundOnce() throws Exception {
        HttpServer server = bound();
        InetSocketAddress address = server.getAddress();

        assertThatThrownBy(() -> server.bind(anyPort(), 0)).isInstanceOf(BindException.class);
        assertThatThrownBy(() -> provider.createHttpServer(address, 0)).isInstanceOf(BindException.class);
        assertThat(server.getAddress()).isEqualTo(address);
    }

    @Test
    void aServerThatIsNotBoundHasNoAddressAndDoesNotStart() throws Exception {
        HttpServer server = provider.createHttpServer(null, 0);

        assertThat(server.getAddress()).isNull();
        assertThatThrownBy(server::start).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> server.bind(null, 0)).isInstanceOf(NullPointerException.class);
        server.bind(anyPort(), 5);
        assertThat(server.getAddress().getPort()).isPositive();
        server.stop(0);
    }

    @Test
    void aServerStartsOnce() throws Exception {
        HttpServer server = serve(EMPTY);

        assertThatThrownBy(server::start).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> server.setExecutor(Runnable::run)).isInstanceOf(IllegalStateException.class);
        server.stop(0);
        assertThatThrownBy(server::start).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aServerThatNeverStartedCanBeStopped() throws Exception {
        HttpServer server = bound();
        InetSocketAddress address = server.getAddress();

        server.stop(1);
        server.stop(0);

        assertThatThrownBy(() -> new Socket(address.getAddress(), address.getPort()).close())
                .isInstanceOf(ConnectException.class);
        assertThatThrownBy(() -> server.stop(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anIdleServerStopsAtOnce() throws Exception {
        HttpServer server = serve(EMPTY);
        RawClient client = connect(server);
        client.send(get("/")).read();
        long begun = System.nanoTime();

        server.stop(30);

        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
        client.awaitEnd();
    }

    @Test
    void aStopWaitsForExchanges() throws Exception {
        CountDownLatch called = new CountDownLatch(1);
        CountDownLatch mayAnswer = new CountDownLatch(1);
        HttpServer server = serve(exchange -> {
            called.countDown();
            await(mayAnswer);
            EMPTY.handle(exchange);
        });
        RawClient client = connect(server).send(get("/"));
        await(called);

        CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> server.stop(30));
        assertThat(client.staysQuiet(A_MOMENT)).isTrue();
        assertThat(stopped).isNotDone();
        mayAnswer.countDown();

        assertThat(client.read().status()).isEqualTo(204);
        stopped.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aStopClosesTheConnectionsOfExchangesThatTakeLonger() throws Exception {
        CountDownLatch called = new CountDownLatch(1);
        HttpServer server = serve(exchange -> called.countDown()); // never answers
        RawClient client = connect(server).send(get("/"));
        await(called);

        server.stop(0);

        client.awaitEnd();
    }

    @Test
    void aHandlerMayStopItsServer() throws Exception {
        BlockingQueue<String> returned = new LinkedBlockingQueue<>();
        HttpServer[] server = new HttpServer[1];
        server[0] = serve(exchange -> {
            EMPTY.handle(exchange);
            server[0].stop(30);
            returned.add("returned");
        });

        connect(server[0]).send(get("/")).read();

        assertThat(returned.poll(10, TimeUnit.SECONDS)).isEqualTo("returned");
    }

    @Test
    void handlersRunOnTheExecutor() throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor(task -> new Thread(task, "mine"));
        BlockingQueue<String> threads = new LinkedBlockingQueue<>();
        HttpServer server = bound();
        server.setExecutor(executor);
        server.createContext("/", exchange -> {
            threads.add(Thread.currentThread().getName());
            EMPTY.handle(exchange);
        });
        server.start();
        try {
            connect(server).send(get("/")).read();

            assertThat(threads.poll(10, TimeUnit.SECONDS)).isEqualTo("mine");
            assertThat(server.getExecutor()).isSameAs(executor);
            server.stop(0);
            assertThat(executor.isShutdown()).isFalse(); // it is the application's
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void anExecutorThatRunsTasksInItsCallersThreadServesToo() throws Exception {
        HttpServer server = bound();
        server.setExecutor(Runnable::run);
        server.createContext("/", EMPTY);
        server.start();

        assertThat(connect(server).send(get("/")).read().status()).isEqualTo(204);
    }

    @Test
    void anExecutorThatRefusesGets503() throws Exception {
        Executor full = task -> {
            throw new RejectedExecutionException("full");
        };
        HttpServer server = bound();
        server.setExecutor(full);
        server.createContext("/", EMPTY);
        server.start();

        assertThat(connect(server).send(get("/")).read().status()).isEqualTo(503);
    }

    @Test
    void handlersRunAtTheSameTimeWithoutAnExecutor() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        HttpServer server = serve(exchange -> {
            both.countDown();
            await(both);
            EMPTY.handle(exchange);
        });

        RawClient one = connect(server).send(get("/"));
        RawClient two = connect(server).send(get("/"));

        assertThat(one.read().status()).isEqualTo(204);
        assertThat(two.read().status()).isEqualTo(204);
    }

    @Test
    void bindingFailsWithoutALeak() throws IOException {
        InetSocketAddress nowhere = InetSocketAddress.createUnresolved("nowhere.invalid", 0);

        assertThatThrownBy(() -> provider.createHttpServer(nowhere, 0)).isInstanceOf(IOException.class);
    }
}
