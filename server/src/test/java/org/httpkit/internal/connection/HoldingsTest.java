package org.httpkit.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.httpkit.testing.PlayedWebSocket.frame;
import static org.httpkit.testing.PlayedWebSocket.text;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.httpkit.http.HttpVersion;
import org.httpkit.internal.tls.ClientSide;
import org.httpkit.internal.tls.TestFiles;
import org.httpkit.internal.tls.TlsContext;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.ProxyProtocol;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.testing.PlayedConnection;
import org.httpkit.testing.PlayedHttp2;
import org.httpkit.testing.PlayedWebSocket;
import org.httpkit.testing.ToldListener;
import org.junit.jupiter.api.Test;

/** What connections report to the budgets, and when they look at the clock next. */
final class HoldingsTest {
    private static final long SECOND = 1_000_000_000L;
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final Handler OK = request -> Response.of(200);
    private static final Handler STREAMING = new Handler() {
        @Override
        public Response handle(Request request) throws Exception {
            request.body().stream().readAllBytes();
            return Response.of(200);
        }

        @Override
        public boolean streamsBody(Request request) {
            return true;
        }
    };

    private final ToldListener listener = new ToldListener();
    private PlayedConnection connection = serving(OK);

    private PlayedConnection serving(Handler handler) {
        return serving(handler, options -> {});
    }

    private PlayedConnection serving(Handler handler, Consumer<HttpServer.Builder> options) {
        connection = PlayedConnection.serving(handler, options);
        return connection;
    }

    private long held() {
        return connection.loop.inputBudget().bytes();
    }

    /** How long after now the protocol looks at the clock again. */
    private long looksIn() {
        long[] next = new long[1];
        connection.loop.run(() -> next[0] = connection.link.protocol().onDeadline(connection.loop.nanos()));
        return next[0] - connection.loop.nanos();
    }

    // ---- input of HTTP/1.1

    @Test
    void holdsAHeadUntilItIsComplete() {
        connection.ask(GET);
        assertThat(held()).isZero();
        connection.send("GET / HTTP/1.1\r\n");
        assertThat(held()).isGreaterThanOrEqualTo(16);

        connection.ask("Host: a\r\n\r\n");
        assertThat(held()).isZero();
    }

    @Test
    void holdsACollectedBodyUntilItIsAnswered() {
        connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\nabc");
        assertThat(held()).isGreaterThanOrEqualTo(3);
        connection.send("x".repeat(19_997));
        assertThat(held()).isGreaterThanOrEqualTo(20_000);

        connection.settle();
        connection.ask(GET);
        assertThat(held()).isZero();
    }

    @Test
    void doesNotCountASmallRequestThatIsBeingAnswered() {
        connection.send(GET);

        assertThat(held()).isZero();
    }

    @Test
    void holdsPipelinedRequests() {
        connection.send(GET).send(GET);
        assertThat(held()).isGreaterThanOrEqualTo(GET.length());

        connection.settle();
        assertThat(held()).isZero();
    }

    @Test
    void countsNoPipelinedRequestsWhileTheLoopMakesTheCallsOfThoseBefore() {
        List<Integer> counted = new ArrayList<>();
        serving(
                request -> {
                    counted.add(connection.loop.inputBudget().links());
                    return Response.of(200);
                },
                options -> options.dispatch(Dispatch.ADAPTIVE));
        connection.ask(GET + GET + GET);

        assertThat(counted).containsExactly(0, 0, 0);
    }

    @Test
    void holdsPipelinedRequestsBehindOneThatIsAnsweredAfterItsCallOnTheLoop() {
        CompletableFuture<Response> later = new CompletableFuture<>();
        serving(request -> Response.later(later), options -> options.dispatch(Dispatch.ADAPTIVE));
        connection.send(GET + GET);

        assertThat(held()).isGreaterThanOrEqualTo(GET.length());
    }

    @Test
    void holdsALargeRequestThatIsAnsweredAfterItsCallOnTheLoop() {
        CompletableFuture<Response> later = new CompletableFuture<>();
        serving(request -> Response.later(later), options -> options.dispatch(Dispatch.ADAPTIVE));
        connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\n" + "x".repeat(20_000));
        assertThat(held()).isGreaterThanOrEqualTo(20_000);

        later.complete(Response.of(200));
        connection.ask(GET);
        assertThat(held()).isZero();
    }

