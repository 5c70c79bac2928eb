package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.httpkit.server.CloseReason;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.Worker;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.junit.jupiter.api.Test;

/** Bodies that the handler reads while they arrive. */
final class StreamedRequestBodyTest extends ServerTest {
    private static final String CHUNKED = request("POST / HTTP/1.1", "Transfer-Encoding: chunked");

    /** Threads of a pool that may wait for clients without counting. */
    private static final int MOST_WAITING = 256;

    private static Handler echo() {
        return Handler.streaming(request -> Response.text(request.body().text())
                .header("X-Length", Long.toString(request.body().length())));
    }

    @Test
    void givesDeclaredAndChunkedBodies() throws Exception {
        RawClient client = connect(serve(echo()));

        RawResponse declared = client.send(post("/", "hello")).read();
        RawResponse chunked =
                client.send(CHUNKED + chunk("hel") + chunk("lo") + "0\r\n\r\n").read();

        assertThat(declared.text()).isEqualTo("hello");
        assertThat(declared.field("X-Length")).isEqualTo("5");
        assertThat(chunked.text()).isEqualTo("hello");
        assertThat(chunked.field("X-Length")).isEqualTo("-1");
    }

    @Test
    void callsTheHandlerBeforeTheBodyHasCome() throws Exception {
        CompletableFuture<String> first = new CompletableFuture<>();
        HttpServer server = serve(Handler.streaming(request -> {
            InputStream body = request.body().stream();
            first.complete(new String(body.readNBytes(3), StandardCharsets.ISO_8859_1));
            return Response.bytes(body.readAllBytes());
        }));
        RawClient client = connect(server);

        client.send(CHUNKED + chunk("one"));
        assertThat(first.get(10, TimeUnit.SECONDS)).isEqualTo("one");
        client.send(chunk("two") + "0\r\n\r\n");

        assertThat(client.read().text()).isEqualTo("two");
    }

    @Test
    void givesTrailersOnceTheBodyWasRead() throws Exception {
        HttpServer server = serve(Handler.streaming(request -> {
            request.body().bytes();
            return Response.text(String.valueOf(request.trailers().first("X-Sum")));
        }));

        RawClient client = connect(server).send(CHUNKED + chunk("data") + "0\r\nX-Sum: 7\r\n\r\n");

        assertThat(client.read().text()).isEqualTo("7");
    }

    @Test
    void slowBodiesDoNotHoldThePlacesOfOthersInThePool() throws Exception {
        HttpServer server = serve(echo(), StreamedRequestBodyTest::twoThreads);
        List<RawClient> slow = begin(10, server);

        assertThat(connect(server).send(post("/", "quick")).read().text()).isEqualTo("quick");
        for (RawClient client : slow) {
            assertThat(client.send("0\r\n\r\n").read().text()).isEqualTo("half");
        }
    }

    @Test
    void ofTooManySlowBodiesOneIsGivenUpForOthers() throws Exception {
        HttpServer server = serve(echo(), StreamedRequestBodyTest::twoThreads);
        begin(MOST_WAITING + 20, server);

        assertThat(connect(server).send(post("/", "quick")).read().text()).isEqualTo("quick");
        eventually(() -> assertThat(server.stats().closes().get(CloseReason.Cause.BODY_TIMEOUT))
                .isPositive());
    }

    private static HttpServer.Builder twoThreads(HttpServer.Builder options) {
        return options.worker(Worker.builder().allowVirtual(false).threads(2));
    }

