package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.httpkit.server.CloseReason.Cause;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.server.Worker;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.junit.jupiter.api.Test;

/** How long the server waits for a client, and what it says then. */
final class TimeoutTest extends ServerTest {
    private static final Duration SHORT = Duration.ofMillis(200);
    /** More than each timeout that counts here. */
    private static final Duration LONGER = A_WHILE.plusMillis(300);

    private static final Handler FINE = request -> Response.text("fine");

    @Test
    void closesAConnectionOnWhichNothingCame() throws Exception {
        RawClient client = connect(serve(FINE, options -> options.headerTimeout(SHORT)));

        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
        assertThat(observer.statuses()).isEmpty();
    }

    @Test
    void answersHalfAHeadWith408() throws Exception {
        RawClient client = connect(serve(FINE, options -> options.headerTimeout(A_WHILE)));

        RawResponse response = client.send("GET / HTTP/1.1\r\nHos").read();

        assertThat(response.status()).isEqualTo(408);
        assertThat(response.saysClose()).isTrue();
        client.endOutput();
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
    }

    @Test
    void countsTheHeaderTimeoutFromTheFirstByteHoweverSlowlyTheRestDrips() throws Exception {
        RawClient client = connect(serve(FINE, options -> options.headerTimeout(A_WHILE)));
        client.send("GET / HTTP/1.1\r\nX: ");

        int dripped = 0;
        while (client.staysQuiet(Duration.ofMillis(20)) && dripped < 200) {
            client.send("x");
            dripped++;
        }

        assertThat(client.read().status()).isEqualTo(408);
        assertThat(dripped).isLessThan(100);
    }

    @Test
    void answersHalfAHeadOnAKeptConnectionWith408() throws Exception {
        RawClient client = connect(serve(FINE, options -> options.headerTimeout(A_WHILE)));
        client.send(get("/")).read();

        assertThat(client.send("GET").read().status()).isEqualTo(408);
    }

    @Test
    void closesAnIdleConnectionWithoutAWord() throws Exception {
        HttpServer server = serve(FINE, options -> options.idleTimeout(SHORT));
        RawClient client = connect(server);
        client.send(get("/")).read();

        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
    }

    @Test
    void keepsAConnectionThatIsIdleForLessThanTheTimeoutEachTime() throws Exception {
        RawClient client = connect(serve(FINE, options -> options.idleTimeout(A_WHILE)));

        for (int i = 0; i < 6; i++) {
            assertThat(client.send(get("/")).read().text()).isEqualTo("fine");
            assertThat(client.staysQuiet(Duration.ofMillis(250))).isTrue();
        }
    }

    @Test
    void doesNotCountARunningHandlerAsIdle() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        Handler slow = request -> {
            await(release);
            return Response.text("slow");
        };
        RawClient client = connect(serve(
                slow,
                options -> options.idleTimeout(SHORT).headerTimeout(A_WHILE).bodyTimeout(SHORT)));

        client.send(get("/"));
        assertThat(client.staysQuiet(LONGER)).isTrue();
        release.countDown();

