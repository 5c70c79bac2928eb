package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.httpkit.server.Dispatch;
import org.httpkit.server.DrainReport;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the report of a stop says of answers that have been given, and that their clients are slow to take. */
@Tag("long")
class DrainReportTest extends ServerTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final int MORE_THAN_BUFFERS_HOLD = 32 << 20;

    private static DrainReport report(CompletableFuture<DrainReport> stopped) throws Exception {
        return stopped.get(30, TimeUnit.SECONDS);
    }

    /** Clients that have begun to read, each of another kind of answer; the server has done with all of these exchanges. */
    private List<RawClient> slowReaders(HttpServer server) throws IOException {
        List<RawClient> clients = new ArrayList<>();
        for (String field : new String[] {"Connection: keep-alive", "Connection: close"}) {
            RawClient client = connect(server, 64 * 1024).patience(LONG);
            client.send(get("/", field)).readHead();
            clients.add(client);
        }
        eventually(() -> assertThat(server.stats().exchangesRunning()).isZero());
        return clients;
    }

    private HttpServer serveMuch(Dispatch dispatch) throws IOException {
        Response much = Response.bytes(new byte[MORE_THAN_BUFFERS_HOLD]);
        return serve(request -> much, options -> options.dispatch(dispatch));
    }

    @ParameterizedTest
    @EnumSource
    void reportsAnswersThatHadNotLeftAsCut(Dispatch dispatch) throws Exception {
        HttpServer server = serveMuch(dispatch);
        List<RawClient> clients = slowReaders(server);

        assertThat(report(server.stop(Duration.ofMillis(200)))).isEqualTo(new DrainReport(0, clients.size()));

        for (RawClient client : clients) {
            assertThat(client.skipToEnd()).isLessThan(MORE_THAN_BUFFERS_HOLD);
        }
    }

    @ParameterizedTest
    @EnumSource
    void reportsAnswersThatLeftInTimeAsDrained(Dispatch dispatch) throws Exception {
        HttpServer server = serveMuch(dispatch);
        List<RawClient> clients = slowReaders(server);

        CompletableFuture<DrainReport> stopped = server.stop(LONG);
        for (RawClient client : clients) {
            assertThat(client.skipToEnd()).isEqualTo(MORE_THAN_BUFFERS_HOLD);
            client.close();
        }

        assertThat(report(stopped)).isEqualTo(new DrainReport(clients.size(), 0));
    }

    @Test
    void reportsAnAnswerGivenWhileItStopsByWhetherItLeft() throws Exception {
        Semaphore inside = new Semaphore(0);
        CountDownLatch release = new CountDownLatch(1);
        HttpServer server = serve(request -> {
            inside.release();
            await(release);
            return Response.bytes(new byte[MORE_THAN_BUFFERS_HOLD]);
        });
        RawClient reader = connect(server).send(get("/"));
        RawClient idler = connect(server, 64 * 1024).send(get("/"));
        assertThat(inside.tryAcquire(2, 20, TimeUnit.SECONDS)).isTrue();

        CompletableFuture<DrainReport> stopped =
                server.stop(Duration.ofSeconds(8)); // enough for the reader on a busy machine
        release.countDown();
        assertThat(reader.read().isComplete()).isTrue();
        reader.close();

        assertThat(report(stopped)).isEqualTo(new DrainReport(1, 1));
        assertThat(idler.skipToEnd()).isLessThan(MORE_THAN_BUFFERS_HOLD);
    }

    @Test
    void blamesNobodyForAnAnswerWhoseClientGoesAway() throws Exception {
        HttpServer server = serveMuch(Dispatch.WORKER);
        List<RawClient> clients = slowReaders(server);

        CompletableFuture<DrainReport> stopped = server.stop(LONG);
        for (RawClient client : clients) {
            client.reset();
        }

        assertThat(report(stopped)).isEqualTo(new DrainReport(0, 0));
    }
}
