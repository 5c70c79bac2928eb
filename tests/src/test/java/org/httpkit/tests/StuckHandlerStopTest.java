package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.httpkit.server.Dispatch;
import org.httpkit.server.DrainReport;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.server.ServerStatus;
import org.httpkit.testkit.RawClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A server ends by its deadline, whatever its handlers do and whichever thread stops it. */
@Tag("long")
final class StuckHandlerStopTest extends ServerTest {
    private static final Duration SHORT = Duration.ofMillis(100);

    private final CountDownLatch running = new CountDownLatch(1);
    private final CountDownLatch interrupted = new CountDownLatch(1);
    private final AtomicBoolean released = new AtomicBoolean();
    private final AtomicReference<HttpServer> server = new AtomicReference<>();

    @AfterEach
    void release() {
        released.set(true);
    }

    private HttpServer serve(Dispatch dispatch) throws IOException {
        HttpServer started = serve(
                request -> {
                    if (!request.path().equals("/")) {
                        running.countDown();
                    }
                    switch (request.path()) {
                        case "/waits" -> waitForAnInterrupt();
                        case "/ignores" -> ignoreInterrupts();
                        case "/spins" -> spin();
                        case "/closes" -> server.get().close();
                        case "/stops" -> server.get().stop(SHORT).join();
                        default -> {}
                    }
                    return Response.text("fine");
                },
                options -> options.dispatch(dispatch).eventLoops(2).closeTimeout(SHORT));
        server.set(started);
        return started;
    }

    private void waitForAnInterrupt() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            interrupted.countDown();
        }
    }

    private void ignoreInterrupts() {
        while (!released.get()) {
            try {
                TimeUnit.MILLISECONDS.sleep(50);
            } catch (InterruptedException e) {
                interrupted.countDown();
            }
        }
    }

    private void spin() {
        while (!released.get()) {
            Thread.onSpinWait();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "INLINE, /waits", "INLINE, /ignores", "INLINE, /spins",
        "ADAPTIVE, /waits", "ADAPTIVE, /ignores", "ADAPTIVE, /spins",
        "WORKER, /waits", "WORKER, /ignores", "WORKER, /spins"
    })
    void endsByItsDeadline(Dispatch dispatch, String path) throws Exception {
        HttpServer server = serve(dispatch);
        RawClient idle = connect(server);
        assertThat(idle.send(get("/")).read().text()).isEqualTo("fine");
        RawClient stuck = connect(server).send(get(path));
        await(running);
        eventually(() -> assertThat(server.stats().exchangesRunning()).isEqualTo(1));

        DrainReport report = server.stop(SHORT).get(10, TimeUnit.SECONDS);

        assertThat(report.cut()).isEqualTo(1);
        assertThat(server.status()).isEqualTo(ServerStatus.STOPPED);
        idle.awaitEnd();
        stuck.skipToEnd();
        assertThatCode(() -> new ServerSocket(server.port(), 1, InetAddress.getLoopbackAddress()).close())
                .doesNotThrowAnyException();
        if (!path.equals("/spins")) {
            await(interrupted);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aHandlerMayCloseItsServer(Dispatch dispatch) throws Exception {
        HttpServer server = serve(dispatch);
        RawClient client = connect(server).send(get("/closes"));

        assertThat(waitForEnd(server)).isEqualTo(ServerStatus.STOPPED);
        if (dispatch == Dispatch.INLINE) { // which does not wait for itself
            assertThat(client.read().text()).isEqualTo("fine");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aHandlerThatWaitsForItsServersStopGoesOnAtTheDeadline(Dispatch dispatch) throws Exception {
        HttpServer server = serve(dispatch);
        connect(server).send(get("/stops"));

        assertThat(waitForEnd(server)).isEqualTo(ServerStatus.STOPPED);
    }

    private ServerStatus waitForEnd(HttpServer server) throws Exception {
        await(running);
        CompletableFuture<Void> ended = CompletableFuture.runAsync(() -> {
            try {
                server.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        ended.get(10, TimeUnit.SECONDS);
        return server.status();
    }

    @Test
    void anInterruptOfTheThreadThatStopsChangesNothing() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        HttpServer server = serve(request -> {
            running.countDown();
            await(release);
            return Response.text("drained");
        });
        RawClient client = connect(server).send(get("/"));
        await(running);
        CompletableFuture<DrainReport> stopped = server.stop(Duration.ofSeconds(20));
        Thread stopping = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("httpkit-stop"))
                .findFirst()
                .orElseThrow();

        stopping.interrupt();

        assertThat(client.staysQuiet(A_MOMENT)).isTrue();
        assertThat(server.status()).isEqualTo(ServerStatus.STOPPING);
        release.countDown();
        assertThat(client.read().text()).isEqualTo("drained");
        assertThat(stopped.get(10, TimeUnit.SECONDS)).isEqualTo(new DrainReport(1, 0));
    }

    @ParameterizedTest
    @EnumSource
    void aHandlerMayEndTheProcess(Dispatch dispatch) throws Exception {
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        ExitingHandler.class.getName(),
                        dispatch.name())
                .redirectErrorStream(true)
                .start();
        try {
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(ExitingHandler.STATUS);
        } finally {
            process.destroyForcibly();
        }
    }
}
