package org.httpkit.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.httpkit.testing.PlayedWebSocket.frame;
import static org.httpkit.testing.PlayedWebSocket.text;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.httpkit.http.Headers;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Cidr;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Message;
import org.httpkit.server.ProxyProtocol;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.testing.PlayedConnection;
import org.httpkit.testing.PlayedHttp2;
import org.httpkit.testing.ToldListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Channels, WebSockets and long answers on streams of HTTP/2. */
final class Http2StreamsTest {
    private static final String GET_1 = "HEADERS END_STREAM END_HEADERS stream=1";
    private static final String HEAD = "  GET /a";
    private static final String[] CONNECT = {
        "HEADERS END_HEADERS stream=1",
        "  :method: CONNECT",
        "  :protocol: websocket",
        "  :scheme: http",
        "  :authority: a",
        "  :path: /ws",
        "  sec-websocket-version: 13"
    };

    private final ToldListener listener = new ToldListener();
    private final List<String> read = new ArrayList<>();
    private ChannelOptions options = ChannelOptions.DEFAULT;
    private PlayedConnection connection = PlayedConnection.serving(request -> Response.of(404));
    private PlayedHttp2 client = serving(server -> {});

    private PlayedHttp2 serving(Consumer<HttpServer.Builder> server, String... settings) {
        return serving(request -> request.asChannel(options, listener), server, settings);
    }

    private PlayedHttp2 serving(Handler handler, Consumer<HttpServer.Builder> server, String... settings) {
        connection = PlayedConnection.serving(handler, server);
        client = PlayedHttp2.on(connection, settings);
        return client;
    }

    /** DATA with these bytes. */
    private static String data(byte[] bytes) {
        return "DATA stream=1 " + HexFormat.of().formatHex(bytes);
    }

    private void open() {
        assertThat(client.ask(CONNECT)).containsExactly("HEADERS 1 200");
        assertThat(listener.take()).containsExactly("open");
    }

    // ---- channels

    @Test
    void answersALongPoll() {
        assertThat(client.ask(GET_1, HEAD)).isEmpty();
        listener.channel().send("news");

        assertThat(client.settled())
                .containsExactly(
                        "HEADERS 1 200 content-type=text/html; charset=utf-8 content-length=4", "DATA 1 END news");
        assertThat(listener.take()).containsExactly("open", "close 0 CLOSED");
    }

    @Test
    void gathersWhatIsSentWhileTheWindowIsClosed() {
        serving(server -> {}, "INITIAL_WINDOW_SIZE=0");
        client.ask(GET_1, HEAD);
        for (int i = 0; i < 100; i++) {
            listener.channel().trySend("0123456789");
        }
        listener.channel().close();
        assertThat(client.settled()).containsExactly("HEADERS 1 200 content-type=text/html; charset=utf-8");
        assertThat(listener.channel().queuedBytes()).isEqualTo(1000);

        assertThat(client.ask("WINDOW_UPDATE stream=1 u31=600")).containsExactly("DATA 1 600 bytes");
        assertThat(listener.channel().queuedBytes()).isEqualTo(400);
        assertThat(client.ask("WINDOW_UPDATE stream=1 u31=600")).containsExactly("DATA 1 END 400 bytes");
        assertThat(connection.events()).contains("responded 200", "finished ANSWERED");
    }

    @Test
    void cutsLongContentIntoFramesThatLetOthersPass() {
        serving(request -> Response.bytes(new byte[40_000]), server -> {});

        assertThat(client.ask(GET_1, HEAD))
                .containsExactly(
                        "HEADERS 1 200 content-type=application/octet-stream content-length=40000",
                        "DATA 1 16384 bytes",
                        "DATA 1 16384 bytes",
                        "DATA 1 END 7232 bytes");
    }

    @Test
    void sendsOneMessageToManyAtTheNextTurn() {
        client.ask(GET_1, HEAD);
        listener.channel().trySend("begun");
        client.settled();
        listener.channel().trySend(Message.text("a").forMany());
        listener.channel().trySend(Message.text("b").forMany());

        assertThat(client.take()).isEmpty();
        assertThat(client.settled()).containsExactly("DATA 1 ab");
    }

    @Test
    void tellsASenderWhenItsClientHasCaughtUp() {
        serving(server -> server.maxQueuedBytes(100), "INITIAL_WINDOW_SIZE=0");
        options = ChannelOptions.DEFAULT.whenFull(org.httpkit.server.WhenFull.REJECT);
        client.ask(GET_1, HEAD);
        listener.channel().trySend("x".repeat(200));
        assertThat(listener.channel().trySend("y")).isEqualTo(org.httpkit.server.SendResult.REJECTED);
        connection.settle();
        assertThat(listener.take()).containsExactly("open");

        client.ask("WINDOW_UPDATE stream=1 u31=200");

        assertThat(listener.take()).containsExactly("drain");
        assertThat(listener.channel().trySend("y")).isNotEqualTo(org.httpkit.server.SendResult.REJECTED);
    }

