package org.httpkit.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Event;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Message;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawWebSocket;
import org.httpkit.testkit.RawWebSocket.Frame;
import org.httpkit.testkit.Splits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Messages over a WebSocket, both ways (RFC 6455 sections 5 and 6). */
class WebSocketTest extends ServerTest {
    private final RecordingListener listener = new RecordingListener();

    private static final ChannelListener ECHO = new ChannelListener() {
        @Override
        public void onMessage(AsyncChannel channel, Object message) {
            channel.send(message);
        }
    };

    private RawWebSocket open(HttpServer server, String... fieldLines) throws Exception {
        return closeLater(RawWebSocket.open(server, "/ws", fieldLines));
    }

    private HttpServer serveEcho(UnaryOperator<HttpServer.Builder> options) throws Exception {
        return serve(request -> request.asChannel(ECHO), options);
    }

    // ---- the handshake's request

    @Test
    void knowsItsRequestForAsLongAsItIsOpen() throws Exception {
        AtomicReference<Request> handled = new AtomicReference<>();
        HttpServer server = serve(request -> {
            handled.set(request);
            return request.asChannel(listener);
        });
        RawWebSocket client = open(server, "X-Token: abc", "Cookie: a=1", "Cookie: b=2");
        client.text("opened");
        AsyncChannel channel = listener.channel();

        Request kept = channel.request();

        Request given = handled.get();
        assertThat(channel.request()).as("the same each time").isSameAs(kept);
        assertThat(kept.toString()).isEqualTo(given.toString()).isEqualTo("GET /ws");
        assertThat(kept.path()).isEqualTo("/ws");
        assertThat(kept.query()).isNull();
        assertThat(kept.authority()).isEqualTo(given.authority());
        assertThat(kept.headers().toString()).isEqualTo(given.headers().toString());
        assertThat(kept.headers().all("cookie")).containsExactly("a=1", "b=2");
        assertThat(kept.remoteAddress()).isEqualTo(given.remoteAddress());
        assertThat(kept.receivedNanos()).isEqualTo(given.receivedNanos());
        assertThat(kept.isWebSocketUpgrade()).isTrue();
        assertThat(kept.body().length()).isZero();
        assertThat(kept.trailers().size()).isZero();
        assertThat(kept.isCancelled()).isFalse();
        assertThatThrownBy(() -> kept.asChannel(listener)).isInstanceOf(IllegalStateException.class);
        client.close();
        eventually(() -> assertThat(kept.isCancelled()).isTrue());
    }

    @Test
    void keepsABodyThatCameWithTheHandshake() throws Exception {
        HttpServer server = serve(request -> request.asChannel(listener));
        RawClient raw = connect(server).send(RawWebSocket.handshake("/ws", "Content-Length: 5") + "hello");
        RawWebSocket.accepted(raw);

        assertThat(listener.channel().request().body().text()).isEqualTo("hello");
    }

    // ---- messages

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void echoesTextAndBinaryOfEverySize(Dispatch dispatch) throws Exception {
        RawWebSocket client = open(serveEcho(options -> options.dispatch(dispatch)));
        for (int size : new int[] {0, 1, 125, 126, 127, 65535, 65536, 1 << 20}) {
            String text = "é".repeat(size / 2) + "x".repeat(size % 2);
            client.text(text);
            Frame frame = client.readMessage();
            assertThat(frame.opcode()).isEqualTo(RawWebSocket.TEXT);
            assertThat(frame.text()).isEqualTo(text);

            byte[] bytes = new byte[size];
            new Random(size).nextBytes(bytes);
            client.binary(bytes);
            frame = client.readMessage();
            assertThat(frame.opcode()).isEqualTo(RawWebSocket.BINARY);
            assertThat(frame.payload()).isEqualTo(bytes);
        }
    }

    @Test
    void putsFragmentsTogetherWithControlFramesInBetween() throws Exception {
        RawWebSocket client = open(serveEcho(options -> options));
        client.frame(false, 0, RawWebSocket.TEXT, "one, ".getBytes(UTF_8))
                .ping("still there?")
                .frame(false, 0, RawWebSocket.CONTINUATION, new byte[0])
                .frame(true, 0, RawWebSocket.CONTINUATION, "two".getBytes(UTF_8));

        Frame pong = client.read();
        assertThat(pong.opcode()).isEqualTo(RawWebSocket.PONG);
        assertThat(pong.text()).isEqualTo("still there?");
        assertThat(client.readMessage().text()).isEqualTo("one, two");
    }

