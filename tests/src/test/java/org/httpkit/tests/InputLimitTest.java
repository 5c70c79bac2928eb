package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.zip.GZIPOutputStream;
import org.httpkit.http.CloseCode;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.CloseReason.Cause;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawWebSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What clients send and never complete: so much of it is held, and no more, while everybody else is served. */
final class InputLimitTest extends ServerTest {
    private static final int LIMIT = 1 << 20;
    private static final int PART = 60_000;

    private static final Handler SITE = request -> request.path().equals("/websocket")
            ? request.asChannel(new RecordingListener())
            : Response.text("got " + request.body().bytes().length);

    private HttpServer serve(Dispatch dispatch, UnaryOperator<HttpServer.Builder> options) throws IOException {
        return serve(SITE, builder -> options.apply(builder.dispatch(dispatch)));
    }

    private List<RawClient> connectAll(HttpServer server, int count, String sent) throws IOException {
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            clients.add(connect(server).send(sent));
        }
        return clients;
    }

    /** Waits until the server has answered one of them; which one is not said, because all hold the same for as long. */
    private static RawClient refusedOf(List<RawClient> clients) {
        AtomicReference<RawClient> refused = new AtomicReference<>();
        eventually(() -> {
            for (RawClient client : clients) {
                if (!client.staysQuiet(Duration.ofMillis(5))) {
                    refused.set(client);
                }
            }
            assertThat(refused.get()).isNotNull();
        });
        return refused.get();
    }

    private static String unfinished(int bytes) {
        return request("POST / HTTP/1.1", "Transfer-Encoding: chunked") + Integer.toHexString(2 * bytes) + "\r\n"
                + "x".repeat(bytes);
    }

    private void verifyAnUploadOf(HttpServer server, int bytes) throws IOException {
        RawClient normal = connect(server).send(request("POST / HTTP/1.1", "Content-Length: " + bytes));
        assertThat(normal.send("x".repeat(bytes)).read().text()).isEqualTo("got " + bytes);
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void bodiesThatAreNeverCompletedAreRefusedBeforeTheyAreTooMuchForAll(Dispatch dispatch) throws Exception {
        HttpServer server = serve(dispatch, options -> options.maxReceivedBytesTotal(LIMIT));

        List<RawClient> attackers = connectAll(server, 60, unfinished(PART));

        eventually(() -> assertThat(observer.inputSheds()).hasSizeGreaterThan(40));
        verifyAnUploadOf(server, 300_000);
        assertThat(refusedOf(attackers).read().status()).isEqualTo(503);
        assertThat(observer.inputSheds()).allSatisfy(bytes -> assertThat(bytes).isLessThan(3 * PART));
        for (RawClient attacker : attackers) {
            attacker.close();
        }
        eventually(() -> assertThat(server.stats().closes().get(Cause.OVERLOAD)).isGreaterThan(40));
    }

    @Test
    void theFiguresSayHowMuchIsHeld() throws Exception {
        HttpServer server = serve(Dispatch.WORKER, options -> options);
        assertThat(server.stats().heldBytes()).isZero();

        RawClient client = connectAll(server, 1, unfinished(PART)).get(0);

        eventually(() -> assertThat(server.stats().heldBytes()).isBetween((long) PART, 3L * PART));
        client.close();
        eventually(() -> assertThat(server.stats().heldBytes()).isZero());
    }

    @Test
    void messagesThatAListenerHasCount() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        HttpServer server = serve(
                request -> request.asChannel(new ChannelListener() {
                    @Override
                    public void onBinary(AsyncChannel channel, byte[] bytes) {
                        try {
                            await(release);
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                    }
                }),
                options -> options.dispatch(Dispatch.WORKER));
        RawWebSocket client = closeLater(RawWebSocket.open(server, "/"));
        client.binary(new byte[PART]).binary(new byte[10]);

        eventually(() -> assertThat(server.stats().heldBytes()).isBetween((long) PART, 2L * PART));
        release.countDown();
        eventually(() -> assertThat(server.stats().heldBytes()).isZero());
    }

    @Test
    void aBodyThatWasDecodedCountsAsLongAsItsHandlerRuns() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        HttpServer server = serve(
                request -> {
                    int length = request.body().bytes().length;
                    await(release);
                    return Response.text("got " + length);
                },
                options -> options.dispatch(Dispatch.WORKER).decompressRequests(true));
        ByteArrayOutputStream coded = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(coded)) {
            out.write(new byte[LIMIT]);
        }
        RawClient client = connect(server)
                .send(request("POST / HTTP/1.1", "Content-Encoding: gzip", "Content-Length: " + coded.size()))
                .send(coded.toByteArray());

        eventually(() -> assertThat(server.stats().heldBytes()).isGreaterThan(LIMIT));
        release.countDown();
        assertThat(client.read().text()).isEqualTo("got " + LIMIT);
        eventually(() -> assertThat(server.stats().heldBytes()).isZero());
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void oneAddressHasItsOwnLimit(Dispatch dispatch) throws Exception {
        HttpServer server = serve(dispatch, options -> options.maxReceivedBytesPerAddress(LIMIT));

        connectAll(server, 60, unfinished(PART));

        eventually(() -> assertThat(observer.inputSheds()).hasSizeGreaterThan(40));
    }

    @Test
    void headsThatAreNeverCompletedCountAsWell() throws Exception {
        HttpServer server = serve(Dispatch.WORKER, options -> options.maxReceivedBytesTotal(LIMIT));

        List<RawClient> attackers =
                connectAll(server, 60, "GET / HTTP/1.1\r\nHost: a\r\n" + ("X: " + "x".repeat(7000) + "\r\n").repeat(4));

        eventually(() -> assertThat(observer.inputSheds()).hasSizeGreaterThan(20));
        assertThat(refusedOf(attackers).read().status()).isEqualTo(503);
    }

    @Test
    void readersOfABodyThatIsHeldForTooLongFail() throws Exception {
        CountDownLatch tooMuch = new CountDownLatch(1);
        Handler reader = new Handler() {
            @Override
            public Response handle(Request request) throws Exception {
                tooMuch.await(); // what has been read is no longer held
                return Response.text("got " + request.body().bytes().length);
            }

            @Override
            public boolean streamsBody(Request request) {
                return true;
            }
        };
        HttpServer server = serve(reader, options -> options.maxReceivedBytesTotal(LIMIT));

        List<RawClient> attackers = connectAll(server, 30, unfinished(PART));

        eventually(() -> assertThat(observer.inputSheds()).isNotEmpty());
        tooMuch.countDown();
        assertThat(refusedOf(attackers).read().status()).isEqualTo(503);
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void messagesThatAreNeverCompletedEndTheirWebSockets(Dispatch dispatch) throws Exception {
        HttpServer server = serve(dispatch, options -> options.maxReceivedBytesTotal(LIMIT));
        List<RawWebSocket> attackers = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            attackers.add(closeLater(RawWebSocket.open(server, "/websocket"))
                    .frame(false, 0, RawWebSocket.BINARY, new byte[PART]));
        }

        eventually(() -> assertThat(observer.inputSheds()).hasSizeGreaterThan(40));
        assertThat(attackers.get(0).readClose().closeCode()).isEqualTo(CloseCode.TRY_AGAIN_LATER);
        assertThat(observer.webSocketCloses())
                .anySatisfy(reason -> assertThat(reason.cause()).isEqualTo(Cause.OVERLOAD));
    }

    @Test
    void aMessageThatStopsComingEndsItsWebSocketHoweverManyPingsComeMeanwhile() throws Exception {
        HttpServer server = serve(Dispatch.WORKER, options -> options.bodyTimeout(Duration.ofMillis(300)));
        RawWebSocket client = closeLater(RawWebSocket.open(server, "/websocket"));
        client.frame(false, 0, RawWebSocket.TEXT, new byte[10]);

        int pings = 0;
        while (client.client().staysQuiet(Duration.ofMillis(20)) && pings < 200) {
            client.pong("");
            pings++;
        }

        assertThat(client.readClose().closeCode()).isEqualTo(CloseCode.POLICY_VIOLATION);
        assertThat(pings).isLessThan(100);
        client.close();
        eventually(() -> assertThat(server.stats().closes()).containsEntry(Cause.BODY_TIMEOUT, 1L));
    }

    @Test
    void aMessageSlowerThanTheLeastRateEndsItsWebSocket() throws Exception {
        HttpServer server = serve(Dispatch.WORKER, options -> options.minBodyRate(1000));
        RawWebSocket client = closeLater(RawWebSocket.open(server, "/websocket"));
        client.frame(false, 0, RawWebSocket.TEXT, "x".repeat(10).getBytes(java.nio.charset.StandardCharsets.US_ASCII));

        long start = System.nanoTime();
        while (client.client().staysQuiet(Duration.ofMillis(50)) && System.nanoTime() - start < 9_000_000_000L) {
            client.frame(false, 0, RawWebSocket.CONTINUATION, new byte[] {'x'});
        }

        assertThat(client.readClose().closeCode()).isEqualTo(CloseCode.POLICY_VIOLATION);
    }

    @Test
    void aMessageMayRestForAsLongAsItLikesBetweenTwo() throws Exception {
        HttpServer server = serve(Dispatch.WORKER, options -> options.bodyTimeout(Duration.ofMillis(200)));
        RawWebSocket client = closeLater(RawWebSocket.open(server, "/websocket"));
        client.client()
                .send(WebSocketTest.concat(
                        RawWebSocket.masked(false, 0, RawWebSocket.TEXT, new byte[] {'x'}, 1),
                        RawWebSocket.masked(true, 0, RawWebSocket.CONTINUATION, new byte[] {'x'}, 2)));

        assertThat(client.client().staysQuiet(Duration.ofMillis(600))).isTrue();
    }
}