    @Test
    void closesTheStreamAloneOfAClientForWhichTooMuchWaits() {
        serving(server -> server.maxQueuedBytes(100), "INITIAL_WINDOW_SIZE=0");
        client.ask(GET_1, HEAD);
        listener.channel().trySend("x".repeat(200));
        org.httpkit.server.ChannelBinding.of(listener.channel()).setWhenFull(org.httpkit.server.WhenFull.CLOSE);
        listener.channel().trySend("y");

        assertThat(client.settled()).endsWith("RST_STREAM 1 ENHANCE_YOUR_CALM");
        assertThat(connection.isClosed()).isFalse();
        assertThat(connection.link.queuedBytes()).isZero();
    }

    @Test
    void asksForAnAnswerThatDoesNotBeginInTime() {
        options = ChannelOptions.DEFAULT.answerTimeout(Duration.ofSeconds(3));
        client.ask(GET_1, HEAD);
        connection.pass(2_800);
        assertThat(client.take()).isEmpty();

        connection.pass(400);

        assertThat(client.take()).anyMatch(frame -> frame.startsWith("HEADERS 1 503 "));
        assertThat(listener.take()).containsExactly("open", "unanswered", "close 0 CLOSED");
    }

    @Test
    void endsChannelsAtTheStop() {
        client.ask(GET_1, HEAD);
        listener.channel().trySend("begun");
        client.settled();
        connection.loop.run(
                () -> assertThat(connection.link.protocol().endsInTurn()).isTrue());

        connection.stopServer();

        assertThat(client.take()).contains("DATA 1 END").anyMatch(frame -> frame.startsWith("GOAWAY 2147483647"));
        connection.loop.run(
                () -> assertThat(connection.link.protocol().endsInTurn()).isFalse());
    }

    @Test
    void tellsAChannelThatItsClientHasEndedTheConnection() {
        client.ask(GET_1, HEAD);
        connection.endInput().settle();

        assertThat(client.take()).containsExactly("RST_STREAM 1 CANCEL");
        assertThat(listener.take()).containsExactly("open", "close -1 PEER_CLOSED");
        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void tellsAChannelThatWasOpeningThatItsClientHasEndedTheConnection() {
        client.send(GET_1, HEAD);
        connection.endInput().settle();

        assertThat(listener.take()).containsExactly("open", "close -1 PEER_CLOSED");
        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void resetsAStreamWhoseContentNobodyReadsAnyMore() {
        client.ask(GET_1, HEAD);
        listener.channel().trySend(new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("broken");
            }
        });

        assertThat(client.settled()).endsWith("RST_STREAM 1 INTERNAL_ERROR");
        assertThat(listener.take()).containsExactly("open", "close 0 HANDLER_ERROR");
    }

    @Test
    void refusesARequestThatAsksForNoWebSocketWhereOnlyThatIsServed() {
        options = ChannelOptions.DEFAULT.forWebSocketOnly();

        assertThat(client.ask(GET_1, HEAD)).first().asString().startsWith("HEADERS 1 4");
        assertThat(listener.take()).first().asString().startsWith("handshake error 4");
    }

    // ---- WebSockets

    @Test
    void readsMessagesThatCameBeforeTheWebSocketWasOpen() {
        client.send(CONNECT).send(data(text("one"))).send(data(text("two")));

        assertThat(client.settled()).containsExactly("HEADERS 1 200");
        assertThat(listener.take()).containsExactly("open", "text one", "text two");
    }

    @Test
    void creditsWhatAWebSocketTakes() {
        open();
        byte[] message = frame(0x82, new byte[40_000]);
        List<String> frames = new ArrayList<>();
        for (int at = 0; at < message.length; at += 10_000) {
            frames.addAll(
                    client.ask(data(java.util.Arrays.copyOfRange(message, at, Math.min(message.length, at + 10_000)))));
        }

        assertThat(listener.take()).containsExactly("binary 40000");
        assertThat(frames).containsExactly("WINDOW_UPDATE 1 40000");
    }

    @Test
    void creditsNothingWhileTheListenerIsBehind() {
        open();
        for (int i = 0; i < 80; i++) {
            client.send(data(frame(0x82, new byte[500])));
        }
        connection.runLoop();
        assertThat(client.take()).isEmpty();

        assertThat(client.settled()).singleElement().asString().startsWith("WINDOW_UPDATE 1 4");
        assertThat(listener.take()).hasSize(80);
    }