    @Test
    void understandsTheSameHoweverTheBytesAreSplit() throws Exception {
        HttpServer server = serve(request -> request.asChannel(listener));
        byte[] bytes = concat(
                RawWebSocket.handshake("/ws").getBytes(UTF_8),
                RawWebSocket.masked(true, 0, RawWebSocket.TEXT, "häh".getBytes(UTF_8), 0x01020304),
                RawWebSocket.masked(true, 0, RawWebSocket.PING, new byte[3], 7),
                RawWebSocket.masked(true, 0, RawWebSocket.BINARY, new byte[200], 9),
                RawWebSocket.masked(true, 0, RawWebSocket.CLOSE, RawWebSocket.closePayload(1000, "bye"), 3));
        List<List<byte[]>> splits = new ArrayList<>(List.of(List.of(bytes), Splits.byteByByte(bytes)));
        for (long seed = 0; seed < 30; seed++) {
            splits.add(Splits.atRandom(bytes, seed));
        }
        for (List<byte[]> pieces : splits) {
            RawClient raw = connect(server).send(pieces);
            RawWebSocket client = RawWebSocket.accepted(raw);
            assertThat(client.read().opcode()).isEqualTo(RawWebSocket.PONG);
            assertThat(client.readClose().closeCode()).isEqualTo(1000);
            for (String call : List.of("init", "open", "text häh", "ping 3", "binary 200")) {
                assertThat(listener.next()).isEqualTo(call);
            }
            assertThat(listener.next()).isEqualTo("close 1000 PEER_CLOSED bye");
        }
        listener.assertNothingMore();
    }

    @Test
    void answersPingsAndTellsOfThem() throws Exception {
        RawWebSocket client = open(serve(request -> request.asChannel(listener)));
        client.ping("12345").pong("unasked").ping("");

        assertThat(client.read().text()).isEqualTo("12345");
        assertThat(client.read().opcode()).isEqualTo(RawWebSocket.PONG);
        for (String call : List.of("init", "open", "ping 5", "pong 7", "ping 0")) {
            assertThat(listener.next()).isEqualTo(call);
        }
    }

    @Test
    void sendsEveryKindOfData() throws Exception {
        RawWebSocket client = open(serve(request -> request.asChannel(listener)));
        AsyncChannel channel = listener.channel();
        ByteBuffer direct =
                ByteBuffer.allocateDirect(3).put("abc".getBytes(UTF_8)).flip();

        assertThat(channel.isWebSocket()).isTrue();
        channel.send("text");
        channel.send(new StringBuilder("sequence"));
        channel.send("bytes".getBytes(UTF_8));
        channel.send(direct);
        channel.send(new ByteArrayInputStream("stream".getBytes(UTF_8)));
        channel.send(Response.text("a response's body").status(500));
        channel.send(Message.text("message"));
        channel.send(Message.binary(new byte[] {65}));
        channel.sendEvent(Event.of("event"));
        channel.send(null);
        channel.send("end", true);

        assertMessage(client, RawWebSocket.TEXT, "text");
        assertMessage(client, RawWebSocket.TEXT, "sequence");
        assertMessage(client, RawWebSocket.BINARY, "bytes");
        assertMessage(client, RawWebSocket.BINARY, "abc");
        assertMessage(client, RawWebSocket.BINARY, "stream");
        assertMessage(client, RawWebSocket.TEXT, "a response's body");
        assertMessage(client, RawWebSocket.TEXT, "message");
        assertMessage(client, RawWebSocket.BINARY, "A");
        assertMessage(client, RawWebSocket.TEXT, "event");
        assertMessage(client, RawWebSocket.TEXT, "end");
        assertThat(client.readClose().closeCode()).isEqualTo(1000);
        assertThat(direct.remaining()).isEqualTo(3);
    }

