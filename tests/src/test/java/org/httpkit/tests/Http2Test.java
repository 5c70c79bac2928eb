package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.httpkit.http.HttpVersion;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawHttp2;
import org.httpkit.testkit.RawHttp2.Answer;
import org.httpkit.testkit.RawHttp2.Frame;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests and answers over HTTP/2 with prior knowledge (RFC 9113). */
final class Http2Test extends ServerTest {
    private static final int CANCEL = 8;

    private static final Handler ECHO =
            request -> Response.text(request.method() + " " + request.target() + " " + request.version() + " "
                    + request.authority() + " " + request.body().text());

    private RawHttp2 http2(HttpServer server, int... settings) throws IOException {
        return closeLater(RawHttp2.connect(server, settings));
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void answersRequestsWithAndWithoutBodies(Dispatch dispatch) throws Exception {
        HttpServer server = serve(ECHO, options -> options.dispatch(dispatch));
        RawHttp2 client = http2(server);

        int get = client.get("/a?b");
        int post = client.post("/c", "body");

        assertThat(client.await(get).text()).isEqualTo("GET /a?b HTTP/2.0 localhost ");
        assertThat(client.await(post).text()).isEqualTo("POST /c HTTP/2.0 localhost body");
        assertThat(client.answer(get).status()).isEqualTo(200);
        assertThat(client.answer(get).field("content-type")).isEqualTo("text/plain; charset=utf-8");
        assertThat(client.answer(get).field("content-length")).isEqualTo("28");
        assertThat(client.answer(get).field("date")).isNotNull();
        assertThat(client.answer(get).field("server")).isEqualTo("httpkit");
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void answersAHundredRequestsAtOnce(Dispatch dispatch) throws Exception {
        HttpServer server = serve(ECHO, options -> options.dispatch(dispatch));
        RawHttp2 client = http2(server);
        List<Integer> ids = new ArrayList<>();

        for (int round = 0; round < 20; round++) {
            ids.clear();
            for (int i = 0; i < 100; i++) {
                ids.add(client.get("/" + i));
            }
            for (int i = 0; i < 100; i++) {
                assertThat(client.await(ids.get(i)).text()).isEqualTo("GET /" + i + " HTTP/2.0 localhost ");
            }
        }
    }

    @Test
    void answersInTheOrderInWhichAnswersAreDone() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        HttpServer server = serve(request -> {
            if (request.path().equals("/slow")) {
                await(release);
            }
            return Response.text(request.path());
        });
        RawHttp2 client = http2(server);

        int slow = client.get("/slow");
        int quick = client.get("/quick");

        assertThat(client.await(quick).text()).isEqualTo("/quick");
        assertThat(client.answer(slow).hasHead()).isFalse();
        release.countDown();
        assertThat(client.await(slow).text()).isEqualTo("/slow");
    }

    @Test
    void takesThePrefaceByteByByte() throws Exception {
        HttpServer server = serve(ECHO, options -> options.tls(null));
        RawClient raw = connect(server);
        for (char c : RawHttp2.PREFACE.toCharArray()) {
            raw.send(String.valueOf(c));
        }
        for (byte b : RawHttp2.frame(RawHttp2.SETTINGS, 0, 0)) {
            raw.send(new byte[] {b});
        }
        RawHttp2 client = RawHttp2.over(raw);

        assertThat(client.awaitControl(RawHttp2.SETTINGS).streamId()).isZero();
        assertThat(client.await(client.get("/x")).text()).isEqualTo("GET /x HTTP/2.0 localhost ");
    }

    @Test
    void takesWhatOnlyBeginsLikeThePrefaceForHttp1() throws Exception {
        HttpServer server = serve(ECHO);
        RawClient client = connect(server);

        client.send("PR").send("OPFIND / HTTP/1.1\r\nHost: test\r\n\r\n");

        assertThat(client.read().text()).isEqualTo("PROPFIND / HTTP/1.1 test ");
    }

    @Test
    void answersAnIncompletePrefaceLikeAnIncompleteHead() throws Exception {
        HttpServer server = serve(ECHO, options -> options.headerTimeout(A_WHILE));
        RawClient client = connect(server);

        client.send("PRI * HTTP/2.");

        assertThat(client.read().status()).isEqualTo(408);
    }

    @Test
    void answersThePrefaceWith505IfItSpeaksHttp1Alone() throws Exception {
        HttpServer server = serve(ECHO, options -> options.protocols(HttpVersion.HTTP_1_1));

        RawClient client = connect(server).send(RawHttp2.PREFACE);

        assertThat(client.read().status()).isEqualTo(505);
    }

    @Test
    void refusesHttp1IfItSpeaksHttp2Alone() throws Exception {
        HttpServer server =
                serve(ECHO, options -> options.protocols(HttpVersion.HTTP_2).tls(null));
        RawHttp2 client = http2(server);
        assertThat(client.await(client.get("/")).status()).isEqualTo(200);
        RawHttp2 wrong = RawHttp2.over(connect(server).send("GET / HTTP/1.1\r\n\r\n"));

        assertThat(wrong.awaitGoAway()).isEqualTo(1);
        wrong.awaitEnd();
    }

    @Test
    void endsTheStreamWithTheHeadIfNoContentFollows() throws Exception {
        HttpServer server = serve(request -> switch (request.path()) {
            case "/204" -> Response.of(204);
            case "/304" -> Response.of(304).header("Content-Length", "77");
            case "/empty" -> Response.text("");
            default -> Response.text("hello");
        });
        RawHttp2 client = http2(server);

        int head = client.open(true, RawHttp2.request("HEAD", "/"));
        for (int id : new int[] {head, client.get("/204"), client.get("/304"), client.get("/empty")}) {
            assertThat(client.await(id).dataFrames()).isZero();
            assertThat(client.answer(id).resetCode()).isEqualTo(-1);
        }

        assertThat(client.answer(head).field("content-length")).isEqualTo("5");
        assertThat(client.answer(3).field("content-length")).isNull();
        assertThat(client.answer(5).field("content-length")).isEqualTo("77");
        assertThat(client.answer(7).field("content-length")).isEqualTo("0");
    }

    @Test
    void sendsTheHeadAndContentOfASmallAnswerInOneWrite() throws Exception {
        HttpServer server = serve(request -> Response.text("hello"), options -> options.dispatch(Dispatch.WORKER));
        RawHttp2 client = http2(server).roundTrip();
        int id = client.get("/");
        byte[] both = new byte[1000];

        int count = client.raw().read(both);

        assertThat(new String(both, 0, count, StandardCharsets.ISO_8859_1)).endsWith("hello");
        assertThat(id).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void keepsToTheWindowsOfTheClient(Dispatch dispatch) throws Exception {
        byte[] body = bytes(200_000);
        HttpServer server = serve(request -> Response.bytes(body), options -> options.dispatch(dispatch));
        RawHttp2 client = http2(server, 4, 1000).withoutCredit();

        int id = client.get("/");
        client.awaitContent(id, 1000).body();
        client.roundTrip();
        assertThat(client.answer(id).body()).hasSize(1000);

        client.windowUpdate(id, 500).roundTrip();
        assertThat(client.awaitContent(id, 1500).body()).hasSize(1500);

        client.windowUpdate(id, 300_000).roundTrip();
        assertThat(client.awaitContent(id, 65_535).body()).hasSize(65_535);

        client.windowUpdate(0, 300_000);
        assertThat(client.await(id).body()).isEqualTo(body);
    }

    @Test
    void followsAChangeOfTheInitialWindow() throws Exception {
        byte[] body = bytes(60_000);
        HttpServer server = serve(request -> Response.bytes(body));
        RawHttp2 client = http2(server, 4, 0).withoutCredit();

        int id = client.get("/");
        assertThat(client.awaitHead(id).status()).isEqualTo(200);
        client.settings(4, 100).roundTrip();
        assertThat(client.awaitContent(id, 100).body()).hasSize(100);
        client.settings(4, 10).roundTrip(); // 90 below zero now
        client.windowUpdate(id, 95).roundTrip();
        assertThat(client.awaitContent(id, 105).body()).hasSize(105);
        client.settings(4, 100_000);

        assertThat(client.await(id).body()).isEqualTo(body);
    }

    @Test
    void answersHeadsAndPingsAtAWindowOfZero() throws Exception {
        HttpServer server = serve(request -> Response.text("content"));
        RawHttp2 client = http2(server, 4, 0).withoutCredit();

        int first = client.get("/1");
        int second = client.get("/2");

        assertThat(client.awaitHead(second).status()).isEqualTo(200);
        assertThat(client.awaitHead(first).status()).isEqualTo(200);
        client.roundTrip();
        assertThat(client.answer(first).body()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void collectsALargeBodyWhoseClientWaitsForCredit(Dispatch dispatch) throws Exception {
        HttpServer server =
                serve(request -> Response.bytes(request.body().bytes()), options -> options.dispatch(dispatch));
        RawHttp2 client = http2(server);
        byte[] body = bytes(1_000_000);

        int id = client.open(false, RawHttp2.request("POST", "/"));
        sendWithinWindows(client, id, body);

        assertThat(client.await(id).body()).isEqualTo(body);
    }

    @Test
    void creditsPaddingToo() throws Exception {
        HttpServer server = serve(request -> Response.text("" + request.body().bytes().length));
        RawHttp2 client = http2(server);
        int id = client.open(false, RawHttp2.request("POST", "/"));
        byte[] padded = new byte[257];
        padded[0] = (byte) 255;

        for (int sent = 0; sent < 100_000; sent += padded.length) {
            client.send(RawHttp2.DATA, 8, id, padded);
            if (sent > 40_000) {
                while (windowUpdates(client, id) == 0) {
                    client.read();
                }
            }
        }
        client.data(id, true);

        assertThat(client.await(id).text()).isEqualTo("390");
    }

    private static long windowUpdates(RawHttp2 client, int id) {
        return client.controls().stream()
                .filter(frame -> frame.type() == RawHttp2.WINDOW_UPDATE && frame.streamId() == id)
                .count();
    }

    @Test
    void refusesABodyAboveTheLimit() throws Exception {
        HttpServer server = serve(ECHO, options -> options.maxBodyBytes(1000));
        RawHttp2 client = http2(server);

        int declared = client.open(false, RawHttp2.request("POST", "/", "content-length", "1001"));
        assertThat(client.await(declared).status()).isEqualTo(413);
        assertThat(client.awaitReset(declared)).isZero();

        int undeclared = client.open(false, RawHttp2.request("POST", "/"));
        client.data(undeclared, false, bytes(600))
                .data(undeclared, false, bytes(600))
                .data(undeclared, true, bytes(600));
        assertThat(client.await(undeclared).status()).isEqualTo(413);

        assertThat(client.await(client.post("/", "x".repeat(1000))).status()).isEqualTo(200);
    }

    @Test
    void answersAFailureOfTheHandlerWith500() throws Exception {
        HttpServer server = serve(request -> {
            throw new IllegalStateException("secret");
        });
        RawHttp2 client = http2(server);

        Answer answer = client.await(client.get("/"));

        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.text()).doesNotContain("secret");
        assertThat(observer.handlerFailures()).hasSize(1);
    }

    @Test
    void answersNullWith404() throws Exception {
        RawHttp2 client = http2(serve(request -> null));

        assertThat(client.await(client.get("/")).status()).isEqualTo(404);
    }

    @Test
    void tellsToSendABodyThatWaitsForIt() throws Exception {
        HttpServer server = serve(ECHO);
        RawHttp2 client = http2(server);

        int id = client.open(false, RawHttp2.request("POST", "/", "expect", "100-continue"));
        while (client.answer(id).interims().isEmpty()) {
            client.read();
        }
        client.data(id, true, bytes(3));

        assertThat(client.answer(id).interims().get(0).first(":status")).isEqualTo("100");
        assertThat(client.await(id).status()).isEqualTo(200);
        int unknown = client.open(false, RawHttp2.request("POST", "/", "expect", "a miracle"));
        assertThat(client.await(unknown).status()).isEqualTo(417);
    }

    @Test
    void refusesMalformedRequestsAndGoesOn() throws Exception {
        RawHttp2 client = http2(serve(ECHO));

        int upperCase = client.get("/", "X-Upper", "x");
        int connection = client.get("/", "connection", "close");
        int lineFeed = client.get("/", "x", "a\nb");
        int twoHosts = client.get("/", "host", "localhost", "host", "other");
        for (int id : new int[] {upperCase, connection, lineFeed, twoHosts}) {
            assertThat(client.await(id).status()).as("stream %d", id).isEqualTo(400);
            assertThat(client.awaitReset(id)).isEqualTo(1);
        }
        int tooLarge = client.get("/", "x", "y".repeat(9000));
        assertThat(client.await(tooLarge).status()).isEqualTo(431);

        assertThat(client.await(client.get("/")).status()).isEqualTo(200);
    }

    @Test
    void refusesContentUnlikeItsDeclaredLength() throws Exception {
        RawHttp2 client = http2(serve(ECHO));

        int tooLong = client.open(false, RawHttp2.request("POST", "/", "content-length", "3"));
        client.data(tooLong, false, bytes(4));
        int tooShort = client.open(false, RawHttp2.request("POST", "/", "content-length", "3"));
        client.data(tooShort, true, bytes(2));
        int none = client.open(true, RawHttp2.request("POST", "/", "content-length", "3"));

        for (int id : new int[] {tooLong, tooShort, none}) {
            assertThat(client.await(id).status()).as("stream %d", id).isEqualTo(400);
            assertThat(client.awaitReset(id)).isEqualTo(1);
        }
        assertThat(client.await(client.get("/")).status()).isEqualTo(200);
    }

    @Test
    void endsTheConnectionOnAViolationOfIts() throws Exception {
        RawHttp2 client = http2(serve(ECHO));

        client.send(RawHttp2.DATA, 0, 0, (byte) 1);

        assertThat(client.awaitGoAway()).isEqualTo(1);
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
    }

    @Test
    void refusesStreamsAboveTheLimit() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        HttpServer server = serve(request -> Response.later(CompletableFuture.supplyAsync(() -> {
            hold(release);
            return Response.text("late");
        })));
        RawHttp2 client = http2(server);

        for (int i = 0; i < 100; i++) {
            client.get("/");
        }
        int refused = client.get("/");

        assertThat(client.awaitReset(refused)).isEqualTo(7);
        release.countDown();
        assertThat(client.await(1).text()).isEqualTo("late");
        assertThat(client.await(client.get("/")).text()).isEqualTo("late");
    }

    @Test
    void decodesTheFieldsOfRefusedStreamsForThoseThatFollow() throws Exception {
        HttpServer server = serve(ECHO, options -> options.maxHeaderBytes(4096));
        RawHttp2 client = http2(server);
        // Field 62 becomes the path; the request itself has too large a list.
        byte[] indexed = concat(
                new byte[] {(byte) 0x82, (byte) 0x86, 0x44, 5, '/', 'n', 'e', 'x', 't', 0x41, 1, 'h'},
                RawHttp2.block("big", "z".repeat(5000)));
        int refused = client.open(true, indexed);
        int next = client.open(true, new byte[] {(byte) 0x82, (byte) 0x86, (byte) 0xbf, (byte) 0xbe});

        assertThat(client.await(refused).status()).isEqualTo(431);
        assertThat(client.await(next).text()).isEqualTo("GET /next HTTP/2.0 h ");
    }

    @Test
    void beginsEachBlockWithASizeUpdateIfTheClientLowersTheTable() throws Exception {
        HttpServer server = serve(ECHO);
        RawHttp2 client = http2(server, 1, 0);

        Frame head;
        client.get("/");
        do {
            head = client.read();
        } while (head.type() != RawHttp2.HEADERS);

        assertThat(head.payload()[0]).isEqualTo((byte) 0x20);
    }

    @Test
    void dropsAnAnswerWhoseClientResetsTheStream() throws Exception {
        HttpServer server = serve(request -> Response.bytes(bytes(900_000)));
        RawHttp2 client = http2(server).withoutCredit();
        int id = client.get("/");
        client.awaitContent(id, 65_535);

        client.reset(id, 8).windowUpdate(0, 1 << 20).windowUpdate(id, 1 << 20).roundTrip();

        assertThat(client.answer(id).body()).hasSize(65_535);
        assertThat(client.answer(id).resetCode()).isEqualTo(-1);
    }

    @Test
    void swallowsWhatTheClientSendsBehindOurReset() throws Exception {
        HttpServer server = serve(ECHO, options -> options.maxBodyBytes(10));
        RawHttp2 client = http2(server);
        int id = client.open(false, RawHttp2.request("POST", "/"));
        client.data(id, false, bytes(11));
        assertThat(client.awaitReset(id)).isZero();

        for (int i = 0; i < 100; i++) {
            client.data(id, false, bytes(16_000));
            if (i > 50) {
                client.roundTrip();
            }
        }
        client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, id, RawHttp2.block("trailer", "x"));

        assertThat(client.await(client.get("/")).status()).isEqualTo(200);
    }

    @Test
    void answersAConnectWith405() throws Exception {
        RawHttp2 client = http2(serve(ECHO));

        int id = client.open(false, RawHttp2.block(":method", "CONNECT", ":authority", "localhost:80"));

        assertThat(client.await(id).status()).isEqualTo(405);
    }

    @Test
    void hasTrailersOfARequest() throws Exception {
        HttpServer server = serve(request -> Response.text(request.body().text() + request.trailers()));
        RawHttp2 client = http2(server);

        int id = client.open(false, RawHttp2.request("POST", "/"));
        client.data(id, false, (byte) 'a');
        client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, id, RawHttp2.block("sum", "7"));

        assertThat(client.await(id).text()).startsWith("a").contains("sum").contains("7");
    }