    @Test
    void pingsASilentClientAndResetsTheStreamOfADeadOne() {
        serving(server -> server.pingInterval(Duration.ofSeconds(2)));
        open();
        List<String> frames = new ArrayList<>();
        for (int i = 0; i < 70; i++) {
            connection.pass(100);
            frames.addAll(client.take());
            client.send("PING ACK 0000616c6976653f"); // the connection is alive, the stream is not
        }

        assertThat(frames)
                .filteredOn(frame -> frame.startsWith("DATA 1 \u0089"))
                .hasSize(2);
        assertThat(frames).endsWith("RST_STREAM 1 CANCEL");
        assertThat(listener.take()).containsExactly("close 1006 IDLE_TIMEOUT");
        assertThat(connection.isClosed()).isFalse();
    }

    @Test
    void givesAClientTimeToEndItsSideOfAClosedWebSocket() {
        serving(server -> server.closeTimeout(Duration.ofSeconds(2)));
        open();
        assertThat(client.ask(data(org.httpkit.testing.PlayedWebSocket.close(1000))))
                .hasSize(2)
                .endsWith("DATA 1 END");
        connection.pass(1_800);
        assertThat(client.take()).isEmpty();

        connection.pass(500);

        assertThat(client.take()).containsExactly("RST_STREAM 1 CANCEL");
        assertThat(listener.take()).containsExactly("close 1000 PEER_CLOSED");
    }

    @Test
    void countsThatTimeFromWhenTheClientHasRoomForTheEnd() {
        serving(server -> server.closeTimeout(Duration.ofSeconds(2)), "INITIAL_WINDOW_SIZE=0");
        open();
        client.ask(data(org.httpkit.testing.PlayedWebSocket.close(1000)));
        connection.pass(3_000);
        assertThat(client.take()).isEmpty();
        assertThat(client.ask("WINDOW_UPDATE stream=1 u31=100")).hasSize(1);
        connection.pass(1_800);
        assertThat(client.take()).isEmpty();

        connection.pass(6_000);

        assertThat(client.take()).containsExactly("RST_STREAM 1 CANCEL");
    }

    @Test
    void closesAWebSocketWhoseClientEndsTheStream() {
        open();

        assertThat(client.ask("DATA END_STREAM stream=1")).endsWith("DATA 1 END");
        assertThat(listener.take()).containsExactly("close 1006 PEER_CLOSED");
    }

    @Test
    void resetsAWebSocketWhoseClientSendsAnotherFieldBlock() {
        open();

        assertThat(client.ask("HEADERS END_STREAM END_HEADERS stream=1", "  a: b"))
                .containsExactly("RST_STREAM 1 PROTOCOL_ERROR");
        assertThat(listener.take()).singleElement().asString().startsWith("close 1006");
        assertThat(connection.isClosed()).isFalse();
    }

    @Test
    void closesAWebSocketWhoseClientHasEndedTheStreamWithItsHead() {
        String[] ended = CONNECT.clone();
        ended[0] = "HEADERS END_STREAM END_HEADERS stream=1";

        assertThat(client.ask(ended)).startsWith("HEADERS 1 200").endsWith("DATA 1 END");
        assertThat(listener.take()).containsExactly("open", "close 1006 PEER_CLOSED");
    }

    @Test
    void opensNoWebSocketForAnotherProtocol() {
        options = ChannelOptions.DEFAULT.forWebSocketOnly();
        String[] other = CONNECT.clone();
        other[2] = "  :protocol: connect-udp";

        assertThat(client.ask(other)).first().asString().startsWith("HEADERS 1 501 ");
    }

    @Test
    void closesAWebSocketWhoseClientResetsTheStream() {
        open();
        client.ask("RST_STREAM stream=1 code=CANCEL");

        assertThat(listener.take()).containsExactly("close 1006 PEER_RESET");
        assertThat(connection.events()).contains("reset by client CANCEL", "websocket closed 1006 PEER_RESET");
        assertThat(listener.channel().send("x")).isFalse();
        assertThat(listener.channel().request().isCancelled()).isTrue();
    }