    @Test
    void holdsAStreamedBodyUntilItIsRead() {
        serving(STREAMING);
        connection
                .send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\n")
                .send("x".repeat(19_000));
        assertThat(held()).isGreaterThanOrEqualTo(19_000);

        connection.send("x".repeat(1000));
        connection.settle();
        connection.ask(GET);
        assertThat(held()).isZero();
    }

    @Test
    void holdsNothingOnceItIsClosed() {
        connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\nabc");
        connection.reset();

        assertThat(held()).isZero();
        assertThat(connection.loop.inputBudget().links()).isZero();
    }

    // ---- input of other protocols

    @Test
    void holdsTheBodiesOfAllStreams() {
        PlayedHttp2 client = PlayedHttp2.on(connection);
        client.send("HEADERS END_HEADERS stream=1", "  POST /", "DATA stream=1 00 x10000");
        long one = held();
        assertThat(one).isGreaterThanOrEqualTo(10_000);
        client.send("HEADERS END_HEADERS stream=3", "  POST /", "DATA stream=3 00 x10000");
        long both = held();
        assertThat(both).isGreaterThanOrEqualTo(one + 10_000);

        client.ask("RST_STREAM stream=1 code=CANCEL");
        assertThat(held()).isBetween(10_000L, both - 10_000);
        client.ask("DATA END_STREAM stream=3");
        client.ask("PING 0000000000000001");
        assertThat(held()).isZero();
    }

    @Test
    void shedsTheHeaviestBodyOfAConnectionThatIsAlone() {
        serving(OK, options -> options.maxReceivedBytesTotal(100_000).maxReceivedBytesPerAddress(0));
        PlayedHttp2 client = PlayedHttp2.on(connection);
        for (int id = 1; id <= 5; id += 2) {
            client.send("HEADERS END_HEADERS stream=" + id, "  POST /");
        }
        client.send("DATA stream=1 00 x16384", "DATA stream=1 00 x16384", "DATA stream=1 00 x16384");
        client.send("DATA stream=3 00 x16384", "DATA stream=3 00 x16384");
        client.send("DATA stream=5 00 x16384", "DATA stream=5 00 x16384");

        List<String> frames = client.take();

        assertThat(frames).anyMatch(frame -> frame.startsWith("HEADERS 1 503 ")).contains("RST_STREAM 1 NO_ERROR");
        assertThat(frames).noneMatch(frame -> frame.startsWith("HEADERS 3") || frame.startsWith("HEADERS 5"));
        assertThat(connection.events()).contains("input shed", "refused 503");
    }

    @Test
    void holdsAStreamedBodyOfHttp2UntilItIsRead() {
        serving(STREAMING);
        PlayedHttp2 client = PlayedHttp2.on(connection);
        client.send("HEADERS END_HEADERS stream=1", "  POST /", "DATA stream=1 00 x10000");
        assertThat(held()).isGreaterThanOrEqualTo(10_000);

        client.ask("DATA END_STREAM stream=1");
        client.ask("PING 0000000000000001");
        assertThat(held()).isZero();
    }

    @Test
    void holdsALargeRequestOfHttp2UntilItIsAnswered() {
        PlayedHttp2 client = PlayedHttp2.on(connection);
        client.send("HEADERS END_HEADERS stream=1", "  POST /", "DATA END_STREAM stream=1 00 x10000");
        assertThat(held()).isGreaterThanOrEqualTo(10_000);
        client.ask("PING 0000000000000001");
        client.ask("PING 0000000000000001");
        assertThat(held()).isZero();

        client.send("HEADERS END_HEADERS stream=3", "  POST /", "DATA END_STREAM stream=3 00 x100");
        assertThat(held()).isZero();
    }

    @Test
    void holdsNoMoreForABodyBecauseOtherStreamsSendMuch() {
        PlayedHttp2 client = PlayedHttp2.on(connection);
        client.send("HEADERS END_HEADERS stream=1", "  POST /");
        for (int i = 0; i < 30; i++) {
            client.send("DATA stream=1 00 x16384");
        }
        client.ask("DATA END_STREAM stream=1");
        client.ask("PING 0000000000000001");
        assertThat(held()).isZero();
        List<String> frames = new ArrayList<>();
        for (int id = 3; id < 43; id += 2) {
            frames.addAll(List.of("HEADERS END_HEADERS stream=" + id, "  POST /"));
        }
        frames.addAll(List.of("DATA stream=41 00 x16384", "DATA stream=41 00 x16384", "DATA stream=41 00 x16384"));
        client.send(frames.toArray(new String[0]));

        assertThat(held()).isBetween(20 * 4000L, 20 * 5000L + 2 * 49_152);
    }