    @Test
    void endsTheConnectionWhenTheClientEndsItsSide() throws Exception {
        HttpServer server = serve(request -> {
            Thread.sleep(20);
            return Response.text("still");
        });
        RawHttp2 client = http2(server).withoutCredit();
        int id = client.get("/");
        client.raw().endOutput();

        assertThat(client.await(id).text()).isEqualTo("still");
        client.awaitEnd();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void resetsStreamsThatWaitForAWindowOfAClientThatHasEndedItsSide(boolean answeredBefore) throws Exception {
        CountDownLatch answer = new CountDownLatch(answeredBefore ? 0 : 1);
        HttpServer server = serve(request -> {
            await(answer);
            return Response.bytes(bytes(60_000));
        });
        RawHttp2 client = http2(server).withoutCredit();
        List<Integer> ids = List.of(client.get("/"), client.get("/"), client.get("/"));
        if (answeredBefore) {
            while (contentOf(client, ids) < 65_535) {
                client.read();
            }
        }
        client.raw().endOutput();
        answer.countDown();

        client.awaitEnd();
        assertThat(contentOf(client, ids)).isEqualTo(65_535);
        assertThat(ids)
                .allMatch(id -> client.answer(id).isEnded() || client.answer(id).resetCode() == CANCEL);
    }

    private static int contentOf(RawHttp2 client, List<Integer> ids) {
        return ids.stream().mapToInt(id -> client.answer(id).body().length).sum();
    }

    static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) (i * 31 + i / 251);
        }
        return bytes;
    }

    static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    /** Sends a body in frames of 16 KiB as far as the server's windows allow, and ends the stream. */
    static void sendWithinWindows(RawHttp2 client, int id, byte[] body) throws IOException {
        long connection = 65_535;
        long stream = 65_535;
        int sent = 0;
        while (sent < body.length) {
            for (Frame frame : List.copyOf(client.controls())) {
                if (frame.type() == RawHttp2.WINDOW_UPDATE) {
                    client.controls().remove(frame);
                    connection += frame.streamId() == 0 ? frame.word(0) : 0;
                    stream += frame.streamId() == id ? frame.word(0) : 0;
                }
            }
            int count = (int) Math.min(Math.min(16_384, body.length - sent), Math.min(connection, stream));
            if (count == 0) {
                client.read();
                continue;
            }
            client.data(id, false, Arrays.copyOfRange(body, sent, sent + count));
            sent += count;
            connection -= count;
            stream -= count;
        }
        client.data(id, true);
    }
}