        assertThat(client.read().text()).isEqualTo("slow");
    }

    @Test
    void answersACollectedBodyThatStallsWith408() throws Exception {
        RawClient client = connect(serve(FINE, options -> options.bodyTimeout(SHORT)));

        RawResponse response = client.send(request("POST / HTTP/1.1", "Content-Length: 10") + "half!")
                .read();

        assertThat(response.status()).isEqualTo(408);
        assertThat(response.saysClose()).isTrue();
    }

    @Test
    void countsTheBodyTimeoutOfABodyThatDoesNotBeginFromItsHead() throws Exception {
        RawClient client = connect(serve(
                FINE, options -> options.bodyTimeout(Duration.ofMillis(400)).minBodyRate(0)));
        client.send(request("POST / HTTP/1.1", "Transfer-Encoding: chunked") + "5;a=");

        long start = System.nanoTime();
        while (client.staysQuiet(Duration.ofMillis(50)) && System.nanoTime() - start < 9_000_000_000L) {
            client.send("x");
        }

        assertThat(client.read().status()).isEqualTo(408);
        assertThat(System.nanoTime() - start).as("nanoseconds").isLessThan(8_000_000_000L);
    }

    @Test
    void keepsReadingABodyThatMakesProgress() throws Exception {
        Handler echo = request -> Response.text(request.body().text());
        RawClient client = connect(serve(echo, options -> options.bodyTimeout(A_WHILE)));

        client.send(request("POST / HTTP/1.1", "Content-Length: 6"));
        for (int i = 0; i < 6; i++) {
            assertThat(client.staysQuiet(Duration.ofMillis(250))).isTrue();
            client.send("x");
        }

        assertThat(client.read().text()).isEqualTo("xxxxxx");
    }

    @Test
    void failsTheReaderOfAStreamedBodyThatStalls() throws Exception {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Handler reading = Handler.streaming(request -> {
            failure.set(catchThrowable(() -> request.body().bytes()));
            throw (IOException) failure.get();
        });
        RawClient client = connect(serve(reading, options -> options.bodyTimeout(SHORT)));

        RawResponse response = client.send(request("POST / HTTP/1.1", "Content-Length: 10") + "half!")
                .read();

        assertThat(response.status()).isEqualTo(408);
        assertThat(response.saysClose()).isTrue();
        assertThat(failure.get()).isInstanceOf(IOException.class);
        assertThat(observer.handlerFailures()).as("not the handler's fault").isEmpty();
    }

    @Test
    void doesNotBlameTheClientIfTheHandlerIsSlowToRead() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        Handler reading = Handler.streaming(request -> {
            await(release);
            return Response.text(request.body().text());
        });
        RawClient client = connect(serve(reading, options -> options.bodyTimeout(SHORT)));

        client.send(request("POST / HTTP/1.1", "Content-Length: 10") + "half!");
        assertThat(client.staysQuiet(Duration.ofMillis(500))).isTrue();
        client.send("whole"); // first, since the time counts again when the handler reads
        release.countDown();

        assertThat(client.read().text()).isEqualTo("half!whole");
    }

    @Test
    void answersABodySlowerThanTheLeastRateWith408() throws Exception {
        HttpServer server = serve(FINE, options -> options.minBodyRate(1000));
        RawClient client = connect(server);
        client.send(request("POST / HTTP/1.1", "Content-Length: 1000000"));

        long start = System.nanoTime();
        while (client.staysQuiet(Duration.ofMillis(50)) && System.nanoTime() - start < 9_000_000_000L) {
            client.send("drip ");
        }

        assertThat(client.read().status()).isEqualTo(408);
        client.close();
        eventually(() -> assertThat(server.stats().closes()).containsEntry(Cause.BODY_TIMEOUT, 1L));
    }

    @Test
    void closesOnAClientThatStopsReadingABufferedAnswer() throws Exception {
        HttpServer server = serve(
                request -> Response.bytes(new byte[64 << 20]), options -> options.writeTimeout(Duration.ofMillis(300)));
        RawClient client = connect(server, 64 * 1024).send(get("/"));
        client.readHead();

        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
        assertThat(client.skipToEnd()).isLessThan(64 << 20);
    }

    /** The system told of room only once a third of its megabytes was free, which is longer than such a client was given. */
    @Test
    void keepsAClientThatReadsSlowlyButSteadily() throws Exception {
        HttpServer server = serve(
                request -> Response.bytes(new byte[64 << 20]), options -> options.writeTimeout(Duration.ofSeconds(1)));
        RawClient client = connect(server, 64 * 1024).send(get("/"));
        client.readHead();
        byte[] some = new byte[20_000];

        for (long end = System.nanoTime() + 4_000_000_000L; System.nanoTime() < end; ) {
            LockSupport.parkNanos(50_000_000);
            assertThat(client.read(some)).isPositive();
        }

        assertThat(server.stats().connectionsOpen()).isOne();
    }

    @Test
    void closesOnAClientThatReadsSteadilyButSlowerThanTheLeastRate() throws Exception {
        HttpServer server = serve(
                request -> Response.bytes(new byte[64 << 20]),
                options -> options.writeTimeout(Duration.ofSeconds(1)).minResponseRate(10_000_000));
        RawClient client = connect(server, 64 * 1024).send(get("/"));
        client.readHead();
        byte[] some = new byte[20_000];

        for (long end = System.nanoTime() + 8_000_000_000L;
                System.nanoTime() < end && server.stats().connectionsOpen() > 0; ) {
            LockSupport.parkNanos(50_000_000);
            client.read(some);
        }

        eventually(() -> assertThat(server.stats().closes()).containsEntry(Cause.WRITE_TIMEOUT, 1L));
    }

    @Test
    void readersOfStreamsThatDoNotReadKeepNobodyElseWaiting() throws Exception {
        Worker worker = Worker.builder().allowVirtual(false).threads(2).build();
        closeLater(() -> worker.pool().shutdownNow());
        Handler site = request -> request.path().equals("/stream")
                ? Response.stream(out -> {
                    while (true) {
                        out.write(new byte[10_000]);
                    }
                })
                : Response.text("fine");
        HttpServer server = serve(site, options -> options.worker(worker.pool()).dispatch(Dispatch.WORKER));
        for (int i = 0; i < 20; i++) {
            connect(server, 64 * 1024).send(get("/stream")).readHead();
        }
        eventually(() -> assertThat(server.stats().queuedBytes()).isGreaterThan(40_000));

        RawClient normal = connect(server);
        for (int i = 0; i < 10; i++) {
            assertThat(normal.send(get("/")).read().text()).isEqualTo("fine");
        }
    }

    @Test
    void closesOnAClientThatTakesEachPieceOfAStreamInTimeButTooSlowlyInAll() throws Exception {
        Handler endless = request -> Response.stream(out -> {
            while (true) {
                out.write(new byte[40_000]);
            }
        });
        HttpServer server = serve(
                endless, options -> options.writeTimeout(Duration.ofSeconds(1)).minResponseRate(10_000_000));
        RawClient client = connect(server, 64 * 1024).send(get("/"));
        client.readHead();
        byte[] some = new byte[20_000];

        for (long end = System.nanoTime() + 8_000_000_000L;
                System.nanoTime() < end && server.stats().connectionsOpen() > 0; ) {
            LockSupport.parkNanos(10_000_000);
            client.read(some);
        }

        eventually(() -> assertThat(server.stats().closes()).containsEntry(Cause.WRITE_TIMEOUT, 1L));
    }

    @Test
    void closesOnAClientThatStopsReadingAStreamAndFreesItsThread() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        Handler endless = request -> Response.stream(out -> {
            try {
                while (true) {
                    out.write(new byte[10_000]);
                }
            } finally {
                ended.countDown();
            }
        });
        HttpServer server = serve(endless, options -> options.writeTimeout(Duration.ofMillis(300)));
        RawClient client = connect(server, 64 * 1024).send(get("/"));
        client.readHead();

        await(ended);

        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
    }

    @Test
    void doesNotCloseOnAClientThatReadsSlowlyButReads() throws Exception {
        int size = 8 << 20;
        HttpServer server = serve(
                request -> Response.bytes(new byte[size]), options -> options.writeTimeout(Duration.ofMillis(400)));
        RawClient client = connect(server, 64 * 1024).send(get("/"));
        client.readHead();

        int read = 0;
        while (read < size / 4) {
            read += client.readBytes(64 * 1024).length;
            if (read % (512 * 1024) == 0) {
                LockSupport.parkNanos(A_MOMENT.toNanos()); // the slowness is what is tested
            }
        }
        read += client.readBytes(size - read).length;

        assertThat(read).isEqualTo(size);
    }

    @Test
    void closesAfterTheCloseTimeoutIfTheClientDoesNot() throws Exception {
        HttpServer server = serve(FINE, options -> options.closeTimeout(SHORT));
        RawClient client = connect(server);

        client.send("NONSENSE\r\n\r\n").read();

        assertThat(client.awaitEnd()).as("our side ends at once").isEqualTo(RawClient.End.CLOSED);
        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
    }

    @Test
    void closesAfterTheCloseTimeoutAlsoIfTheAnswerTookLongerThanThatToLeave() throws Exception {
        int size = 16 << 20;
        HttpServer server = serve(
                request -> Response.bytes(new byte[size]).header("Connection", "close"),
                options -> options.closeTimeout(SHORT));
        RawClient slow = connect(server, 64 * 1024).send(get("/"));
        slow.readHead();
        connect(server)
                .send("NONSENSE\r\n\r\n")
                .read(); // closed when the timeout has passed: so it has for the slow one
        eventually(() -> assertThat(server.stats().connectionsOpen()).isOne());

        assertThat(slow.readBytes(size)).hasSize(size);

        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
    }

    /** The timeouts that do not come into it are short, so that none stands in for another. */
    private static HttpServer.Builder allShort(HttpServer.Builder options) {
        return options.headerTimeout(A_WHILE)
                .idleTimeout(SHORT)
                .bodyTimeout(SHORT)
                .writeTimeout(SHORT);
    }

    @Test
    void waitsWithoutEndForAHeadIfThatTimeoutIsSwitchedOff() throws Exception {
        HttpServer server = serve(FINE, options -> allShort(options).headerTimeout(Duration.ZERO));
        RawClient silent = connect(server);
        RawClient client = connect(server).send("GET / HTTP/1.1\r\n");

        assertThat(client.staysQuiet(Duration.ofMillis(500))).isTrue();

        assertThat(client.send("Host: a\r\n\r\n").read().text()).isEqualTo("fine");
        assertThat(silent.send(get("/")).read().text()).isEqualTo("fine");
    }

    @Test
    void waitsWithoutEndForTheNextRequestIfThatTimeoutIsSwitchedOff() throws Exception {
        RawClient client = connect(serve(FINE, options -> allShort(options).idleTimeout(Duration.ZERO)));
        client.send(get("/")).read();

        assertThat(client.staysQuiet(LONGER)).isTrue();

        assertThat(client.send(get("/")).read().text()).isEqualTo("fine");
    }

    @Test
    void waitsWithoutEndForABodyIfThatTimeoutIsSwitchedOff() throws Exception {
        Handler echo = request -> Response.text(request.body().text());
        RawClient client = connect(serve(echo, options -> allShort(options).bodyTimeout(Duration.ZERO)));
        client.send(request("POST / HTTP/1.1", "Content-Length: 10") + "half!");

        assertThat(client.staysQuiet(LONGER)).isTrue();

        assertThat(client.send("whole").read().text()).isEqualTo("half!whole");
    }

    @Test
    void waitsWithoutEndForAClientThatReadsNothingIfThatTimeoutIsSwitchedOff() throws Exception {
        int size = 16 << 20;
        HttpServer server = serve(request -> Response.bytes(new byte[size]), options -> allShort(options)
                .writeTimeout(Duration.ZERO));
        RawClient client = connect(server, 64 * 1024).send(get("/"));
        client.readHead();

        assertThat(connect(server).awaitEnd()).as("one that says nothing").isEqualTo(RawClient.End.CLOSED);
        assertThat(connect(server).awaitEnd()).as("and another one after it").isEqualTo(RawClient.End.CLOSED);

        assertThat(client.readBytes(size)).hasSize(size);
    }

    @Test
    void closesAtOnceIfTheCloseTimeoutIsSwitchedOff() throws Exception {
        HttpServer server = serve(FINE, options -> options.closeTimeout(Duration.ZERO));
        RawClient client = connect(server).send("NONSENSE\r\n\r\n");

        assertThat(client.read().status()).isEqualTo(400);

        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
    }
}