    @Test
    void holdsTheHeadsOfRequestsWhoseBodiesAreToCome() {
        PlayedHttp2 client = PlayedHttp2.on(connection);
        for (int id = 1; id < 40; id += 2) {
            client.send("HEADERS END_HEADERS stream=" + id, "  POST /", "  content-length: 0", "  long: {a*4000}");
        }
        assertThat(held()).isGreaterThanOrEqualTo(80_000);

        connection.loop.run(() -> connection.link.protocol().onTooMuchHeld(80_000));
        assertThat(client.take())
                .filteredOn(frame -> frame.startsWith("HEADERS ") && frame.contains(" 503 "))
                .hasSize(20);
        assertThat(held()).isZero();
    }

    @Test
    void holdsTheHeadsOfStreamedRequestsAndOfTunnels() {
        serving(STREAMING);
        PlayedHttp2 client = PlayedHttp2.on(connection);
        client.send("HEADERS END_HEADERS stream=1", "  POST /", "  long: {a*7000}");
        client.send("HEADERS END_HEADERS stream=3", "  POST /", "  long: {a*7000}");
        assertThat(held()).isGreaterThanOrEqualTo(14_000);

        serving(request -> request.asChannel(ChannelOptions.DEFAULT, listener));
        client = PlayedHttp2.on(connection);
        for (int id = 1; id < 5; id += 2) {
            client.send(
                    "HEADERS END_HEADERS stream=" + id,
                    "  :method: CONNECT",
                    "  :protocol: websocket",
                    "  :scheme: http",
                    "  :authority: a",
                    "  :path: /",
                    "  sec-websocket-version: 13",
                    "  long: {a*7000}");
        }
        assertThat(held()).isGreaterThanOrEqualTo(14_000);
    }

    @Test
    void holdsSmallRequestsThatAreLargeTogether() {
        PlayedHttp2 client = PlayedHttp2.on(connection);
        for (int id = 1; id < 14; id += 2) {
            client.send("HEADERS END_STREAM END_HEADERS stream=" + id, "  GET /", "  long: {a*1000}");
        }
        assertThat(held()).isZero();
        for (int id = 15; id < 40; id += 2) {
            client.send("HEADERS END_STREAM END_HEADERS stream=" + id, "  GET /", "  long: {a*1000}");
        }
        assertThat(held()).isGreaterThanOrEqualTo(20_000);

        client.settled();
        client.ask("PING 0000000000000001");
        assertThat(held()).isZero();
    }

    @Test
    void shedsTheHeaviestRequestOfAConnectionThatIsAlone() {
        serving(OK, options -> options.maxReceivedBytesTotal(50_000).maxReceivedBytesPerAddress(0));
        PlayedHttp2 client = PlayedHttp2.on(connection);
        for (int id = 1; id < 10; id += 2) {
            client.send("HEADERS END_HEADERS stream=" + id, "  POST /", "  long: {a*7000}");
        }

        assertThat(client.take())
                .filteredOn(frame -> frame.startsWith("RST_STREAM "))
                .containsExactly("RST_STREAM 1 NO_ERROR");
        assertThat(connection.events()).contains("input shed", "refused 503");
    }

    @Test
    void holdsTrailersUntilTheRequestIsAnswered() {
        PlayedHttp2 client = PlayedHttp2.on(connection);
        for (int id = 1; id < 5; id += 2) {
            client.send("HEADERS END_HEADERS stream=" + id, "  POST /");
            client.send("HEADERS END_STREAM END_HEADERS stream=" + id, "  long: {a*7000}");
        }
        assertThat(held()).isGreaterThanOrEqualTo(14_000);

        client.settled();
        client.ask("PING 0000000000000001");
        assertThat(held()).isZero();
    }

    @Test
    void holdsAFieldBlockUntilItIsComplete() {
        PlayedHttp2 client = PlayedHttp2.on(connection);
        client.send("HEADERS END_STREAM stream=1", "  GET /", "  long: {a*7000}");
        assertThat(held()).isGreaterThanOrEqualTo(7000);

        client.send("CONTINUATION END_HEADERS stream=1");
        assertThat(held()).isZero();
    }