    private List<RawClient> begin(int clients, HttpServer server) throws IOException {
        List<RawClient> begun = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            begun.add(connect(server).send(CHUNKED + chunk("half")));
        }
        return begun;
    }

    @Test
    void readsOnTheWorkerEvenIfDispatchIsInline() throws Exception {
        HttpServer server =
                serve(echo(), options -> options.dispatch(Dispatch.INLINE).eventLoops(1));
        RawClient slow = connect(server).send(CHUNKED + chunk("half"));

        assertThat(connect(server).send(post("/", "whole")).read().text()).isEqualTo("whole");
        assertThat(slow.send("0\r\n\r\n").read().text()).isEqualTo("half");
    }

    @Test
    void hasNoLimit() throws Exception {
        HttpServer server = serve(echo(), options -> options.maxBodyBytes(3));

        assertThat(connect(server).send(post("/", "hello")).read().text()).isEqualTo("hello");
    }

    @Test
    void holdsAClientWhoseBodyNobodyReadsAndLetsItGoOn() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        HttpServer server = serve(Handler.streaming(request -> {
            await(release);
            long count = 0;
            byte[] buffer = new byte[100_000];
            for (int n = request.body().stream().read(buffer);
                    n >= 0;
                    n = request.body().stream().read(buffer)) {
                count += n;
            }
            return Response.text(Long.toString(count));
        }));
        RawClient client = connect(server).send(request("POST / HTTP/1.1", "Content-Length: " + (64 << 20)));

        long before = client.sendUntilHeld(new byte[1 << 16], Duration.ofMillis(300), 64 << 20);
        assertThat(before).as("taken in by the kernel and 64 KiB of us").isLessThan(16 << 20);
        release.countDown();
        client.send(new byte[(64 << 20) - (int) before]);

        assertThat(client.read().text()).isEqualTo(Integer.toString(64 << 20));
        assertThat(client.send(post("/", "")).read().text()).isEqualTo("0");
    }

    @Test
    void keepsTheConnectionIfLittleOfTheBodyWasLeft() throws Exception {
        RawClient client = connect(serve(Handler.streaming(request -> Response.text("done"))));

        for (int i = 0; i < 3; i++) {
            assertThat(client.send(post("/", "x".repeat(10_000))).read().text()).isEqualTo("done");
        }
    }

    @Test
    void answersBeforeTheBodyHasComeAndClosesIfMuchIsLeft() throws Exception {
        RawClient client = connect(serve(Handler.streaming(request -> Response.text("enough"))));

        client.send(request("POST / HTTP/1.1", "Content-Length: " + (1 << 20)));
        RawResponse response = client.read();
        client.send(new byte[1 << 20]);

        assertThat(response.text()).isEqualTo("enough");
        client.endOutput();
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
    }

    @Test
    void answersTheNextRequestAfterABodyThatWasDropped() throws Exception {
        RawClient client = connect(serve(Handler.streaming(request -> Response.text(request.path()))));

        client.send(post("/a", "x".repeat(1000)) + get("/b") + post("/c", "y"));

        assertThat(client.read().text()).isEqualTo("/a");
        assertThat(client.read().text()).isEqualTo("/b");
        assertThat(client.read().text()).isEqualTo("/c");
    }

    @Test
    void failsTheReaderIfTheClientEndsWithinTheBody() throws Exception {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        HttpServer server = serve(Handler.streaming(request -> {
            failure.set(catchThrowable(() -> request.body().bytes()));
            return Response.of(200);
        }));

        connect(server).send(CHUNKED + chunk("half")).endOutput();

        eventually(() -> assertThat(failure.get()).isInstanceOf(IOException.class));
    }

    @Test
    void failsTheReaderIfTheClientResetsTheConnection() throws Exception {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        CountDownLatch reading = new CountDownLatch(1);
        HttpServer server = serve(Handler.streaming(request -> {
            reading.countDown();
            failure.set(catchThrowable(() -> request.body().bytes()));
            return Response.of(200);
        }));
        RawClient client = connect(server).send(CHUNKED + chunk("half"));
        await(reading);

        client.reset();

        eventually(() -> assertThat(failure.get()).isInstanceOf(IOException.class));
        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
    }

    @Test
    void answersABrokenChunkWith400() throws Exception {
        RawClient client = connect(serve(echo()));

        RawResponse response = client.send(CHUNKED + chunk("good") + "oops\r\n").read();

        assertThat(response.status()).isEqualTo(400);
        assertThat(response.saysClose()).isTrue();
        assertThat(observer.handlerFailures()).isEmpty();
    }

    @Test
    void collectsTheBodyIfTheQuestionHowToReadItFails() throws Exception {
        HttpServer server = serve(new Handler() {
            @Override
            public Response handle(Request request) throws IOException {
                return Response.text(request.body().text());
            }

            @Override
            public boolean streamsBody(Request request) {
                throw new IllegalStateException("on purpose");
            }
        });

        assertThat(connect(server).send(post("/", "hello")).read().text()).isEqualTo("hello");
        assertThat(observer.handlerFailures()).singleElement().isInstanceOf(IllegalStateException.class);
    }
}