    @Test
    void closesAWebSocketWhoseClientEndsTheConnection() {
        open();
        connection.endInput().settle();

        assertThat(listener.take()).containsExactly("close 1006 PEER_CLOSED");
        connection.pass(10_000); // as long as a client has that could still end its side of the stream
        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void opensNoWebSocketForAClientThatHasGoneMeanwhile() {
        client.send(CONNECT).send("RST_STREAM stream=1 code=CANCEL");

        assertThat(client.settled()).isEmpty();
        assertThat(listener.take()).last().isEqualTo("close -1 PEER_CLOSED");
        assertThat(connection.context.counters().exchangesRunning()).isZero();
    }

    @Test
    void resetsAStreamWhoseBytesAreTooMuchToHoldBeforeItsWebSocketOpens() {
        client.send(CONNECT).send(data(text("early")));
        assertThat(connection.loop.inputBudget().bytes()).isPositive();

        connection.loop.run(() -> connection.link.protocol().onTooMuchHeld(5000));

        assertThat(connection.loop.inputBudget().bytes()).isZero();
        assertThat(client.settled()).containsExactly("RST_STREAM 1 ENHANCE_YOUR_CALM");
    }

    @Test
    void givesUpAWebSocketWhoseInputIsTooMuchToHold() {
        open();
        client.ask(data(frame(0x01, new byte[100])));

        connection.loop.run(() -> connection.link.protocol().onTooMuchHeld(5000));

        assertThat(client.settled()).hasSize(2).endsWith("DATA 1 END");
        assertThat(listener.take()).containsExactly("close 1013 OVERLOAD");
    }

    @Test
    void sendsLongMessagesAsTheWindowAllows() {
        serving(server -> {}, "INITIAL_WINDOW_SIZE=100");
        open();
        listener.channel().send("x".repeat(50_000));
        assertThat(client.settled()).containsExactly("DATA 1 100 bytes");
        listener.channel().send("behind");

        List<String> frames = client.ask("WINDOW_UPDATE stream=1 u31=100000");
        assertThat(frames.subList(0, frames.size() - 1).stream()
                        .mapToInt(frame -> Integer.parseInt(frame.replaceAll("DATA 1 (\\d+) bytes", "$1")))
                        .sum())
                .isEqualTo(50_000 + 4 - 100);
        assertThat(frames).endsWith("DATA 1 \u0081\u0006behind");
    }

    @Test
    void doesNotTakeASuccessOfAHandlerForAnOpenTunnel() {
        serving(request -> Response.text("no"), server -> {});
        assertThat(client.ask(CONNECT)).first().asString().startsWith("HEADERS 1 501 ");

        serving(request -> Response.of(300), server -> {});
        assertThat(client.ask(CONNECT)).first().asString().startsWith("HEADERS 1 END 300");
    }

    @Test
    void tellsObserversOfAWebSocket() {
        open();

        assertThat(connection.events()).containsExactly("websocket opened", "responded 200", "finished UPGRADED");
        assertThat(connection.context.counters().exchangesRunning()).isZero();
    }

    // ---- what a client sends

    private Handler reading() {
        return new Handler() {
            @Override
            public Response handle(Request request) throws IOException {
                read.add(request.body().stream().readAllBytes().length + " "
                        + request.trailers().first("sum"));
                return Response.of(200);
            }

            @Override
            public boolean streamsBody(Request request) {
                return true;
            }
        };
    }

    @Test
    void creditsTheConnectionForAllBodies() {
        serving(reading(), server -> {});
        client.send("HEADERS END_HEADERS stream=1", "  POST /");
        List<String> frames = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            client.send("DATA stream=1 00 x16384");
        }
        client.send("DATA END_STREAM stream=1 00 x16000");
        client.send("HEADERS END_HEADERS stream=3", "  POST /");
        for (int id = 3; id < 60; id += 2) {
            client.send("HEADERS END_HEADERS stream=" + id, "  POST /", "DATA stream=" + id + " 00 x16384");
            frames.addAll(client.take());
        }

        assertThat(frames)
                .filteredOn(frame -> frame.startsWith("WINDOW_UPDATE 0 5"))
                .hasSize(1);
    }

    @Test
    void givesTrailersOfAStreamedBodyOnceItIsRead() {
        serving(reading(), server -> {});
        client.ask(
                "HEADERS END_HEADERS stream=1",
                "  POST /",
                "DATA stream=1 \"abc\"",
                "HEADERS END_STREAM END_HEADERS stream=1",
                "  sum: 3");

        assertThat(read).containsExactly("3 3");
    }

    @Test
    void givesEachRequestItsOwnTrailers() {
        serving(reading(), server -> {});
        client.ask(
                "HEADERS END_HEADERS stream=1",
                "  POST /",
                "HEADERS END_STREAM END_HEADERS stream=1",
                "  sum: 1",
                "HEADERS END_HEADERS stream=3",
                "  POST /",
                "HEADERS END_STREAM END_HEADERS stream=3",
                "  other: 2");

        assertThat(read).containsExactly("0 1", "0 null");
    }