    @Test
    void holdsATableWhileAFieldBlockIsIncomplete() {
        PlayedHttp2 client = PlayedHttp2.on(connection);
        client.send("HEADERS END_STREAM stream=1");
        long without = held();
        client.send("CONTINUATION END_HEADERS stream=1 40 01 61 7f b9 16 61 x3000");
        client.send("HEADERS END_STREAM stream=3");

        assertThat(held()).isGreaterThanOrEqualTo(without + 3000);
    }

    @Test
    void endsAConnectionWhoseFieldBlockIsTooMuchToHold() {
        PlayedHttp2 client = PlayedHttp2.on(connection);
        client.send("HEADERS END_HEADERS stream=1", "  POST /", "DATA stream=1 00 x10000");
        client.send("HEADERS END_STREAM stream=3", "  GET /", "  long: {a*7000}");
        connection.loop.run(() -> connection.link.protocol().onTooMuchHeld(20_000));
        assertThat(client.take()).endsWith("RST_STREAM 1 NO_ERROR"); // there was something else to let go

        connection.loop.run(() -> connection.link.protocol().onTooMuchHeld(10_000));
        assertThat(client.take()).singleElement().asString().startsWith("GOAWAY 3 ENHANCE_YOUR_CALM");
        assertThat(connection.endInput().events()).contains("input shed", "closed OVERLOAD");
        assertThat(held()).isZero();
    }

    @Test
    void holdsARequestThatItsClientHasResetAsLongAsItsHandlerWorks() {
        PlayedHttp2 client = PlayedHttp2.on(connection);
        client.send("HEADERS END_HEADERS stream=1", "  POST /", "DATA END_STREAM stream=1 00 x10000");
        client.send("RST_STREAM stream=1 code=CANCEL");
        assertThat(held()).isGreaterThanOrEqualTo(10_000);

        connection.settle();
        connection.pass(5_100);
        assertThat(held()).isZero();
    }

    @Test
    void releasesWithinASecondWhatAnAnsweredRequestOfHttp2Held() {
        PlayedHttp2 client = PlayedHttp2.on(connection);
        client.send("HEADERS END_HEADERS stream=1", "  POST /", "DATA END_STREAM stream=1 00 x10000");
        client.settled();
        connection.pass(1_100);

        assertThat(held()).isZero();
    }

    @Test
    void holdsNothingOfABodyThatNobodyWantsWhileItsAnswerWaits() {
        serving(new Handler() {
            @Override
            public Response handle(Request request) {
                return Response.text("0123456789");
            }

            @Override
            public boolean streamsBody(Request request) {
                return true;
            }
        });
        PlayedHttp2 client = PlayedHttp2.on(connection, "INITIAL_WINDOW_SIZE=4");
        client.send("HEADERS END_HEADERS stream=1", "  POST /", "DATA stream=1 00 x10000");
        assertThat(held()).isGreaterThanOrEqualTo(10_000);
        client.settled();
        client.ask("PING 0000000000000001");

        assertThat(held()).isZero();
    }

    @Test
    void holdsPartsOfMessages() {
        serving(request -> request.asChannel(ChannelOptions.DEFAULT, listener));
        PlayedWebSocket client = PlayedWebSocket.on(connection);
        client.send(frame(0x02, new byte[10_000]));
        assertThat(held()).isGreaterThanOrEqualTo(10_000);

        client.ask(frame(0x80, new byte[1]));
        assertThat(held()).isZero();
        for (int i = 0; i < 64; i++) {
            client.send(frame(0x82, new byte[100]));
        }
        client.send(text("behind"));
        assertThat(held()).isGreaterThanOrEqualTo(6400);
        client.settled();
        assertThat(held()).isZero();
    }

    @Test
    void holdsWhatAWebSocketOnAStreamHasNotTaken() {
        serving(request -> request.asChannel(ChannelOptions.DEFAULT, listener));
        PlayedHttp2 client = PlayedHttp2.on(connection);
        client.send(
                "HEADERS END_HEADERS stream=1",
                "  :method: CONNECT",
                "  :protocol: websocket",
                "  :scheme: http",
                "  :authority: a",
                "  :path: /",
                "  sec-websocket-version: 13");
        client.send("DATA stream=1 02 fe 03e8 00000000 00 x500");
        assertThat(held()).isGreaterThanOrEqualTo(500);
        client.settled();
        assertThat(held()).isGreaterThanOrEqualTo(500);

        client.ask("DATA stream=1 00 x500", "DATA stream=1 80 80 00000000");

        assertThat(held()).isZero();
        assertThat(listener.take()).containsExactly("open", "binary 1000");
    }