    @Test
    void sendsALongStreamInFragments() throws Exception {
        byte[] bytes = new byte[300_000];
        new Random(5).nextBytes(bytes);
        RawWebSocket client = open(serve(request -> request.asChannel(listener)));
        AsyncChannel channel = listener.channel();

        channel.send(new ByteArrayInputStream(bytes));
        channel.send("behind");

        Frame first = client.read();
        assertThat(first.fin()).isFalse();
        assertThat(first.opcode()).isEqualTo(RawWebSocket.BINARY);
        byte[] whole = first.payload();
        for (Frame frame = first; !frame.fin(); ) {
            frame = client.read();
            assertThat(frame.opcode()).isEqualTo(RawWebSocket.CONTINUATION);
            whole = concat(whole, frame.payload());
        }
        assertThat(whole).isEqualTo(bytes);
        assertMessage(client, RawWebSocket.TEXT, "behind");
    }

    @Test
    void anEmptyStreamIsAnEmptyMessage() throws Exception {
        RawWebSocket client = open(serve(request -> request.asChannel(listener)));

        listener.channel().send(new ByteArrayInputStream(new byte[0]));

        assertMessage(client, RawWebSocket.BINARY, "");
    }

    // ---- order

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void noMessageComesBeforeOnOpenReturnsEvenIfSentWithTheHandshake(Dispatch dispatch) throws Exception {
        RecordingListener slow = new RecordingListener() {
            @Override
            void opened(AsyncChannel channel) {
                Thread.onSpinWait();
                channel.send("welcome");
            }

            @Override
            void text(AsyncChannel channel, String text) {
                channel.send(text);
            }
        };
        HttpServer server = serve(request -> request.asChannel(slow), options -> options.dispatch(dispatch));
        for (int i = 0; i < 100; i++) {
            RawClient raw = connect(server)
                    .send(concat(
                            RawWebSocket.handshake("/").getBytes(UTF_8),
                            RawWebSocket.masked(true, 0, RawWebSocket.TEXT, "early".getBytes(UTF_8), i),
                            RawWebSocket.masked(true, 0, RawWebSocket.CLOSE, new byte[0], i)));
            RawWebSocket client = RawWebSocket.accepted(raw);
            assertMessage(client, RawWebSocket.TEXT, "welcome");
            assertMessage(client, RawWebSocket.TEXT, "early");
            assertThat(client.readClose().closeCode()).isEqualTo(1005);
            for (String call : List.of("init", "open", "text early", "close 1005 PEER_CLOSED")) {
                assertThat(slow.next()).isEqualTo(call);
            }
        }
    }

    @Test
    void handsOverMessagesOneAtATimeAndInOrder() throws Exception {
        RawWebSocket client = open(serve(request -> request.asChannel(listener)));
        int count = 5000;
        java.io.ByteArrayOutputStream frames = new java.io.ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            frames.writeBytes(RawWebSocket.masked(true, 0, RawWebSocket.TEXT, ("" + i).getBytes(UTF_8), i));
        }
        client.client().send(Splits.atRandom(frames.toByteArray(), 3));