    @Test
    void takesABodyThatIsAnnouncedAsLongAsItMayBe() {
        serving(request -> Response.of(200), server -> server.maxBodyBytes(4));

        assertThat(client.ask(
                        "HEADERS END_HEADERS stream=1",
                        "  POST /",
                        "  content-length: 4",
                        "DATA END_STREAM stream=1 \"abcd\""))
                .containsExactly("HEADERS 1 END 200 content-length=0");
    }

    @Test
    void resetsAStreamWhoseTrailersComeBeforeAllOfItsBody() {
        serving(reading(), server -> {});
        List<String> frames = client.ask(
                "HEADERS END_HEADERS stream=1",
                "  POST /",
                "  content-length: 5",
                "DATA stream=1 \"abc\"",
                "HEADERS END_STREAM END_HEADERS stream=1",
                "  sum: 3");

        assertThat(frames).contains("RST_STREAM 1 PROTOCOL_ERROR");
        assertThat(read).isEmpty();
    }

    @Test
    void appliesNewOptionsFromTheNextRequestOn() {
        connection.context.changeTo(connection.context.with(HttpServer.builder()
                .handler(request -> Response.of(202))
                .dispatch(org.httpkit.server.Dispatch.WORKER)
                .serverHeader(null)
                .options()));

        assertThat(client.ask(GET_1, HEAD)).containsExactly("HEADERS 1 END 202 content-length=0");
    }

    @Test
    void resetsAStreamWhoseTrailersBreakARule() {
        serving(reading(), server -> {});
        List<String> frames = client.send(
                        "HEADERS END_HEADERS stream=1",
                        "  POST /",
                        "HEADERS END_STREAM END_HEADERS stream=1",
                        "  :path: /")
                .settled();

        assertThat(frames).contains("RST_STREAM 1 PROTOCOL_ERROR");
        assertThat(read).isEmpty();
    }

    @Test
    void endsAConnectionForContentOnAStreamThatHasEnded() {
        serving(reading(), server -> {});
        client.ask(GET_1, HEAD);

        assertThat(client.ask("DATA stream=1 \"x\"")).singleElement().asString().startsWith("GOAWAY 1 STREAM_CLOSED");
    }

    @Test
    void endsAConnectionForAStreamThatIsIdle() {
        assertThat(client.ask("DATA stream=5 \"x\"")).singleElement().asString().startsWith("GOAWAY 0 PROTOCOL_ERROR");
        serving(server -> {});
        assertThat(client.ask("RST_STREAM stream=5 code=CANCEL"))
                .singleElement()
                .asString()
                .startsWith("GOAWAY 0 PROTOCOL_ERROR");
        serving(server -> {});
        assertThat(client.ask("WINDOW_UPDATE stream=5 u31=1"))
                .singleElement()
                .asString()
                .startsWith("GOAWAY 0 PROTOCOL_ERROR");
    }

    @Test
    void endsAConnectionThatSendsTooManyFramesForNothing() {
        List<String> frames = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            frames.addAll(client.send("PRIORITY stream=1 0000000000 *100").take());
        }

