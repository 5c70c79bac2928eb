package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.httpkit.server.DrainReport;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.server.ServerObserver;
import org.httpkit.server.ServerStatus;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.junit.jupiter.api.Test;

/** How a server ends, and what becomes of those it was serving. */
final class StopTest extends ServerTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final CountDownLatch running = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private final Handler held = request -> {
        running.countDown();
        await(release);
        return Response.text("finished");
    };

    /** The clients here hang up only at the end of their test: the wait for that is to be short. */
    @Override
    HttpServer serve(Handler handler) throws IOException {
        return serve(handler, options -> options.closeTimeout(Duration.ofMillis(200)));
    }

    private static DrainReport get(CompletableFuture<DrainReport> stopped) throws Exception {
        return stopped.get(10, TimeUnit.SECONDS);
    }

    private static List<String> ownThreads() {
        return ServerThreads.live().stream().map(Thread::getName).sorted().toList();
    }

    @Test
    void goesThroughItsStages() throws Exception {
        HttpServer server = serve(held);
        RawClient client = connect(server).send(get("/"));
        await(running);
        assertThat(server.status()).isEqualTo(ServerStatus.RUNNING);

        CompletableFuture<DrainReport> stopped = server.stop(LONG);
        assertThat(server.status()).isEqualTo(ServerStatus.STOPPING);
        assertThat(stopped).isNotDone();
        release.countDown();
        get(stopped);

        assertThat(server.status()).isEqualTo(ServerStatus.STOPPED);
        server.join();
        assertThat(client.read().text()).isEqualTo("finished");
    }

    @Test
    void closesIdleConnectionsAtOnce() throws Exception {
        HttpServer server = serve(request -> Response.text("fine"));
        RawClient used = connect(server);
        used.send(get("/")).read();
        RawClient fresh = connect(server);
        eventually(() -> assertThat(server.stats().connectionsOpen()).isEqualTo(2));

        long start = System.nanoTime();
        DrainReport report = get(server.stop(LONG));

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        assertThat(report).isEqualTo(new DrainReport(0, 0));
        assertThat(used.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
        assertThat(fresh.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
    }

    @Test
    void letsARunningExchangeFinishAndSaysClose() throws Exception {
        HttpServer server = serve(held);
        RawClient client = connect(server).send(get("/"));
        await(running);

        CompletableFuture<DrainReport> stopped = server.stop(LONG);
        assertThat(client.staysQuiet(A_MOMENT)).isTrue();
        release.countDown();

        RawResponse response = client.read();
        assertThat(response.text()).isEqualTo("finished");
        assertThat(response.saysClose()).isTrue();
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
        assertThat(get(stopped)).isEqualTo(new DrainReport(1, 0));
    }

    @Test
    void sendsAllOfALargeAnswerThatWasGivenBeforeTheDeadline() throws Exception {
        HttpServer server = serve(request -> {
            running.countDown();
            return Response.bytes(new byte[32 << 20]);
        });
        RawClient client = connect(server).send(get("/"));
        await(running);

        CompletableFuture<DrainReport> stopped = server.stop(LONG);
        RawResponse response = client.read();

        assertThat(response.isComplete()).isTrue();
        assertThat(response.body()).hasSize(32 << 20);
        get(stopped);
    }

    @Test
    void finishesABodyThatIsStillComing() throws Exception {
        HttpServer server = serve(request -> Response.text(request.body().text()));
        RawClient client = connect(server);
        client.send(get("/")).read();
        client.send(request("POST / HTTP/1.1", "Content-Length: 10", "Expect: 100-continue"));
        assertThat(client.read().status()).isEqualTo(100);

        CompletableFuture<DrainReport> stopped = server.stop(LONG);
        eventually(
                () -> assertThatThrownBy(() -> RawClient.connect(server.port()).close())
                        .isInstanceOf(IOException.class));
        client.send("0123456789");

        assertThat(client.read().text()).isEqualTo("0123456789");
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
        get(stopped);
    }

    @Test
    void cutsAndInterruptsWhatRunsAfterTheTimeout() throws Exception {
        AtomicReference<Throwable> interrupted = new AtomicReference<>();
        HttpServer server = serve(request -> {
            running.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.set(e);
            }
            return null;
        });
        RawClient client = connect(server).send(get("/"));
        await(running);

        DrainReport report = get(server.stop(Duration.ofMillis(200)));

        assertThat(report).isEqualTo(new DrainReport(0, 1));
        client.awaitEnd();
        eventually(() -> assertThat(interrupted.get()).isInstanceOf(InterruptedException.class));
    }

    @Test
    void aLaterStopShortensTheWaitForAHandlerWhoseClientHasGone() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        CountDownLatch drained = new CountDownLatch(1);
        HttpServer server = serve(
                request -> {
                    running.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                    }
                    return null;
                },
                options -> options.observer(new ServerObserver() {
                    @Override
                    public void drainEnded(DrainReport report) {
                        drained.countDown();
                    }
                }));
        RawClient client = connect(server).send(get("/"));
        await(running);
        client.reset();
        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
        CompletableFuture<DrainReport> stopped = server.stop(Duration.ofMinutes(10));
        await(drained);
        assertThat(stopped).isNotDone();

        get(server.stop(Duration.ZERO));

        await(interrupted);
        get(stopped);
    }

    @Test
    void cutsAStreamThatGoesOnForEver() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        HttpServer server = serve(request -> Response.stream(out -> {
            try {
                while (true) {
                    out.write(new byte[1000]);
                }
            } finally {
                ended.countDown();
            }
        }));
        RawClient client = connect(server).send(get("/"));
        client.readHead();

        get(server.stop(Duration.ofMillis(200)));

        await(ended);
    }

    @Test
    void stopsOnceHoweverOftenItIsTold() throws Exception {
        HttpServer server = serve(held);
        connect(server).send(get("/"));
        await(running);

        CompletableFuture<DrainReport> first = server.stop(LONG);
        CompletableFuture<DrainReport> second = server.stop(LONG);
        assertThat(second).isNotDone();
        release.countDown();

        assertThat(get(second)).isSameAs(get(first));
        assertThat(get(server.stop())).isSameAs(get(first));
    }

    @Test
    void answersRequestsThatCameBeforeTheStop() throws Exception {
        for (int round = 0; round < 10; round++) {
            HttpServer server = serve(request -> Response.text("fine"));
            RawClient[] clients = new RawClient[10];
            for (int i = 0; i < clients.length; i++) {
                clients[i] = connect(server);
                clients[i].send(get("/")).read();
            }
            for (RawClient client : clients) {
                client.send(get("/"));
            }

            CompletableFuture<DrainReport> stopped = server.stop(LONG);

            for (RawClient client : clients) {
                assertThat(client.read().text()).isEqualTo("fine");
            }
            get(stopped);
        }
    }

    @Test
    void canBeStoppedByItsOwnHandler() throws Exception {
        CompletableFuture<HttpServer> self = new CompletableFuture<>();
        CompletableFuture<CompletableFuture<DrainReport>> stopped = new CompletableFuture<>();
        HttpServer server = serve(request -> {
            stopped.complete(self.get(10, TimeUnit.SECONDS).stop(LONG));
            return Response.text("bye");
        });
        self.complete(server);

        RawResponse response = connect(server).send(get("/")).read();

        assertThat(response.text()).isEqualTo("bye");
        assertThat(response.saysClose()).isTrue();
        assertThat(get(stopped.get(10, TimeUnit.SECONDS))).isEqualTo(new DrainReport(1, 0));
        server.join();
    }

    @Test
    void leavesNoThreadAndNoPort() throws Exception {
        HttpServer server = serve(request -> Response.text("fine"));
        int port = server.port();
        RawClient client = connect(server);
        client.send(get("/")).read();
        client.send("GET / HTT");
        assertThat(ownThreads()).isNotEmpty();

        get(server.stop(Duration.ofMillis(200)));

        assertThat(server.stats().connectionsOpen()).isZero();
        eventually(() -> assertThat(ownThreads()).isEmpty());
        assertThatThrownBy(() -> RawClient.connect(port)).isInstanceOf(IOException.class);
        new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
    }

    @Test
    void startsAndStopsManyTimesOnOnePort() throws Exception {
        int port = Daemon.freePort(); // none that another program's client may get meanwhile
        HttpServer first = serve(request -> Response.text("0"), options -> options.address("127.0.0.1", port));
        assertThat(connect(first).send(get("/")).read().text()).isEqualTo("0");
        get(first.stop());

        for (int i = 1; i < 20; i++) {
            String text = Integer.toString(i);
            HttpServer next = serve(request -> Response.text(text), options -> options.address("127.0.0.1", port));
            assertThat(connect(next).send(get("/")).read().text()).isEqualTo(text);
            get(next.stop());
        }
    }
}
