package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.httpkit.server.CloseReason;
import org.httpkit.server.Dispatch;
import org.httpkit.server.DrainReport;
import org.httpkit.server.HttpServer;
import org.httpkit.server.ProxyProtocol;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.ServerObserver;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawHttp2;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Limits of the whole server, and what comes ahead of HTTP, where connections speak HTTP/2. */
final class Http2LimitsTest extends ServerTest {
    @TempDir
    private Path folder;

    private RawHttp2 http2(HttpServer server, int... settings) throws IOException {
        return closeLater(RawHttp2.connect(server, settings));
    }

    @Test
    void closesTheConnectionWhoseClientLetsTooMuchWait() throws Exception {
        HttpServer server = serve(
                request -> request.path().equals("/small") ? Response.text("x") : Response.bytes(new byte[1 << 20]),
                options -> options.maxQueuedBytesTotal(20 << 20));
        RawHttp2 greedy = http2(server, 4, 0).withoutCredit();

        List<byte[]> requests = new ArrayList<>();
        for (int id = 1; id < 80; id += 2) {
            requests.add(RawHttp2.frame(
                    RawHttp2.HEADERS,
                    RawHttp2.END_HEADERS | RawHttp2.END_STREAM,
                    id,
                    RawHttp2.request("GET", "/large")));
        }
        greedy.send(requests); // in one write, since the connection ends before the last of them is answered
        greedy.awaitEnd();

        eventually(() -> assertThat(server.stats().queuedBytes()).isZero());
        eventually(() -> assertThat(observer.sheds()).isNotEmpty());
        RawHttp2 other = http2(server);
        assertThat(other.await(other.get("/small")).text()).isEqualTo("x");
    }

    /** Their threads may be held up behind it, as by an observer or for want of a processor. */
    @Test
    void aStreamWhoseAnswerHasLeftIsNotCountedAnyMore() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        ExecutorService worker = Executors.newCachedThreadPool();
        closeLater(worker::shutdown);
        HttpServer server = serve(
                request -> Response.text("x"),
                options -> options.dispatch(Dispatch.WORKER).worker(worker).observer(new ServerObserver() {
                    @Override
                    public void responded(@Nullable Request request, int status) {
                        try {
                            await(goOn);
                        } catch (InterruptedException e) {
                            throw new AssertionError(e);
                        }
                    }
                }));
        RawHttp2 client = http2(server);

        try {
            for (int i = 0; i < 250; i++) {
                assertThat(client.await(client.get("/")).text()).isEqualTo("x");
            }
        } finally {
            goOn.countDown();
        }
    }

    @Test
    void refusesBodiesOfAConnectionThatHoldsTooMuch() throws Exception {
        HttpServer server = serve(
                request -> Response.text("" + request.body().bytes().length),
                options -> options.maxReceivedBytesTotal(1 << 20).maxReceivedBytesPerAddress(0));
        RawHttp2 client = http2(server);

        for (int i = 0; i < 30; i++) {
            int id = client.open(false, RawHttp2.request("POST", "/"));
            for (int j = 0; j < 3; j++) {
                client.data(id, false, new byte[16_000]);
            }
        }

        client.roundTrip().roundTrip(); // the first answer to a PING may have overtaken some heads
        int refused = 0;
        for (int i = 0; i < 30; i++) {
            RawHttp2.Answer answer = client.answer(2 * i + 1);
            if (answer.hasHead()) {
                assertThat(answer.status()).isEqualTo(503);
                refused++;
            }
        }
        assertThat(refused).isBetween(5, 25);
        assertThat(server.stats().heldBytes()).isLessThan(1100 << 10);
        assertThat(observer.inputSheds()).isNotEmpty();
        assertThat(client.await(client.post("/", "four")).text()).isEqualTo("4");
    }

    @Test
    void givesUpAnIdleConnectionForANewOne() throws Exception {
        HttpServer server = serve(request -> Response.text("x"), options -> options.maxConnections(2));
        RawHttp2 idle = http2(server);
        idle.await(idle.get("/"));
        RawHttp2 second = http2(server);
        second.await(second.get("/"));

        RawHttp2 third = http2(server);

        assertThat(third.await(third.get("/")).text()).isEqualTo("x");
        assertThat(idle.awaitGoAway()).isZero();
        idle.awaitEnd();
        idle.close();
        eventually(() -> assertThat(observer.closed()).contains(CloseReason.Cause.CONNECTION_LIMIT));
    }

    @Test
    void goesByTheOptionsOfTheMomentForEachRequest() throws Exception {
        HttpServer server = serve(request -> Response.text("x"), options -> options.maxBodyBytes(10));
        RawHttp2 client = http2(server);
        assertThat(client.await(client.post("/", "x".repeat(11))).status()).isEqualTo(413);

        server.reconfigure(options -> options.maxBodyBytes(11));

        assertThat(client.await(client.post("/", "x".repeat(11))).status()).isEqualTo(200);
    }

    @Test
    void speaksHttp2OverAUnixSocket() throws Exception {
        HttpServer server =
                serve(request -> Response.text("x"), options -> options.unixSocket(folder.resolve("socket")));
        RawHttp2 client = http2(server);

        assertThat(client.await(client.get("/")).text()).isEqualTo("x");
    }

    @Test
    void speaksHttp2BehindAProxyHeader() throws Exception {
        HttpServer server = serve(
                request -> Response.text(request.remoteAddress() + " " + request.header("X-Forwarded-For")),
                options -> options.proxyProtocol(ProxyProtocol.ENABLED).tls(null));
        RawClient raw = connect(server);
        raw.send("PROXY TCP4 192.0.2.1 192.0.2.2 1234 80\r\n" + RawHttp2.PREFACE);
        RawHttp2 client = RawHttp2.over(raw);
        client.settings();

        assertThat(client.await(client.get("/")).text()).isEqualTo("/192.0.2.1:1234 192.0.2.1");
    }

    @Test
    void cutsWhatHasNotLeftWhenTheStopIsOver() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        HttpServer server = serve(request -> {
            begun.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
                throw e;
            }
            return Response.of(200);
        });
        RawHttp2 client = http2(server);
        client.get("/");
        await(begun);

        DrainReport report = server.stop(Duration.ofMillis(300)).get(10, TimeUnit.SECONDS);

        assertThat(report.cut()).isEqualTo(1);
        await(interrupted);
        client.awaitEnd();
    }
}