        assertThat(frames).singleElement().asString().startsWith("GOAWAY 0 ENHANCE_YOUR_CALM");
        assertThat(connection.endInput().events()).endsWith("closed OVERLOAD");
    }

    @Test
    void readsAHeadInSeveralFrames() {
        serving(
                request -> Response.of(200)
                        .header("Length", "" + request.headers().first("x").length()),
                server -> {});

        assertThat(client.ask(
                        "HEADERS END_STREAM stream=1",
                        HEAD,
                        "CONTINUATION stream=1",
                        "  x: {a*100}",
                        "CONTINUATION END_HEADERS stream=1"))
                .containsExactly("HEADERS 1 END 200 length=100 content-length=0");
    }

    @Test
    void answersPingsAndCountsOddOnes() {
        assertThat(client.ask("PING 0102030405060708")).containsExactly("PING ACK 102030405060708");
        assertThat(client.ask(
                        "SETTINGS ACK",
                        "SETTINGS ACK",
                        "PING ACK 0000000000000001",
                        "GOAWAY stream=0 u31=0 u31=0",
                        "type=0x77"))
                .isEmpty();
        assertThat(connection.isClosed()).isFalse();
    }

    @Test
    void knowsTheClientBehindAProxy() {
        List<Request> requests = new ArrayList<>();
        connection = PlayedConnection.serving(
                request -> {
                    requests.add(request);
                    return Response.of(200);
                },
                server -> server.proxyProtocol(ProxyProtocol.ENABLED).trustedProxies(Cidr.of("198.51.100.0/24")));
        connection.send("PROXY TCP4 198.51.100.7 203.0.113.9 5000 443\r\n");
        client = PlayedHttp2.on(connection);
        client.ask(GET_1, HEAD, "  forwarded: for=10.0.0.9");
        assertThat(requests.get(0).remoteAddress()).isEqualTo(new InetSocketAddress("10.0.0.9", 0));

        assertThat(client.ask(
                        GET_1.replace("=1", "=3"), HEAD, "  forwarded: for=10.0.0.9", "  x-forwarded-for: 10.0.0.8"))
                .anyMatch(frame -> frame.startsWith("HEADERS 3 400 "));
    }

    // ---- long heads, full sockets

    @Test
    void sendsAHeadThatIsLongerThanABuffer() {
        serving(request -> Response.text("x").header("Long", "y".repeat(100_000)), server -> {});
        connection.send(org.httpkit.internal.http2.FrameNotation.bytes(GET_1, HEAD));
        connection.settle();

        byte[] bytes = connection.takeBytes();
        int length = 0;
        int headers = 0;
        for (int at = 0; at < bytes.length; at += 9 + length) {
            length = (bytes[at] & 0xff) << 16 | (bytes[at + 1] & 0xff) << 8 | bytes[at + 2] & 0xff;
            headers += bytes[at + 3] == 1 || bytes[at + 3] == 9 ? length : 0;
            if (at + 9 + length == bytes.length) {
                assertThat(bytes).endsWith('x');
                assertThat(bytes[at + 3]).isZero();
            }
        }
        assertThat(headers).isGreaterThan(100_000 * 6 / 8);
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 1000, 20_000})
    void sendsTheSameHoweverTheSocketTakesIt(int roomBytes) {
        serving(
                request -> Response.bytes(new byte[30_000]).header("Long", "y".repeat(1000)),
                server -> server.writeTimeout(Duration.ZERO));
        connection.makeRoom(roomBytes);
        client.send(GET_1, HEAD, GET_1.replace("=1", "=3"), HEAD);
        connection.settle();
        List<String> frames = new ArrayList<>();
        for (int i = 0;
                i < 70_000
                        && frames.stream()
                                        .filter(frame -> frame.contains("END"))
                                        .count()
                                < 2;
                i++) {
            connection.makeRoom(roomBytes).settle();
            if (i % 100 == 0 || roomBytes > 10) {
                frames.addAll(client.take());
            }
        }

        int[] bytes = new int[4];
        for (String frame : frames) {
            if (frame.startsWith("DATA")) {
                bytes[frame.charAt(5) - '0'] += Integer.parseInt(frame.replaceAll(".* (\\d+) bytes", "$1"));
            }
        }
        assertThat(bytes).containsExactly(0, 30_000, 0, 30_000);
        assertThat(connection.link.queuedBytes()).isZero();
    }

    @Test
    void sendsHintsThatCameBeforeTheAnswerIfTheClientMadeNoRoomUntilThen() {
        serving(
                request -> {
                    request.sendEarlyHints(Headers.of("Link", "</a>"));
                    return Response.of(200);
                },
                server -> {});
        connection.makeRoom(0);
        client.ask("PING 0000000000000001");
        client.send(GET_1, HEAD);
        connection.settle();
        connection.makeRoom(Integer.MAX_VALUE);

        assertThat(client.settled())
                .containsExactly("PING ACK 1", "HEADERS 1 103 link=</a>", "HEADERS 1 END 200 content-length=0");
    }

    @Test
    void cancelsWhatWaitsWhenTheConnectionCloses() {
        serving(request -> Response.bytes(new byte[30_000]), server -> {}, "INITIAL_WINDOW_SIZE=10");
        client.ask(GET_1, HEAD);
        connection.reset();

        assertThat(connection.events()).containsExactly("responded 200", "finished CUT", "closed PEER_RESET");
    }

    @Test
    void sendsTextOfThePeersChoice() {
        serving(
                request -> Response.text(new String(new byte[] {(byte) 0xe4}, StandardCharsets.ISO_8859_1)),
                server -> {});

        assertThat(client.ask(GET_1, HEAD)).endsWith("DATA 1 END \u00c3\u00a4");
    }

    // ---- threads that wait

    private static Thread inAnotherThread(Runnable work) {
        Thread thread = new Thread(work, "sender");
        thread.setDaemon(true);
        thread.start();
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> thread.getState() == Thread.State.WAITING || !thread.isAlive());
        return thread;
    }

    @Test
    @Timeout(20)
    void makesASenderWaitForTheWindowOfItsClient() throws InterruptedException {
        serving(server -> server.maxQueuedBytes(100), "INITIAL_WINDOW_SIZE=0");
        options = ChannelOptions.DEFAULT.whenFull(org.httpkit.server.WhenFull.BLOCK);
        client.ask(GET_1, HEAD);
        listener.channel().trySend("x".repeat(200));
        List<Object> results = new ArrayList<>();
        Thread sender = inAnotherThread(() -> results.add(listener.channel().trySend("y")));
        assertThat(results).isEmpty();

        List<String> frames = new ArrayList<>(client.ask("WINDOW_UPDATE stream=1 u31=1000"));
        sender.join();
        frames.addAll(client.settled());

        assertThat(results).hasSize(1).doesNotContain(org.httpkit.server.SendResult.REJECTED);
        assertThat(frames).endsWith("DATA 1 200 bytes", "DATA 1 y");
    }

    @Test
    @Timeout(20)
    void makesASenderOnAWebSocketWaitForTheWindowOfItsClient() throws InterruptedException {
        serving(server -> server.maxQueuedBytes(100), "INITIAL_WINDOW_SIZE=0");
        options = ChannelOptions.DEFAULT.whenFull(org.httpkit.server.WhenFull.BLOCK);
        open();
        listener.channel().trySend("x".repeat(200));
        List<Object> results = new ArrayList<>();
        Thread sender = inAnotherThread(() -> results.add(listener.channel().trySend("y")));
        assertThat(results).isEmpty();

        List<String> frames = new ArrayList<>(client.ask("WINDOW_UPDATE stream=1 u31=1000"));
        sender.join();
        frames.addAll(client.settled());

        assertThat(results).hasSize(1).doesNotContain(org.httpkit.server.SendResult.REJECTED);
        assertThat(frames).endsWith("DATA 1 \u0081\u0001y");
    }

    @Test
    @Timeout(20)
    void wakesASenderWhoseClientResetsTheStream() throws InterruptedException {
        serving(server -> server.maxQueuedBytes(100), "INITIAL_WINDOW_SIZE=0");
        options = ChannelOptions.DEFAULT.whenFull(org.httpkit.server.WhenFull.BLOCK);
        client.ask(GET_1, HEAD);
        listener.channel().trySend("x".repeat(200));
        List<Object> results = new ArrayList<>();
        Thread sender = inAnotherThread(() -> results.add(listener.channel().trySend("y")));

        client.ask("RST_STREAM stream=1 code=CANCEL");
        sender.join();

        assertThat(results).containsExactly(org.httpkit.server.SendResult.CLOSED);
    }

    // ---- broken rules of streams

    @Test
    void tellsObserversOfStreamsThatBreakARule() {
        serving(reading(), server -> {});
        client.ask("HEADERS END_HEADERS stream=1", "  POST /", "  content-length: 2", "DATA stream=1 \"abc\"");

        assertThat(client.take()).isEmpty();
        assertThat(connection.events()).contains("refused 400", "reset by server PROTOCOL_ERROR");
        assertThat(connection.context.counters().streamsOpen()).isZero();
        assertThat(connection.context.counters().streamsOpened()).isEqualTo(1);
        assertThat(connection.context.counters().streamsResetByServer()).isEqualTo(1);
    }

    @Test
    void countsStreamsAndThoseHeldBack() {
        serving(request -> Response.text("0123456789"), server -> {}, "INITIAL_WINDOW_SIZE=4");
        client.ask(GET_1, HEAD);
        assertThat(connection.context.counters().streamsOpen()).isEqualTo(1);
        assertThat(connection.context.counters().streamsHeldBack()).isEqualTo(1);
        client.ask("WINDOW_UPDATE stream=1 u31=1");
        assertThat(connection.context.counters().streamsHeldBack()).isEqualTo(1);

        client.ask("RST_STREAM stream=1 code=CANCEL");
        assertThat(connection.context.counters().streamsOpen()).isZero();
        assertThat(connection.context.counters().streamsResetByClients()).isEqualTo(1);
    }

    @Test
    void endsAConnectionThatChangesTheWindowsOfManyStreamsTooOften() {
        serving(request -> Response.text("0123456789"), server -> {}, "INITIAL_WINDOW_SIZE=1");
        for (int id = 1; id < 200; id += 2) {
            client.send("HEADERS END_STREAM END_HEADERS stream=" + id, HEAD);
        }
        List<String> frames = new ArrayList<>();
        int sent = 0;
        for (; sent < 200 && frames.stream().noneMatch(frame -> frame.startsWith("GOAWAY")); sent++) {
            frames.addAll(client.ask("SETTINGS INITIAL_WINDOW_SIZE=" + (2 + sent % 2)));
        }

        assertThat(sent).isBetween(50, 199);
    }

    @Test
    void refusesAWindowThatBecomesTooWide() {
        serving(request -> Response.text("0123456789"), server -> {}, "INITIAL_WINDOW_SIZE=4");
        client.ask(GET_1, HEAD);

        assertThat(client.ask("WINDOW_UPDATE stream=1 u31=2147483647", "WINDOW_UPDATE stream=1 u31=1"))
                .containsExactly("RST_STREAM 1 FLOW_CONTROL_ERROR");
        assertThat(client.ask("WINDOW_UPDATE stream=0 u31=2147483647"))
                .singleElement()
                .asString()
                .startsWith("GOAWAY 1 FLOW_CONTROL_ERROR");
    }

    @Test
    void refusesHeadersBehindTheEndOfAStream() {
        serving(reading(), server -> {});
        client.send("HEADERS END_STREAM END_HEADERS stream=1", "  POST /");

        assertThat(client.send("HEADERS END_STREAM END_HEADERS stream=1", "  a: b")
                        .take())
                .singleElement()
                .asString()
                .contains("STREAM_CLOSED");
    }

    @Test
    void creditsAStreamOnceItsReaderHasTakenWhatWaited() {
        List<String> frames = new ArrayList<>();
        serving(
                new Handler() {
                    @Override
                    public Response handle(Request request) throws IOException {
                        client.take();
                        request.body().stream().readNBytes(65_536);
                        connection.runLoop(); // as the loop would meanwhile
                        frames.addAll(client.take());
                        client.send("DATA END_STREAM stream=1 \"last\"");
                        return Response.text(
                                new String(request.body().stream().readAllBytes(), StandardCharsets.US_ASCII));
                    }

                    @Override
                    public boolean streamsBody(Request request) {
                        return true;
                    }
                },
                server -> {});
        client.send("HEADERS END_HEADERS stream=1", "  POST /");
        for (int i = 0; i < 4; i++) {
            client.send("DATA stream=1 00 x16384");
        }

        assertThat(client.settled()).endsWith("DATA 1 END last");
        assertThat(frames).containsExactly("WINDOW_UPDATE 1 32768");
    }

    @Test
    void refusesARequestWhoseTrailersBreakARuleBeforeItsHandlerIsCalled() {
        serving(request -> Response.of(200), server -> {});
        client.send("HEADERS END_HEADERS stream=1", "  POST /");

        assertThat(client.ask("HEADERS END_STREAM END_HEADERS stream=1", "  :path: /"))
                .anyMatch(
                        frame -> frame.startsWith("HEADERS 1 400 ") || frame.startsWith("RST_STREAM 1 PROTOCOL_ERROR"));
        assertThat(connection.events()).contains("refused 400");
    }

    @Test
    void dropsWhatComesForAnAnsweredStreamUntilItsClientEndsIt() {
        serving(request -> request.asChannel(options, listener), server -> {});
        client.ask("HEADERS END_HEADERS stream=1", "  POST /", "DATA END_STREAM stream=1 \"x\"");
        client.ask(GET_1.replace("=1", "=3"), HEAD);
        client.ask("RST_STREAM stream=1 code=CANCEL");

        assertThat(client.ask("RST_STREAM stream=1 code=CANCEL")).isEmpty();
        assertThat(connection.isClosed()).isFalse();
    }

    @Test
    void encodesNothingIntoATableThatTheClientHasLowered() {
        serving(request -> Response.text("a"), server -> {}, "HEADER_TABLE_SIZE=0");

        assertThat(client.ask(GET_1, HEAD)).endsWith("DATA 1 END a");
        assertThat(client.ask(GET_1.replace("=1", "=3"), HEAD)).endsWith("DATA 3 END a");
    }

    @Test
    void tellsAHandlerThatIsAtWorkThatItsBodyIsTooMuchToHold() {
        serving(reading(), server -> {});
        client.send("HEADERS END_HEADERS stream=1", "  POST /", "DATA stream=1 00 x1000");
        connection.loop.run(() -> connection.link.protocol().onTooMuchHeld(5000));

        assertThat(client.settled()).anyMatch(frame -> frame.startsWith("HEADERS 1 503 "));
        assertThat(read).isEmpty();
    }

    @Test
    void sendsNothingMoreOnAStreamThatIsClosed() {
        client.ask(GET_1, HEAD);
        listener.channel().trySend("begun");
        client.settled();
        client.ask("RST_STREAM stream=1 code=CANCEL");

        assertThat(listener.channel().trySend("more")).isEqualTo(org.httpkit.server.SendResult.CLOSED);
        assertThat(client.settled()).isEmpty();
    }
}