    @Test
    void holdsPartsOfWhatComesBeforeHttp() throws Exception {
        serving(OK, options -> options.proxyProtocol(ProxyProtocol.ENABLED));
        connection.send("PROXY TCP4 198.51.100.7 ");
        assertThat(held()).isPositive();
        connection.ask("203.0.113.9 5000 80\r\n" + GET);
        assertThat(held()).isZero();

        connection = PlayedConnection.serving(OK, TlsContext.load(TestFiles.tls()), options -> {});
        byte[] hello = new ClientSide("TLSv1.3").say();
        connection.send(java.util.Arrays.copyOf(hello, 100));
        assertThat(held()).isGreaterThanOrEqualTo(95);
        connection.context.end();
    }

    // ---- output that windows hold back

    @Test
    void countsForTheServerWhatWindowsHoldBack() {
        serving(request -> Response.text("0123456789"));
        PlayedHttp2 client = PlayedHttp2.on(connection, "INITIAL_WINDOW_SIZE=4");
        connection.pass(2_000);
        client.ask("HEADERS END_STREAM END_HEADERS stream=1", "  GET /");
        assertThat(connection.loop.backlog().bytes()).isEqualTo(6);
        assertThat(connection.loop.backlog().links()).isEqualTo(1);

        client.ask("WINDOW_UPDATE stream=1 u31=2");
        assertThat(connection.loop.backlog().bytes()).isEqualTo(4);
        client.ask("WINDOW_UPDATE stream=1 u31=20");
        assertThat(connection.loop.backlog().bytes()).isZero();
        assertThat(connection.loop.backlog().links()).isZero();
        client.ask("HEADERS END_STREAM END_HEADERS stream=3", "  GET /");
        assertThat(connection.loop.backlog().bytes()).isEqualTo(6);
        connection.reset();
        assertThat(connection.loop.backlog().bytes()).isZero();
        assertThat(connection.loop.backlog().links()).isZero();
    }

