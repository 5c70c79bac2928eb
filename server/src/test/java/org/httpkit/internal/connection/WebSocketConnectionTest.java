package org.httpkit.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.httpkit.testing.PlayedWebSocket.close;
import static org.httpkit.testing.PlayedWebSocket.frame;
import static org.httpkit.testing.PlayedWebSocket.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.httpkit.http.Headers;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Dispatch;
import org.httpkit.server.HttpServer;
import org.httpkit.testing.PlayedConnection;
import org.httpkit.testing.PlayedWebSocket;
import org.httpkit.testing.ToldListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A WebSocket connection from its handshake to its close, played without a socket. */
final class WebSocketConnectionTest {
    private final ToldListener listener = new ToldListener();
    private ChannelOptions options = ChannelOptions.DEFAULT;
    private PlayedConnection connection = serving(server -> {});

    private PlayedConnection serving(Consumer<HttpServer.Builder> server) {
        connection = PlayedConnection.serving(request -> request.asChannel(options, listener), server);
        return connection;
    }

    private PlayedWebSocket open() {
        PlayedWebSocket client = PlayedWebSocket.on(connection);
        assertThat(listener.take()).containsExactly("open");
        return client;
    }

    // ---- the handshake

    @Test
    void answersTheHandshake() {
        assertThat(connection.ask(PlayedWebSocket.HANDSHAKE + "\r\n"))
                .isEqualTo("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
        assertThat(connection.events()).containsExactly("websocket opened", "responded 101", "finished UPGRADED");
        assertThat(listener.channel().isWebSocket()).isTrue();
        assertThat(listener.channel().isOpen()).isTrue();
        assertThat(listener.channel().request().path()).isEqualTo("/ws");
    }

    @Test
    void choosesASubprotocolAndAddsFields() {
        options = ChannelOptions.DEFAULT.subprotocols("b", "c").headers(Headers.of("Own", "field"));

        assertThat(connection.ask(PlayedWebSocket.HANDSHAKE + "Sec-WebSocket-Protocol: a, b\r\n\r\n"))
                .contains("Sec-WebSocket-Protocol: b\r\n", "Own: field\r\n");
        assertThat(listener.channel().subprotocol()).isEqualTo("b");
    }

    @Test
    void refusesAHandshakeThatBreaksARule() {
        assertThat(connection.ask(PlayedWebSocket.HANDSHAKE.replace("Version: 13", "Version: 12") + "\r\n"))
                .startsWith("HTTP/1.1 426 ")
                .contains("Sec-WebSocket-Version: 13");
        assertThat(listener.take()).containsExactly("handshake error 426", "close 0 CLOSED");
        assertThat(connection.events()).startsWith("refused 426", "responded 426");
    }

    @Test
    void refusesAPageOfAnotherOrigin() {
        options = ChannelOptions.DEFAULT.allowedOrigins("https://b.example");

        assertThat(connection.ask(PlayedWebSocket.HANDSHAKE + "Origin: https://c.example\r\n\r\n"))
                .startsWith("HTTP/1.1 403 ");
        assertThat(listener.take()).first().isEqualTo("handshake error 403");
    }

    @Test
    void refusesARequestThatAsksForNoWebSocketWhereOnlyThatIsServed() {
        options = ChannelOptions.DEFAULT.forWebSocketOnly();

        assertThat(connection.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n")).startsWith("HTTP/1.1 4");
        assertThat(listener.take()).first().asString().startsWith("handshake error 4");
    }

    @Test
    void readsMessagesThatCameWithTheHandshake() {
        connection.send(PlayedWebSocket.HANDSHAKE + "\r\n").send(text("early"));
        connection.settle();

        assertThat(listener.take()).containsExactly("open", "text early");
    }

    @Test
    void endsIfTheClientHasGoneBeforeTheHandshakeWasAnswered() {
        connection.send(PlayedWebSocket.HANDSHAKE + "\r\n");
        connection.reset();

        assertThat(listener.take()).last().isEqualTo("close 1006 PEER_CLOSED");
        assertThat(connection.events()).contains("closed PEER_RESET");
    }

    @Test
    void closesAWebSocketWhoseClientHadEndedItsSideBeforeTheHandshakeWasAnswered() {
        connection.send(PlayedWebSocket.HANDSHAKE + "\r\n").endInput().settle();

        assertThat(connection.take()).startsWith("HTTP/1.1 101 ");
        assertThat(listener.take()).containsExactly("open", "close 1006 PEER_CLOSED");
        assertThat(connection.isClosed()).isTrue();
    }

    // ---- messages

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void tellsMessagesInTheirOrder(Dispatch dispatch) {
        serving(server -> server.dispatch(dispatch));
        PlayedWebSocket client = open();
        client.send(text("one")).send(frame(0x82, new byte[3])).send(text("two"));
        client.send(frame(0x8A, "p".getBytes(StandardCharsets.US_ASCII)));

        assertThat(client.settled()).isEmpty();
        assertThat(listener.take()).containsExactly("text one", "binary 3", "text two", "pong p");
    }

    @Test
    void putsAMessageTogetherFromItsFragments() {
        PlayedWebSocket client = open();
        client.ask(frame(0x01, "frag".getBytes(StandardCharsets.US_ASCII)));
        client.ask(frame(0x89, new byte[0]));
        client.ask(frame(0x80, "ments".getBytes(StandardCharsets.US_ASCII)));

        assertThat(listener.take()).containsExactly("ping ", "text fragments");
    }

    @Test
    void answersPings() {
        assertThat(open().ask(frame(0x89, "here?".getBytes(StandardCharsets.US_ASCII))))
                .containsExactly("PONG here?");
        assertThat(listener.take()).containsExactly("ping here?");
    }

    @Test
    void answersOnlyTheLatestPingOfAClientThatTakesNothing() {
        PlayedWebSocket client = open();
        connection.makeRoom(3);
        listener.channel().send("a message that does not leave");
        connection.settle();
        client.send(frame(0x89, new byte[] {'1'})).send(frame(0x89, new byte[] {'2'}));
        connection.settle();

        connection.makeRoom(Integer.MAX_VALUE);

        assertThat(client.settled()).containsExactly("TEXT a message that does not leave", "PONG 2");
    }

    @Test
    void inflatesCompressedMessages() {
        options = ChannelOptions.DEFAULT.deflate(true);
        PlayedWebSocket client = PlayedWebSocket.on(connection, "Sec-WebSocket-Extensions: permessage-deflate");
        listener.take();
        byte[] hello = {(byte) 0xf2, 0x48, (byte) 0xcd, (byte) 0xc9, (byte) 0xc9, 0x07, 0x00
        }; // RFC 7692 section 7.2.3.1

        client.ask(frame(0xC1, hello));
        assertThat(listener.take()).containsExactly("text Hello");
        listener.channel().send("Hello ".repeat(100));
        assertThat(client.settled()).singleElement().asString().startsWith("TEXT deflated");
    }

    @Test
    void inflatesLongMessagesOnTheWorkerAndReadsNothingMeanwhile() throws Exception {
        options = ChannelOptions.DEFAULT.deflate(true);
        PlayedWebSocket client = PlayedWebSocket.on(connection, "Sec-WebSocket-Extensions: permessage-deflate");
        listener.take();
        client.send(frame(0xC2, deflated(600_000))).send(text("behind"));

        assertThat(connection.wire.wantsInput).isFalse();
        assertThat(connection.workersTasks()).isEqualTo(1);
        connection.settle();

        assertThat(listener.take()).containsExactly("binary 600000", "text behind");
        assertThat(connection.wire.wantsInput).isTrue();
    }

    @Test
    void givesUpIfTheWorkerHasNoRoomToInflateAMessage() throws Exception {
        options = ChannelOptions.DEFAULT.deflate(true);
        PlayedWebSocket client = PlayedWebSocket.on(connection, "Sec-WebSocket-Extensions: permessage-deflate");
        listener.take();
        connection.workerIsFull = true;

        assertThat(client.ask(frame(0xC2, deflated(600_000)))).containsExactly("CLOSE 1013");
        assertThat(connection.events()).contains("listener saturated");
    }

    private static byte[] deflated(int bytes) {
        java.util.zip.Deflater deflater = new java.util.zip.Deflater(9, true);
        deflater.setInput(new byte[bytes]);
        byte[] out = new byte[bytes];
        int length = deflater.deflate(out, 0, out.length, java.util.zip.Deflater.SYNC_FLUSH);
        deflater.end();
        return java.util.Arrays.copyOf(out, length - 4);
    }

    @Test
    void holdsBackAClientWhileSixtyFourMessagesWaitForTheListener() {
        PlayedWebSocket client = open();
        for (int i = 0; i < 63; i++) {
            client.send(text("x"));
        }
        assertThat(connection.wire.wantsInput).isTrue();
        client.send(text("y"));
        assertThat(connection.wire.wantsInput).isFalse();

        connection.settle();

        assertThat(connection.wire.wantsInput).isTrue();
        assertThat(listener.take()).hasSize(64).endsWith("text y");
    }

    @Test
    void holdsBackAClientWhoseMessagesThatWaitAreLong() {
        serving(server -> server.maxMessageBytes(2 << 20));
        PlayedWebSocket client = open();
        client.send(frame(0x82, new byte[600_000]));
        assertThat(connection.wire.wantsInput).isTrue();
        client.send(frame(0x82, new byte[500_000])).send(text("y"));
        assertThat(connection.wire.wantsInput).isFalse();

        connection.settle();

        assertThat(listener.take()).containsExactly("binary 600000", "binary 500000", "text y");
        assertThat(connection.wire.wantsInput).isTrue();
    }

    @Test
    void holdsBackAClientAtExactlyAMebibyteThatWaits() {
        serving(server -> server.maxMessageBytes(2 << 20));
        PlayedWebSocket client = open();
        client.send(frame(0x82, new byte[(1 << 20) - 1])).send(text(""));
        assertThat(connection.wire.wantsInput).isTrue();
        client.send(text("x"));
        assertThat(connection.wire.wantsInput).isFalse();

        client.send(text("y")).settled();

        assertThat(listener.take()).containsExactly("binary 1048575", "text ", "text x", "text y");
    }

    @Test
    void readsNothingMoreAtExactlyAMebibyteThatTheClientDoesNotTake() {
        assertThat(readsWhileTheClientDoesNotTake(1 << 20)).isFalse();
        assertThat(readsWhileTheClientDoesNotTake((1 << 20) - 1)).isTrue();
    }

    private boolean readsWhileTheClientDoesNotTake(int queuedBytes) {
        int headBytes = 58; // the frame's, in an array of their own
        serving(server -> server.maxQueuedBytes(10 << 20));
        PlayedWebSocket client = open();
        connection.makeRoom(0);
        listener.channel().send(new byte[queuedBytes - headBytes]);
        connection.settle();
        assertThat(connection.link.queuedBytes()).isEqualTo(queuedBytes);
        client.send(text("more")).settled();
        listener.take();
        return connection.wire.wantsInput;
    }

    @Test
    void readsNothingOfAClientThatDoesNotTakeItsAnswers() {
        serving(server -> server.maxQueuedBytes(10 << 20));
        PlayedWebSocket client = open();
        connection.makeRoom(0);
        listener.channel().send(new byte[(1 << 20) + 1]);
        connection.settle();
        client.send(text("more"));
        assertThat(connection.wire.wantsInput).isFalse();
        connection.settle();
        assertThat(listener.take()).isEmpty();

        connection.makeRoom(Integer.MAX_VALUE).settle();

        assertThat(listener.take()).containsExactly("drain", "text more");
        assertThat(connection.wire.wantsInput).isTrue();
    }

    @Test
    void closesAConnectionForWhoseListenerTheWorkerHasNoRoom() {
        PlayedWebSocket client = open();
        connection.workerIsFull = true;

        assertThat(client.ask(text("x"))).containsExactly("CLOSE 1013");
        assertThat(connection.events()).contains("listener saturated", "websocket closed 1013 OVERLOAD");
    }

    @Test
    void tellsTheListenerNothingMoreOnceItHasFailed() {
        listener.whenText = (channel, text) -> {
            throw new IllegalStateException("broken");
        };
        PlayedWebSocket client = open();

        assertThat(client.send(text("one")).ask(text("two"))).containsExactly("CLOSE 1011");
        assertThat(listener.take()).containsExactly("text one", "close 1011 HANDLER_ERROR");
        assertThat(connection.events()).contains("handler failed: broken");
    }

    // ---- the close handshake

    @Test
    void answersTheCloseOfItsClient() {
        PlayedWebSocket client = open();

        assertThat(client.ask(close(1001))).containsExactly("CLOSE 1001");
        assertThat(connection.wire.isOutputEnded).isTrue();
        assertThat(listener.take()).containsExactly("close 1001 PEER_CLOSED");
        assertThat(connection.endInput().isClosed()).isTrue();
        assertThat(connection.events()).endsWith("websocket closed 1001 PEER_CLOSED", "closed PEER_CLOSED");
    }

    @Test
    void letsTheListenerAnswerWhatCameBeforeTheClose() {
        PlayedWebSocket client = open();
        listener.whenText = (channel, text) -> channel.send("answer");
        client.send(text("question")).send(close(1000));

        assertThat(client.settled()).containsExactly("TEXT answer", "CLOSE 1000");
    }

    @Test
    void waitsForAListenerThatAnswersAClosedClientForTheCloseTimeoutAtMost() {
        serving(server -> server.closeTimeout(Duration.ofSeconds(2)));
        PlayedWebSocket client = open();
        client.send(text("question")).send(close(1000));
        connection.runLoop();
        for (int i = 0; i < 18; i++) {
            connection.loop.letPass(100_000_000L);
            connection.runLoop();
        }
        assertThat(client.take()).isEmpty();

        connection.loop.letPass(300_000_000L);
        connection.runLoop();

        assertThat(client.take()).containsExactly("CLOSE 1000");
    }

    @Test
    void beginsTheCloseHandshakeForTheApplication() {
        PlayedWebSocket client = open();
        assertThat(listener.channel().close(4000, "bye")).isTrue();
        assertThat(listener.channel().close(4001, "again")).isFalse();

        assertThat(client.settled()).containsExactly("CLOSE 4000 bye");
        assertThat(listener.take()).containsExactly("close 4000 bye CLOSED");
        client.send(text("too late"));
        assertThat(connection.wire.isOutputEnded).isFalse();
        client.ask(close(4000));

        assertThat(connection.wire.isOutputEnded).isTrue();
        assertThat(listener.take()).isEmpty();
        assertThat(connection.endInput().events()).endsWith("websocket closed 4000 CLOSED", "closed CLOSED");
    }

    @Test
    void readsTheCloseBehindMessagesThatItNoLongerWants() {
        PlayedWebSocket client = open();
        for (int i = 0; i < 65; i++) {
            client.send(text("x")); // for a listener that is not called
        }
        client.send(close(4000));
        listener.channel().close(4000, "");
        connection.runLoop();

        assertThat(client.take()).containsExactly("CLOSE 4000");
        assertThat(connection.wire.isOutputEnded).isTrue();
    }

    @Test
    void answersPingsBehindItsCloseUntilTheClientsClose() {
        PlayedWebSocket client = open();
        listener.channel().close(4000, "");

        assertThat(client.settled()).containsExactly("CLOSE 4000");
        assertThat(client.ask(frame(0x89, new byte[] {'?'}))).containsExactly("PONG ?");
        client.send(close(4000)).send(frame(0x89, new byte[] {'?'}));
        assertThat(client.settled()).isEmpty();
    }

    @Test
    void closesAClientThatDoesNotAnswerTheClose() {
        serving(server -> server.closeTimeout(Duration.ofSeconds(2)));
        PlayedWebSocket client = open();
        listener.channel().close(1000, "");
        assertThat(client.settled()).containsExactly("CLOSE 1000");

        connection.pass(1_800);
        assertThat(connection.isClosed()).isFalse();
        connection.pass(400);

        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void takesTheEndOfInputForALostConnection() {
        open();
        connection.endInput().settle();

        assertThat(listener.take()).containsExactly("close 1006 PEER_CLOSED");
        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.events()).endsWith("websocket closed 1006 PEER_CLOSED", "closed PEER_CLOSED");
    }

    @Test
    void tellsMessagesThatCameBeforeTheEndOfInput() {
        PlayedWebSocket client = open();
        client.send(text("last"));
        connection.endInput().settle();

        assertThat(listener.take()).containsExactly("text last", "close 1006 PEER_CLOSED");
    }

    @Test
    void closesWhenTheClientEndsInsteadOfAnsweringTheClose() {
        open();
        listener.channel().close(1000, "");
        connection.settle();
        connection.endInput().settle();

        assertThat(connection.isClosed()).isTrue();
        assertThat(listener.take()).containsExactly("close 1000 CLOSED");
    }

    @Test
    void tellsOfAReset() {
        open();
        connection.reset();

        assertThat(listener.take()).containsExactly("close 1006 PEER_RESET");
        assertThat(connection.events()).endsWith("websocket closed 1006 PEER_RESET", "closed PEER_RESET");
    }

    @Test
    void knowsThatItsClientHasGone() {
        open();
        assertThat(listener.channel().request().isCancelled()).isFalse();
        assertThat(connection.context.counters().exchangesRunning()).isZero();
        connection.reset();

        assertThat(listener.channel().request().isCancelled()).isTrue();
    }

    @Test
    void refusesWhatBreaksARule() {
        PlayedWebSocket client = open();

        assertThat(client.ask(new byte[] {(byte) 0x83, (byte) 0x80, 0, 0, 0, 0}))
                .singleElement()
                .asString()
                .startsWith("CLOSE 1002");
        assertThat(listener.take())
                .singleElement()
                .asString()
                .startsWith("close 1002")
                .endsWith("PROTOCOL_ERROR");
        assertThat(connection.events()).contains("websocket refused 1002", "websocket closed 1002 PROTOCOL_ERROR");
        assertThat(connection.wire.isOutputEnded).isTrue();
    }

    @Test
    void refusesAMessageThatIsTooLong() {
        serving(server -> server.maxMessageBytes(1024));

        assertThat(open().ask(frame(0x82, new byte[1025])))
                .singleElement()
                .asString()
                .startsWith("CLOSE 1009");
    }

    @Test
    void endsAfterABrokenRuleBehindItsOwnClose() {
        PlayedWebSocket client = open();
        listener.channel().close(1000, "");
        client.settled();
        client.ask(new byte[] {(byte) 0x83, (byte) 0x80, 0, 0, 0, 0});

        assertThat(connection.wire.isOutputEnded).isTrue();
        assertThat(listener.take()).containsExactly("close 1000 CLOSED");
    }

    @Test
    void isClosedWith1001AtTheStop() {
        PlayedWebSocket client = open();
        listener.whenText = (channel, text) -> channel.send("answer");
        client.send(text("question"));
        connection.stopServer();

        assertThat(client.take()).containsExactly("TEXT answer", "CLOSE 1001");
        assertThat(listener.take()).containsExactly("text question", "close 1001 SERVER_STOP");
    }

    @Test
    void endsInTurnWithOthersAtTheStop() {
        open();
        connection.loop.run(
                () -> assertThat(connection.link.protocol().endsInTurn()).isTrue());

        listener.channel().close(1000, "");
        connection.settle();
        connection.loop.run(
                () -> assertThat(connection.link.protocol().endsInTurn()).isFalse());
    }

    // ---- deadlines

    @Test
    void pingsASilentClientAndGivesUpADeadOne() {
        serving(server -> server.pingInterval(Duration.ofSeconds(2)));
        PlayedWebSocket client = open();
        connection.pass(1_900);
        assertThat(client.take()).isEmpty();
        connection.pass(3_900);
        assertThat(client.take()).containsExactly("PING", "PING");
        assertThat(connection.isClosed()).isFalse();

        connection.pass(600);

        assertThat(connection.isClosed()).isTrue();
        assertThat(listener.take()).containsExactly("close 1006 IDLE_TIMEOUT");
    }

    @Test
    void takesAnythingForASignOfLife() {
        serving(server -> server.pingInterval(Duration.ofSeconds(2)));
        PlayedWebSocket client = open();
        for (int i = 0; i < 10; i++) {
            connection.pass(1_800);
            client.send(frame(0x8A, new byte[0]));
        }

        assertThat(client.settled()).isEmpty();
        assertThat(connection.isClosed()).isFalse();
    }

    /** The server read nothing meanwhile, neither the rest of the message nor pongs. */
    @Test
    void blamesNoClientForTheTimeOfASlowListener() {
        serving(server -> server.pingInterval(Duration.ofSeconds(2)).bodyTimeout(Duration.ofSeconds(5)));
        PlayedWebSocket client = open();
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        for (int i = 0; i < 70; i++) {
            frames.writeBytes(text("x"));
        }
        frames.writeBytes(frame(0x01, "begun".getBytes(StandardCharsets.US_ASCII)));
        connection.send(frames.toByteArray());
        for (int i = 0; i < 200; i++) {
            connection.loop.letPass(100_000_000);
            connection.runLoop();
        }

        connection.pass(1_000);
        assertThat(client.take()).isEmpty();
        client.send(frame(0x80, " and ended".getBytes(StandardCharsets.US_ASCII)));

        assertThat(client.settled()).isEmpty();
        assertThat(listener.take()).last().isEqualTo("text begun and ended");
    }

    @Test
    void sendsNoPingToAClientThatTakesNothing() {
        serving(server -> server.pingInterval(Duration.ofSeconds(2)).writeTimeout(Duration.ZERO));
        PlayedWebSocket client = open();
        connection.makeRoom(0);
        listener.channel().send("x");
        connection.pass(3_000).makeRoom(Integer.MAX_VALUE);

        assertThat(client.settled()).containsExactly("TEXT x");
    }

    @Test
    void closesAClientThatTakesNothingForTooLong() {
        serving(server -> server.writeTimeout(Duration.ofSeconds(3)));
        open();
        connection.makeRoom(0);
        listener.channel().send("x");
        connection.settle().pass(2_700);
        assertThat(connection.isClosed()).isFalse();

        connection.pass(600);

        assertThat(listener.take()).containsExactly("close 1006 WRITE_TIMEOUT");
    }

    @Test
    void givesUpAMessageThatStandsStill() {
        serving(server -> server.bodyTimeout(Duration.ofSeconds(2)));
        PlayedWebSocket client = open();
        client.send(frame(0x01, "begun".getBytes(StandardCharsets.US_ASCII)));
        connection.pass(1_500);
        client.send(frame(0x89, new byte[0])); // no part of the message
        client.settled();
        connection.pass(300);
        assertThat(client.take()).isEmpty();

        connection.pass(500);

        assertThat(client.take()).containsExactly("CLOSE 1008 The message came too slowly");
        assertThat(listener.take()).last().isEqualTo("close 1008 The message came too slowly BODY_TIMEOUT");
    }

    @Test
    void givesUpAMessageThatComesTooSlowlyOnTheWhole() {
        serving(server -> server.minBodyRate(1000));
        PlayedWebSocket client = open();
        List<String> frames = new ArrayList<>();
        client.send(frame(0x01, new byte[10]));
        for (int i = 0; i < 12; i++) {
            frames.addAll(client.ask(frame(0x00, new byte[10])));
            connection.pass(1_000);
        }
        frames.addAll(client.take());

        assertThat(frames).first().isEqualTo("CLOSE 1008 The message came too slowly");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void givesUpAClientWhoseInputIsTooMuchToHold(boolean closing) {
        PlayedWebSocket client = open();
        client.send(frame(0x01, new byte[10]));
        if (closing) {
            listener.channel().close(1000, "");
            client.settled();
        }

        connection.loop.run(() -> connection.link.protocol().onTooMuchHeld(5000));

        assertThat(client.settled()).isEqualTo(closing ? List.of() : List.of("CLOSE 1013"));
        assertThat(connection.events()).contains("input shed");
        assertThat(connection.wire.isOutputEnded).isTrue();
    }

    // ---- over HTTP/2

    @ParameterizedTest
    @CsvSource({"1000, PEER_CLOSED", "4000, PEER_CLOSED"})
    void opensAndClosesOnAStreamOfHttp2(int code, String cause) {
        org.httpkit.testing.PlayedHttp2 client = org.httpkit.testing.PlayedHttp2.on(connection);
        assertThat(client.ask(
                        "HEADERS END_HEADERS stream=1",
                        "  :method: CONNECT",
                        "  :protocol: websocket",
                        "  :scheme: http",
                        "  :authority: a",
                        "  :path: /ws",
                        "  sec-websocket-version: 13"))
                .containsExactly("HEADERS 1 200");
        assertThat(listener.take()).containsExactly("open");

        client.ask("DATA stream=1 81 82 00000000 \"hi\"");
        assertThat(listener.take()).containsExactly("text hi");
        listener.channel().send("yo");
        assertThat(client.settled()).containsExactly("DATA 1 \u0081\u0002yo");

        String hex = String.format("%04x", code);
        assertThat(client.ask("DATA stream=1 88 82 00000000 " + hex)).hasSize(2).endsWith("DATA 1 END");
        assertThat(listener.take()).containsExactly("close " + code + " " + cause);
        assertThat(client.ask("DATA END_STREAM stream=1")).isEmpty();
        assertThat(client.ask("HEADERS END_STREAM END_HEADERS stream=3", "  GET /"))
                .isEmpty();
        assertThat(connection.isClosed()).isFalse();
    }
}
