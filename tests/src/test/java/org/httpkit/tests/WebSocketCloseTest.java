package org.httpkit.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.CloseReason;
import org.httpkit.server.HttpServer;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawWebSocket;
import org.httpkit.testkit.RawWebSocket.Frame;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a WebSocket ends (RFC 6455 section 7): in every ending, onClose comes exactly once and last. */
class WebSocketCloseTest extends ServerTest {
    private final RecordingListener listener = new RecordingListener();

    private RawWebSocket open() throws Exception {
        return open(options -> options);
    }

    private RawWebSocket open(UnaryOperator<HttpServer.Builder> options) throws Exception {
        return closeLater(RawWebSocket.open(serve(request -> request.asChannel(listener), options), "/"));
    }

    // ---- by the client

    @ParameterizedTest
    @ValueSource(ints = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999})
    void echoesTheClientsCodeAndReason(int code) throws Exception {
        RawWebSocket client = open();
        client.close(code, "ciao ☺");

        Frame close = client.readClose();
        assertThat(close.closeCode()).isEqualTo(code);
        assertThat(close.closeReason()).isEqualTo("ciao ☺");
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
        assertThat(listener.nextClose()).isEqualTo("close " + code + " PEER_CLOSED ciao ☺");
    }

    @Test
    void aCloseFrameWithoutCodeIs1005AndAnsweredWithoutOne() throws Exception {
        RawWebSocket client = open();
        client.frame(true, 0, RawWebSocket.CLOSE, new byte[0]);

        assertThat(client.readClose().payload()).isEmpty();
        assertThat(listener.nextClose()).isEqualTo("close 1005 PEER_CLOSED");
    }

    @Test
    void answersWhatCameBeforeTheCloseFrameFirst() throws Exception {
        RecordingListener echo = new RecordingListener() {
            @Override
            void text(AsyncChannel channel, String text) {
                WebSocketTest.spin(100_000);
                channel.send(text);
            }
        };
        RawWebSocket client = closeLater(RawWebSocket.open(serve(request -> request.asChannel(echo)), "/"));
        client.text("one").text("two").close(1000, "");

        assertThat(client.read().text()).isEqualTo("one");
        assertThat(client.read().text()).isEqualTo("two");
        assertThat(client.readClose().closeCode()).isEqualTo(1000);
    }

    @Test
    void aConnectionThatEndsWithoutCloseFrameIs1006() throws Exception {
        RawWebSocket client = open();
        client.text("last words").client().close();

        assertThat(listener.nextClose()).isEqualTo("close 1006 PEER_CLOSED");
    }

    @Test
    void aConnectionThatIsResetIs1006() throws Exception {
        RawWebSocket client = open();
        listener.channel();
        client.client().reset();

        assertThat(listener.nextClose()).isEqualTo("close 1006 PEER_RESET");
    }

    @Test
    void aClientThatEndsOnlyItsSideIsAnsweredThatMuch() throws Exception {
        RawWebSocket client = open();
        client.client().endOutput();

        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
        assertThat(listener.nextClose()).isEqualTo("close 1006 PEER_CLOSED");
    }

    @Test
    void aListenerThatIsBusyDoesNotKeepTheClientsCodeFromBeingTold() throws Exception {
        CountDownLatch mayGoOn = new CountDownLatch(1);
        RecordingListener busy = new RecordingListener() {
            @Override
            void text(AsyncChannel channel, String text) {
                try {
                    await(mayGoOn);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        };
        RawWebSocket client = closeLater(RawWebSocket.open(
                serve(request -> request.asChannel(busy), options -> options.closeTimeout(Duration.ofMillis(100))),
                "/"));
        client.text("work").close(4001, "bored");

        assertThat(client.readClose().closeCode()).isEqualTo(4001);
        client.awaitEnd();
        mayGoOn.countDown();
        assertThat(busy.nextClose()).isEqualTo("close 4001 PEER_CLOSED bored");
    }

    // ---- by us

    @Test
    void closesWithCodeAndReasonAndWaitsForTheAnswer() throws Exception {
        RawWebSocket client = open();
        AsyncChannel channel = listener.channel();

        assertThat(channel.close(4000, "enough")).isTrue();
        assertThat(channel.close()).isFalse();
        assertThat(channel.isOpen()).isFalse();
        assertThat(channel.send("late")).isFalse();

        Frame close = client.readClose();
        assertThat(close.closeCode()).isEqualTo(4000);
        assertThat(close.closeReason()).isEqualTo("enough");
        assertThat(client.client().staysQuiet(A_MOMENT)).isTrue();
        client.close(4000, "");
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
        assertThat(listener.nextClose()).isEqualTo("close 4000 CLOSED enough");
    }

    @Test
    void deliversWhatWasSentBeforeClose() throws Exception {
        RawWebSocket client = open();
        AsyncChannel channel = listener.channel();
        byte[] large = new byte[3 << 20];

        channel.send(large);
        channel.send("last", true);

        assertThat(client.readMessage().payload()).hasSize(large.length);
        assertThat(client.readMessage().text()).isEqualTo("last");
        assertThat(client.readClose().closeCode()).isEqualTo(1000);
    }

    @Test
    void ignoresMessagesThatComeAfterOurCloseFrame() throws Exception {
        RawWebSocket client = open();
        listener.channel().close();
        client.readClose();
        client.text("too late").ping("too late").close(1000, "");

        assertThat(client.read().opcode()).isEqualTo(RawWebSocket.PONG);
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
        assertThat(listener.next()).isEqualTo("init");
        assertThat(listener.next()).isEqualTo("open");
        assertThat(listener.next()).isEqualTo("close 1000 CLOSED");
        listener.assertNothingMore();
    }

    @Test
    void waitsNoLongerThanTheCloseTimeoutForTheAnswer() throws Exception {
        RawWebSocket client = open(options -> options.closeTimeout(Duration.ofMillis(100)));
        listener.channel().close();

        client.readClose();
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
        assertThat(listener.nextClose()).isEqualTo("close 1000 CLOSED");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, -1, 65536})
    void refusesCodesThatMayNotBeSent(int code) throws Exception {
        open();
        AsyncChannel channel = listener.channel();

        assertThatThrownBy(() -> channel.close(code, ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("" + code);
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void cutsAReasonThatIsTooLongBetweenCharacters() throws Exception {
        RawWebSocket client = open();
        listener.channel().close(1000, "é".repeat(100));

        assertThat(client.readClose().closeReason()).isEqualTo("é".repeat(61));
    }

    // ---- by a fault

    @ParameterizedTest
    @CsvSource({
        "1, 0, 1, 1007", // text that is not UTF-8
        "1, 4, 1, 1002", // a reserved bit without extension
        "1, 0, 3, 1002", // an unknown opcode
        "1, 0, 0, 1002", // a continuation of nothing
        "0, 0, 9, 1002", // a fragmented control frame
        "1, 0, 8, 1002" // a close frame with half a code
    })
    void closesWithTheCodeOfTheViolation(int fin, int rsv, int opcode, int code) throws Exception {
        RawWebSocket client = open();
        client.frame(fin == 1, rsv, opcode, new byte[] {(byte) 0xFF});

        assertThat(client.readClose().closeCode()).isEqualTo(code);
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
        assertThat(listener.nextClose()).startsWith("close " + code + " PROTOCOL_ERROR ");
        assertThat(observer.webSocketRefusals()).singleElement().satisfies(refusal -> assertThat(refusal.closeCode())
                .isEqualTo(code));
    }

    @Test
    void closesWith1002WhenTheClientDoesNotMask() throws Exception {
        RawWebSocket client = open();
        client.client().send(new byte[] {(byte) 0x81, 1, 'x'});

        assertThat(client.readClose().closeCode()).isEqualTo(1002);
        assertThat(listener.nextClose()).startsWith("close 1002 PROTOCOL_ERROR");
    }

    @Test
    void closesWith1009WhenAMessageIsTooBig() throws Exception {
        UnaryOperator<HttpServer.Builder> small = options -> options.maxMessageBytes(1000);
        RawWebSocket exact = open(small);
        exact.binary(new byte[1000]);
        exact.close(1000, "");
        assertThat(exact.readClose().closeCode()).isEqualTo(1000);
        assertThat(listener.nextClose()).startsWith("close 1000");

        RawWebSocket one = open(small);
        one.binary(new byte[1001]);
        assertThat(one.readClose().closeCode()).isEqualTo(1009);
        assertThat(listener.nextClose()).startsWith("close 1009 PROTOCOL_ERROR");

        RawWebSocket parts = open(small);
        parts.frame(false, 0, RawWebSocket.BINARY, new byte[600]);
        parts.frame(true, 0, RawWebSocket.CONTINUATION, new byte[600]);
        assertThat(parts.readClose().closeCode()).isEqualTo(1009);
        assertThat(listener.nextClose()).startsWith("close 1009 PROTOCOL_ERROR");
    }

    @Test
    void handsOverWhatCameBeforeAViolation() throws Exception {
        RawWebSocket client = open();
        client.text("good").frame(true, 0, 3, new byte[0]);

        assertThat(client.readClose().closeCode()).isEqualTo(1002);
        assertThat(listener.next()).isEqualTo("init");
        assertThat(listener.next()).isEqualTo("open");
        assertThat(listener.next()).isEqualTo("text good");
        assertThat(listener.next()).startsWith("close 1002 PROTOCOL_ERROR");
    }

    @Test
    void aListenerThatThrowsCloses1011AndTheObserverIsTold() throws Exception {
        RecordingListener failing = new RecordingListener() {
            @Override
            void text(AsyncChannel channel, String text) {
                throw new IllegalStateException("on purpose");
            }
        };
        RawWebSocket client = closeLater(RawWebSocket.open(serve(request -> request.asChannel(failing)), "/"));
        client.text("one").text("two").text("three");

        Frame close = client.readClose();
        assertThat(close.closeCode()).isEqualTo(1011);
        assertThat(close.closeReason()).isEmpty();
        assertThat(failing.next()).isEqualTo("init");
        assertThat(failing.next()).isEqualTo("open");
        assertThat(failing.next()).isEqualTo("text one");
        assertThat(failing.next()).isEqualTo("close 1011 HANDLER_ERROR");
        failing.assertNothingMore();
        assertThat(observer.handlerFailures()).singleElement().isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aListenerThatThrowsOnOpenCloses1011() throws Exception {
        RecordingListener failing = new RecordingListener() {
            @Override
            void opened(AsyncChannel channel) {
                throw new AssertionError("on purpose");
            }
        };
        RawWebSocket client = closeLater(RawWebSocket.open(serve(request -> request.asChannel(failing)), "/"));

        assertThat(client.readClose().closeCode()).isEqualTo(1011);
        assertThat(failing.nextClose()).isEqualTo("close 1011 HANDLER_ERROR");
    }

    @Test
    void aListenerThatThrowsOnCloseIsOnlyReported() throws Exception {
        RecordingListener failing = new RecordingListener() {
            @Override
            void closed(AsyncChannel channel, CloseReason reason) {
                throw new IllegalStateException("on purpose");
            }
        };
        RawWebSocket client = closeLater(RawWebSocket.open(serve(request -> request.asChannel(failing)), "/"));
        client.close(1000, "");

        assertThat(client.readClose().closeCode()).isEqualTo(1000);
        assertThat(failing.nextClose()).isEqualTo("close 1000 PEER_CLOSED");
        eventually(() -> assertThat(observer.handlerFailures()).hasSize(1));
    }

    @Test
    void aStreamThatFailsCloses1011() throws Exception {
        RawWebSocket client = open();
        listener.channel().send(new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("disk on fire");
            }
        });

        assertThat(client.readClose().closeCode()).isEqualTo(1011);
        assertThat(listener.nextClose()).isEqualTo("close 1011 HANDLER_ERROR");
    }

    @Test
    void aWorkerWithoutRoomCloses1013() throws Exception {
        var full = new java.util.concurrent.atomic.AtomicBoolean();
        HttpServer server = serve(
                request -> request.asChannel(listener),
                options -> options.worker(task -> {
                    if (full.get()) {
                        throw new java.util.concurrent.RejectedExecutionException();
                    }
                    new Thread(task).start();
                }));
        RawWebSocket client = closeLater(RawWebSocket.open(server, "/"));
        listener.channel();
        full.set(true);
        do {
            client.text("too much"); // the first may find a thread still at work on the calls before
        } while (client.client().staysQuiet(Duration.ofMillis(20)));

        assertThat(client.readClose().closeCode()).isEqualTo(1013);
        assertThat(listener.nextClose()).isEqualTo("close 1013 OVERLOAD");
    }

    // ---- by time

    @Test
    void aClientThatAnswersNoPingIsDroppedAfterTwo() throws Exception {
        RawWebSocket client = open(options -> options.pingInterval(Duration.ofMillis(100)));

        assertThat(client.read().opcode()).isEqualTo(RawWebSocket.PING);
        assertThat(client.read().opcode()).isEqualTo(RawWebSocket.PING);
        client.awaitEnd();
        assertThat(listener.nextClose()).isEqualTo("close 1006 IDLE_TIMEOUT");
    }

    @Test
    void aClientThatAnswersPingsIsKept() throws Exception {
        RawWebSocket client = open(options -> options.pingInterval(Duration.ofMillis(300)));
        for (int i = 0; i < 6; i++) {
            Frame ping = client.read();
            assertThat(ping.opcode()).isEqualTo(RawWebSocket.PING);
            client.pong(ping.text());
        }
        client.close(1000, "");
        assertThat(listener.nextClose()).isEqualTo("close 1000 PEER_CLOSED");
    }

    @Test
    void pingsCanBeSwitchedOff() throws Exception {
        RawWebSocket client = open(options -> options.pingInterval(Duration.ZERO));

        assertThat(client.client().staysQuiet(Duration.ofMillis(200))).isTrue();
    }

    @Test
    void aClientThatTakesNothingForTooLongIsDropped() throws Exception {
        HttpServer server =
                serve(request -> request.asChannel(listener), options -> options.writeTimeout(Duration.ofMillis(200)));
        RawWebSocket.open(connect(server, 4096), "/");
        AsyncChannel channel = listener.channel();

        channel.send(new byte[8 << 20]);

        assertThat(listener.nextClose()).isEqualTo("close 1006 WRITE_TIMEOUT");
        assertThat(channel.send("anybody?")).isFalse();
    }

    @Test
    void theWriteTimeoutBeginsWithTheWriteEvenOnALoopThatSlept() throws Exception {
        HttpServer server = serve(request -> request.asChannel(listener), options -> options.writeTimeout(A_WHILE)
                .pingInterval(Duration.ZERO));
        RawClient raw = connect(server, 4096);
        RawWebSocket client = RawWebSocket.open(raw, "/");
        AsyncChannel channel = listener.channel();
        assertThat(raw.staysQuiet(A_WHILE.plusMillis(400))).isTrue();

        channel.send(new byte[8 << 20]);
        assertThat(listener.calls().poll(200, java.util.concurrent.TimeUnit.MILLISECONDS))
                .isIn("init", "open");

        assertThat(client.readMessage().payload()).hasSize(8 << 20);
    }

    // ---- by the server's stop

    @Test
    void stoppingTheServerCloses1001() throws Exception {
        HttpServer server = serve(request -> request.asChannel(listener));
        RawWebSocket client = closeLater(RawWebSocket.open(server, "/"));
        listener.channel();

        var stopped = server.stop(Duration.ofSeconds(10));
        assertThat(client.readClose().closeCode()).isEqualTo(1001);
        client.close(1001, "");
        client.awaitEnd();

        stopped.join();
        assertThat(listener.nextClose()).isEqualTo("close 1001 SERVER_STOP");
    }

    @Test
    void stoppingTheServerDoesNotWaitForTheAnswerBeyondItsTimeout() throws Exception {
        HttpServer server = serve(request -> request.asChannel(listener));
        RawWebSocket client = closeLater(RawWebSocket.open(server, "/"));
        listener.channel();

        server.stop(A_WHILE).join();

        assertThat(client.readClose().closeCode()).isEqualTo(1001);
        client.awaitEnd();
        assertThat(listener.nextClose()).isEqualTo("close 1001 SERVER_STOP");
    }

    @Test
    void aListenerThatIsClosedWhileInCallsIsToldOnceTheyReturn() throws Exception {
        RecordingListener closing = new RecordingListener() {
            @Override
            void text(AsyncChannel channel, String text) {
                channel.close(1000, "from " + text);
                assertThat(channel.isOpen()).isFalse();
            }
        };
        RawWebSocket client = closeLater(RawWebSocket.open(serve(request -> request.asChannel(closing)), "/"));
        client.client()
                .send(WebSocketTest.concat(
                        RawWebSocket.masked(true, 0, 1, "one".getBytes(UTF_8), 1),
                        RawWebSocket.masked(true, 0, 1, "two".getBytes(UTF_8), 1)));

        assertThat(client.readClose().closeReason()).isEqualTo("from one");
        assertThat(closing.nextClose()).isEqualTo("close 1000 CLOSED from one");
    }
}