    @Test
    void closesTheConnectionToBlameIfTooMuchIsHeldBack() {
        serving(request -> Response.bytes(new byte[40_000]), options -> options.maxQueuedBytes(1000)
                .maxQueuedBytesTotal(100_000));
        PlayedHttp2 client = PlayedHttp2.on(connection, "INITIAL_WINDOW_SIZE=0");
        for (int id = 1; id < 8; id += 2) {
            client.ask("HEADERS END_STREAM END_HEADERS stream=" + id, "  GET /");
        }

        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.events()).contains("connection shed", "closed SLOW_CONSUMER");
        assertThat(connection.loop.backlog().bytes()).isZero();
    }

    // ---- when they look at the clock

    @Test
    void looksWhenAnIdleConnectionMayBeOver() {
        serving(OK, options -> options.headerTimeout(Duration.ofSeconds(7)).idleTimeout(Duration.ofSeconds(9)));
        assertThat(looksIn()).isEqualTo(7 * SECOND);
        connection.send("GET / HTTP/1.1\r\n");
        assertThat(looksIn()).isEqualTo(7 * SECOND);
        connection.send("Host: a\r\n\r\n");
        assertThat(looksIn()).isEqualTo(5 * SECOND);
        connection.settle();
        assertThat(looksIn()).isEqualTo(9 * SECOND);
        connection.pass(1000).send("GET / HTTP/1.1\r\n");
        connection.pass(2000);
        assertThat(looksIn()).isEqualTo(5 * SECOND);
    }

    @Test
    void looksWhenABodyMayBeOverdue() {
        serving(OK, options -> options.bodyTimeout(Duration.ofSeconds(3)));
        connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\na");
        connection.loop.letPass(SECOND);

        assertThat(looksIn()).isEqualTo(2 * SECOND);
    }

    @Test
    void looksWhenAClientMayHaveTakenNothingForTooLong() {
        serving(request -> Response.text("x".repeat(1000)), options -> options.writeTimeout(Duration.ofSeconds(4))
                .idleTimeout(Duration.ofSeconds(60)));
        connection.makeRoom(300).ask(GET);
        connection.loop.letPass(SECOND);

        assertThat(looksIn()).isEqualTo(3 * SECOND);
    }

    @Test
    void looksAtStreamsWhenOneOfThemMayBeOverdue() {
        serving(OK, options -> options.bodyTimeout(Duration.ofSeconds(3))
                .headerTimeout(Duration.ofSeconds(2))
                .idleTimeout(Duration.ofSeconds(9))
                .writeTimeout(Duration.ofSeconds(4))
                .pingInterval(Duration.ofSeconds(20)));
        PlayedHttp2 client = PlayedHttp2.on(connection);
        assertThat(looksIn()).isEqualTo(2 * SECOND);
        client.ask("HEADERS END_STREAM END_HEADERS stream=1", "  GET /");
        assertThat(looksIn()).isEqualTo(9 * SECOND);
        client.send("HEADERS END_STREAM stream=3", "  GET /");
        assertThat(looksIn()).isEqualTo(2 * SECOND);
        client.send("CONTINUATION END_HEADERS stream=3");
        assertThat(looksIn()).isEqualTo(4 * SECOND);
        client.send("HEADERS END_HEADERS stream=5", "  POST /", "DATA stream=5 \"a\"");
        assertThat(looksIn()).isEqualTo(3 * SECOND);
    }

    @Test
    void looksWhenASilentClientIsToBePinged() {
        serving(OK, options -> options.pingInterval(Duration.ofSeconds(2)).writeTimeout(Duration.ofSeconds(30)));
        PlayedHttp2 client = PlayedHttp2.on(connection);
        client.send("HEADERS END_STREAM END_HEADERS stream=1", "  GET /");

        assertThat(looksIn()).isEqualTo(2 * SECOND);
        connection.loop.letPass(2 * SECOND);
        assertThat(looksIn()).isEqualTo(2 * SECOND);
        assertThat(client.take()).containsExactly("PING 616c6976653f");
    }

    @Test
    void looksAtAWebSocketWhenItsMessageOrAPingIsDue() {
        serving(request -> request.asChannel(ChannelOptions.DEFAULT, listener), options -> options.pingInterval(
                        Duration.ofSeconds(7))
                .bodyTimeout(Duration.ofSeconds(3))
                .closeTimeout(Duration.ofSeconds(2)));
        PlayedWebSocket client = PlayedWebSocket.on(connection);
        assertThat(looksIn()).isEqualTo(7 * SECOND);
        client.send(frame(0x01, new byte[5]));
        assertThat(looksIn()).isEqualTo(3 * SECOND);
        client.ask(frame(0x80, new byte[5]));
        assertThat(looksIn()).isEqualTo(7 * SECOND);
        listener.channel().close();
        client.settled();
        assertThat(looksIn()).isEqualTo(2 * SECOND);
    }

    @Test
    void looksAtWhatComesBeforeHttpWhenItMayBeOverdue() throws Exception {
        serving(OK, options -> options.proxyProtocol(ProxyProtocol.ENABLED).headerTimeout(Duration.ofSeconds(5)));
        connection.loop.letPass(SECOND);
        assertThat(looksIn()).isEqualTo(4 * SECOND);

        connection = PlayedConnection.serving(
                OK, TlsContext.load(TestFiles.tls()), options -> options.handshakeTimeout(Duration.ofSeconds(5)));
        connection.loop.letPass(SECOND);
        assertThat(looksIn()).isEqualTo(4 * SECOND);

        serving(OK, options -> options.headerTimeout(Duration.ofSeconds(5)));
        connection.send("PRI");
        connection.loop.letPass(SECOND);
        assertThat(looksIn()).isEqualTo(4 * SECOND);
    }

    @Test
    void looksAtAnEndedConnectionWhenItsClientMayBeTooLate() {
        serving(
                request -> Response.of(200).header("Connection", "close"),
                options -> options.closeTimeout(Duration.ofSeconds(5)));
        connection.ask(GET);
        connection.loop.letPass(SECOND);

        assertThat(looksIn()).isEqualTo(4 * SECOND);
    }

    // ---- HTTP/2 alone

    @Test
    void readsThePrefaceByItselfWhereHttp2IsSpokenAlone() {
        serving(OK, options -> options.protocols(HttpVersion.HTTP_2));
        String preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
        for (int at = 0; at < preface.length(); at++) {
            connection.send(preface.substring(at, at + 1));
        }
        connection.send(org.httpkit.internal.http2.FrameNotation.bytes(
                "SETTINGS", "HEADERS END_STREAM END_HEADERS stream=1", "  GET /"));

        assertThat(connection.settled()).contains("\0\0\0\4\1\0\0\0\0").isNotEmpty();
        assertThat(connection.events()).containsExactly("responded 200", "finished ANSWERED");
    }
}