        assertThat(listener.next()).isEqualTo("init");
        assertThat(listener.next()).isEqualTo("open");
        for (int i = 0; i < count; i++) {
            assertThat(listener.next()).isEqualTo("text " + i);
        }
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void nothingIsEverCalledAfterOnCloseWhoeverRaces(Dispatch dispatch) throws Exception {
        HttpServer server = serve(request -> request.asChannel(listener), options -> options.dispatch(dispatch));
        for (long seed = 0; seed < Rounds.of(150); seed++) {
            Random random = new Random(seed);
            RawWebSocket client = RawWebSocket.open(server, "/");
            AsyncChannel channel = listener.channel();
            int messages = random.nextInt(20);
            Thread closer = new Thread(() -> {
                spin(random.nextInt(20_000));
                channel.close();
            });
            int ending = random.nextInt(4);
            closer.start();
            try {
                for (int i = 0; i < messages; i++) {
                    client.text("m");
                }
                switch (ending) {
                    case 0 -> client.close(1000, "");
                    case 1 -> client.client().reset();
                    case 2 -> client.client().close();
                    default -> client.frame(true, 7, 3, new byte[0]);
                }
            } catch (java.io.IOException e) {
                // The server was faster.
            }
            closer.join();
            String call = listener.next();
            assertThat(call).as("seed " + seed).isEqualTo("init");
            assertThat(listener.next()).isEqualTo("open");
            call = listener.next();
            while (call.equals("text m")) {
                call = listener.next();
            }
            assertThat(call).as("seed " + seed).startsWith("close ");
            client.close();
        }
        listener.assertNothingMore();
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void messagesOfManySendersAreNeverMixedAndEachKeepsItsOrder(Dispatch dispatch) throws Exception {
        RawWebSocket client =
                open(serve(request -> request.asChannel(listener), options -> options.dispatch(dispatch)));
        AsyncChannel channel = listener.channel();
        int senders = 6;
        int each = Rounds.of(400);
        CyclicBarrier start = new CyclicBarrier(senders);
        List<Thread> threads = new ArrayList<>();
        AtomicInteger refused = new AtomicInteger();
        for (int sender = 0; sender < senders; sender++) {
            int me = sender;
            Thread thread = new Thread(() -> {
                try {
                    start.await();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
                Random random = new Random(me);
                for (int i = 0; i < each; i++) {
                    String filler = ("" + me).repeat(random.nextInt(10) == 0 ? 40_000 : random.nextInt(100));
                    Object data =
                            switch (random.nextInt(3)) {
                                case 0 -> me + " " + i + " " + filler;
                                case 1 -> Message.text(me + " " + i + " " + filler);
                                default -> new ByteArrayInputStream((me + " " + i + " " + filler).getBytes(UTF_8));
                            };
                    if (!channel.send(data)) {
                        refused.incrementAndGet();
                    }
                }
            });
            thread.start();
            threads.add(thread);
        }
        int[] next = new int[senders];
        for (int i = 0; i < senders * each; i++) {
            String[] words = client.readMessage().text().split(" ", -1);
            int sender = Integer.parseInt(words[0]);
            assertThat(Integer.parseInt(words[1])).as("of sender " + sender).isEqualTo(next[sender]++);
            assertThat(words[2].replace("" + sender, "")).isEmpty();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(refused).hasValue(0);
    }

    @Test
    void channelsThatSendToEachOtherFromCallbacksDoNotStopEachOther() throws Exception {
        HttpServer server = serve(request -> request.asChannel(listener));
        RawWebSocket one = open(server);
        AsyncChannel first = listener.channel();
        RawWebSocket two = open(server);
        AsyncChannel second = listener.channel();
        int rounds = 500;
        CountDownLatch done = new CountDownLatch(2 * rounds);
        Thread left = new Thread(() -> {
            for (int i = 0; i < rounds; i++) {
                first.trySend("a", false, failure -> second.trySend("b", false, ignored -> done.countDown()));
            }
        });
        Thread right = new Thread(() -> {
            for (int i = 0; i < rounds; i++) {
                second.trySend("a", false, failure -> first.trySend("b", false, ignored -> done.countDown()));
            }
        });
        left.start();
        right.start();
        await(done);
        for (int i = 0; i < 2 * rounds; i++) {
            one.readMessage();
            two.readMessage();
        }
    }

    @Test
    void aSendListenerThatThrowsHarmsNobody() throws Exception {
        RawWebSocket client = open(serve(request -> request.asChannel(listener)));
        AsyncChannel channel = listener.channel();

        channel.trySend("one", false, failure -> {
            throw new IllegalStateException("on purpose");
        });
        channel.send("two");

        assertMessage(client, RawWebSocket.TEXT, "one");
        assertMessage(client, RawWebSocket.TEXT, "two");
        eventually(() -> assertThat(observer.handlerFailures()).hasSize(1));
    }

    private static void assertMessage(RawWebSocket client, int opcode, String text) throws Exception {
        Frame frame = client.readMessage();
        assertThat(frame.text()).isEqualTo(text);
        assertThat(frame.opcode()).isEqualTo(opcode);
    }

    static void spin(int turns) {
        for (int i = 0; i < turns; i++) {
            Thread.onSpinWait();
        }
    }

    static byte[] concat(byte[]... parts) {
        java.io.ByteArrayOutputStream whole = new java.io.ByteArrayOutputStream();
        for (byte[] part : parts) {
            whole.writeBytes(part);
        }
        return whole.toByteArray();
    }
}
