package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.httpkit.server.DrainReport;
import org.httpkit.server.HttpServer;
import org.httpkit.server.ProxyProtocol;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two servers behind a real proxy with the sample configuration, one after the other replaced while requests keep coming. */
@PlainText("TLS ends at the proxies")
@Tag("long")
class RollingRestartTest extends ServerTest {
    private static final int CLIENTS = 8;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    /** A server, and what a program around it would do: answer health checks, and say when it is about to go. */
    private final class Instance {
        final AtomicBoolean leaving = new AtomicBoolean();
        final AtomicInteger answered = new AtomicInteger();
        final HttpServer server;

        Instance(int port) throws IOException {
            server = serve(
                    this::handle, options -> options.address("127.0.0.1", port).proxyProtocol(ProxyProtocol.ENABLED));
        }

        Instance(Path file) throws IOException {
            server = serve(this::handle, options -> options.unixSocket(file));
        }

        private Response handle(Request request) throws IOException {
            if (request.path().equals("/health")) {
                return leaving.get() ? Response.of(503) : Response.text("fine");
            }
            answered.incrementAndGet();
            Response answer = Response.text(request.path() + request.body().text());
            // It takes its time, so that some are always running.
            return Response.later(CompletableFuture.supplyAsync(
                    () -> answer, CompletableFuture.delayedExecutor(3, TimeUnit.MILLISECONDS)));
        }
    }

    /** Asks and asks, over a connection that is kept as long as the proxy keeps it. */
    private final class Load implements AutoCloseable {
        final AtomicInteger answers = new AtomicInteger();
        final Queue<String> failures = new ConcurrentLinkedQueue<>();
        private final List<Thread> threads = new ArrayList<>();
        private volatile boolean over;

        Load(int port, String method) {
            for (int i = 0; i < CLIENTS; i++) {
                Thread thread = new Thread(() -> run(port, method));
                thread.start();
                threads.add(thread);
            }
        }

        private void run(int port, String method) {
            RawClient client = null;
            try {
                for (int i = 0; !over; i++) {
                    client = client == null ? RawClient.connect(port) : client;
                    client.send(method.equals("GET") ? get("/" + i) : post("/" + i, "body"));
                    RawResponse response = client.read();
                    String expected = "/" + i + (method.equals("GET") ? "" : "body");
                    if (response.status() != 200 || !response.text().equals(expected)) {
                        failures.add(response.toString());
                    }
                    answers.incrementAndGet();
                    if (response.saysClose()) {
                        client.close();
                        client = null;
                    }
                }
            } catch (IOException | RuntimeException e) {
                failures.add(e.toString());
            } finally {
                closeQuietly(client);
            }
        }

        void awaitMore(int count) {
            int enough = answers.get() + count;
            Awaitility.await().atMost(PATIENCE).until(() -> answers.get() >= enough || !failures.isEmpty());
        }

        @Override
        public void close() {
            over = true;
            try {
                for (Thread thread : threads) {
                    thread.join();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void closeQuietly(RawClient client) {
        try {
            if (client != null) {
                client.close();
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST"})
    void losesNoRequestWhenTheHealthCheckFailsFirst(String method) throws Exception {
        Instance[] instances = {new Instance(Daemon.freePort()), new Instance(Daemon.freePort())};
        BehindHaproxy haproxy = front(instances);
        Load load = new Load(haproxy.port, method);
        try (load) {
            load.awaitMore(200);
            for (int i = 0; i < instances.length; i++) {
                String name = i == 0 ? "a" : "b";
                Instance old = instances[i];
                assertThat(old.answered).hasPositiveValue();

                old.leaving.set(true);
                Awaitility.await().atMost(PATIENCE).until(() -> !haproxy.isUp(name));
                DrainReport report = old.server.stop(Duration.ofSeconds(10)).join();
                assertThat(report.cut()).isZero();

                instances[i] = new Instance(old.server.port());
                Awaitility.await().atMost(PATIENCE).until(() -> haproxy.isUp(name));
                Instance successor = instances[i];
                Awaitility.await().atMost(PATIENCE).until(() -> successor.answered.get() > 100);
            }
            load.awaitMore(200);
        }
        assertThat(load.failures).isEmpty();
    }

    @Test
    void losesNoGetEvenIfTheServerJustStops() throws Exception {
        Instance[] instances = {new Instance(Daemon.freePort()), new Instance(Daemon.freePort())};
        BehindHaproxy haproxy = front(instances);
        Load load = new Load(haproxy.port, "GET");
        try (load) {
            load.awaitMore(200);
            for (int i = 0; i < instances.length; i++) {
                String name = i == 0 ? "a" : "b";
                DrainReport report =
                        instances[i].server.stop(Duration.ofSeconds(10)).join();
                assertThat(report.cut()).isZero();
                load.awaitMore(200);

                instances[i] = new Instance(instances[i].server.port());
                Awaitility.await().atMost(PATIENCE).until(() -> haproxy.isUp(name));
                Instance successor = instances[i];
                Awaitility.await().atMost(PATIENCE).until(() -> successor.answered.get() > 100);
            }
        }
        assertThat(load.failures).isEmpty();
    }

    @Test
    void losesNoGetBehindNginxOverUnixDomainSockets() throws Exception {
        Path[] files = {folder.resolve("a.sock"), folder.resolve("b.sock")};
        Instance[] instances = {new Instance(files[0]), new Instance(files[1])};
        String servers = "server unix:" + files[0] + " max_fails=0; server unix:" + files[1] + " max_fails=0;";
        Daemon.installed("nginx");
        BehindNginx nginx = closeLater(BehindNginx.start(folder, Certificate.make(folder), servers, sample -> sample));
        Load load = new Load(nginx.port, "GET");
        try (load) {
            load.awaitMore(200);
            for (int i = 0; i < instances.length; i++) {
                Instance old = instances[i];
                assertThat(old.answered).hasPositiveValue();
                DrainReport report = old.server.stop(Duration.ofSeconds(10)).join();
                assertThat(report.cut()).isZero();
                load.awaitMore(200);

                Instance successor = new Instance(files[i]);
                Awaitility.await().atMost(PATIENCE).until(() -> successor.answered.get() > 100);
            }
        }
        assertThat(load.failures).isEmpty();
    }

    private BehindHaproxy front(Instance[] instances) throws Exception {
        Daemon.installed("haproxy");
        return closeLater(BehindHaproxy.start(
                folder,
                Certificate.make(folder),
                instances[0].server.port(),
                instances[1].server.port(),
                sample -> sample));
    }
}
