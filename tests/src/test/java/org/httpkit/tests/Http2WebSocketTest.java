package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.CloseReason;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawHttp2;
import org.httpkit.testkit.RawHttp2.Answer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** WebSockets on streams of HTTP/2 (RFC 8441). */
final class Http2WebSocketTest extends ServerTest {
    private static final int TEXT = 0x81;
    private static final int BINARY = 0x82;
    private static final int CLOSE = 0x88;
    private static final int PING = 0x89;
    private static final int PONG = 0x8a;

    private final CompletableFuture<CloseReason> closed = new CompletableFuture<>();

    private final ChannelListener echo = new ChannelListener() {
        @Override
        public void onText(AsyncChannel channel, String text) {
            channel.send(text, false);
        }

        @Override
        public void onBinary(AsyncChannel channel, byte[] bytes) {
            channel.send(bytes, false);
        }

        @Override
        public void onClose(AsyncChannel channel, CloseReason reason) {
            closed.complete(reason);
        }
    };

    private RawHttp2 http2(HttpServer server, int... settings) throws IOException {
        return closeLater(RawHttp2.connect(server, settings));
    }

    private static byte[] connect(String... fields) {
        String[] all = Arrays.copyOf(
                new String[] {
                    ":method",
                    "CONNECT",
                    ":protocol",
                    "websocket",
                    ":scheme",
                    "http",
                    ":authority",
                    "localhost",
                    ":path",
                    "/chat",
                    "sec-websocket-version",
                    "13"
                },
                12 + fields.length);
        System.arraycopy(fields, 0, all, 12, fields.length);
        return RawHttp2.block(all);
    }

    /** A frame of a client's, masked. */
    private static byte[] masked(int firstByte, byte[] payload) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(firstByte);
        if (payload.length < 126) {
            out.write(0x80 | payload.length);
        } else if (payload.length < 65536) {
            out.write(0x80 | 126);
            out.write(payload.length >>> 8);
            out.write(payload.length);
        } else {
            out.write(0x80 | 127);
            out.writeBytes(new byte[4]);
            out.writeBytes(RawHttp2.word(payload.length));
        }
        byte[] key = {1, 2, 3, 4};
        out.writeBytes(key);
        for (int i = 0; i < payload.length; i++) {
            out.write(payload[i] ^ key[i & 3]);
        }
        return out.toByteArray();
    }

    private static byte[] text(String text) {
        return masked(TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    private record Message(int firstByte, byte[] payload) {
        String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }
    }

    /** Reads the server's frames on one stream. */
    private static final class Messages {
        private final RawHttp2 client;
        private final int id;
        private int position;

        Messages(RawHttp2 client, int id) {
            this.client = client;
            this.id = id;
        }

        Message next() throws IOException {
            await(2);
            int second = bytes()[position + 1];
            int head = second < 126 ? 2 : second == 126 ? 4 : 10;
            await(head);
            byte[] all = bytes();
            int length = second;
            if (second == 126) {
                length = (all[position + 2] & 0xff) << 8 | all[position + 3] & 0xff;
            } else if (second == 127) {
                length = new RawHttp2.Frame(0, 0, 0, Arrays.copyOfRange(all, position, position + 10)).word(6);
            }
            await(head + length);
            Message message = new Message(
                    bytes()[position] & 0xff, Arrays.copyOfRange(bytes(), position + head, position + head + length));
            position += head + length;
            return message;
        }

        private byte[] bytes() {
            return client.answer(id).body();
        }

        private void await(int count) throws IOException {
            client.awaitContent(id, position + count);
        }
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void echoesMessagesOnSeveralStreams(Dispatch dispatch) throws Exception {
        HttpServer server = serve(request -> request.asChannel(echo), options -> options.dispatch(dispatch));
        RawHttp2 client = http2(server);
        assertThat(client.controls()).isNotNull();

        int one = client.open(false, connect());
        int two = client.open(false, connect());
        assertThat(client.awaitHead(one).status()).isEqualTo(200);
        assertThat(client.awaitHead(two).status()).isEqualTo(200);
        client.data(one, false, text("first")).data(two, false, text("second")).data(one, false, text("third"));

        Messages ofOne = new Messages(client, one);
        assertThat(ofOne.next().text()).isEqualTo("first");
        assertThat(ofOne.next().text()).isEqualTo("third");
        assertThat(new Messages(client, two).next().text()).isEqualTo("second");
        assertThat(server.stats().webSocketsOpen()).isEqualTo(2);
        assertThat(client.answer(one).field("sec-websocket-accept")).isNull();
    }

    /** The connection goes on: what counts is the stream. */
    @Test
    void theRequestOfAWebSocketKnowsWhetherItsClientHasGone() throws Exception {
        CompletableFuture<Request> kept = new CompletableFuture<>();
        HttpServer server = serve(request -> request.asChannel(new ChannelListener() {
            @Override
            public void onOpen(AsyncChannel channel) {
                kept.complete(channel.request());
            }
        }));
        RawHttp2 client = http2(server);
        int id = client.open(false, connect());
        client.awaitHead(id);
        Request request = kept.get(10, TimeUnit.SECONDS);
        assertThat(request.isCancelled()).isFalse();

        client.reset(id, 8);

        eventually(() -> assertThat(request.isCancelled()).isTrue());
        client.roundTrip();
    }

    @Test
    void saysThatItCan() throws Exception {
        HttpServer server = serve(request -> null, options -> options.tls(null));
        RawHttp2 client = RawHttp2.over(connect(server).send(RawHttp2.PREFACE));
        client.settings();

        byte[] settings = client.awaitControl(RawHttp2.SETTINGS).payload();

        boolean found = false;
        for (int i = 0; i < settings.length; i += 6) {
            found |= settings[i + 1] == 8 && settings[i + 5] == 1;
        }
        assertThat(found).isTrue();
    }

    @Test
    void carriesLargeMessagesWithinTheWindows() throws Exception {
        HttpServer server = serve(request -> request.asChannel(echo));
        RawHttp2 client = http2(server);
        int id = client.open(false, connect());
        client.awaitHead(id);
        byte[] payload = Http2Test.bytes(500_000);
        byte[] frame = masked(BINARY, payload);

        long stream = 65_535;
        long connection = 65_535;
        int sent = 0;
        while (sent < frame.length) {
            for (RawHttp2.Frame control : java.util.List.copyOf(client.controls())) {
                if (control.type() == RawHttp2.WINDOW_UPDATE) {
                    client.controls().remove(control);
                    stream += control.streamId() == id ? control.word(0) : 0;
                    connection += control.streamId() == 0 ? control.word(0) : 0;
                }
            }
            int count = (int) Math.min(Math.min(16_384, frame.length - sent), Math.min(stream, connection));
            if (count == 0) {
                client.read();
                continue;
            }
            client.data(id, false, Arrays.copyOfRange(frame, sent, sent + count));
            sent += count;
            stream -= count;
            connection -= count;
        }

        assertThat(new Messages(client, id).next().payload()).isEqualTo(payload);
    }

    @Test
    void answersPings() throws Exception {
        HttpServer server = serve(request -> request.asChannel(echo));
        RawHttp2 client = http2(server);
        int id = client.open(false, connect());
        client.data(id, false, masked(PING, new byte[] {7}));

        Message pong = new Messages(client, id).next();

        assertThat(pong.firstByte()).isEqualTo(PONG);
        assertThat(pong.payload()).containsExactly(7);
    }

    @Test
    void closesTheStreamAndNotTheConnection() throws Exception {
        HttpServer server =
                serve(request -> request.path().equals("/plain") ? Response.text("x") : request.asChannel(echo));
        RawHttp2 client = http2(server);
        int id = client.open(false, connect());
        client.awaitHead(id);

        client.data(id, false, masked(CLOSE, new byte[] {3, (byte) 0xe8}));
        Message close = new Messages(client, id).next();
        client.await(id);
        client.data(id, true);

        assertThat(close.firstByte()).isEqualTo(CLOSE);
        assertThat(client.answer(id).resetCode()).isEqualTo(-1);
        assertThat(closed.get(10, TimeUnit.SECONDS).code()).isEqualTo(1000);
        assertThat(client.await(client.get("/plain")).text()).isEqualTo("x");
        eventually(() -> assertThat(server.stats().webSocketsOpen()).isZero());
    }

    @Test
    void resetsTheStreamOfAClientThatDoesNotEndIt() throws Exception {
        HttpServer server =
                serve(request -> request.asChannel(echo), options -> options.closeTimeout(Duration.ofMillis(200)));
        RawHttp2 client = http2(server);
        int id = client.open(false, connect());
        client.awaitHead(id);

        client.data(id, false, masked(CLOSE, new byte[] {3, (byte) 0xe8}));

        assertThat(client.await(id).isEnded()).isTrue();
        assertThat(client.awaitReset(id)).isEqualTo(8);
    }

    @Test
    void tellsTheListenerOfAReset() throws Exception {
        HttpServer server = serve(request -> request.asChannel(echo));
        RawHttp2 client = http2(server);
        int id = client.open(false, connect());
        client.awaitHead(id);

        client.reset(id, 8);

        assertThat(closed.get(10, TimeUnit.SECONDS).code()).isEqualTo(1006);
    }

    @Test
    void takesTheEndOfTheStreamForTheEndOfTheConnection() throws Exception {
        HttpServer server = serve(request -> request.asChannel(echo));
        RawHttp2 client = http2(server);
        int id = client.open(false, connect());
        client.awaitHead(id);

        client.data(id, true, text("last"));

        assertThat(new Messages(client, id).next().text()).isEqualTo("last");
        assertThat(client.await(id).isEnded()).isTrue();
        assertThat(closed.get(10, TimeUnit.SECONDS).code()).isEqualTo(1006);
    }

    @Test
    void doesNotWaitForTheEndOfAStreamWhoseConnectionHasEnded() throws Exception {
        HttpServer server =
                serve(request -> request.asChannel(echo), options -> options.closeTimeout(Duration.ofMinutes(5)));
        RawHttp2 client = http2(server);
        int id = client.open(false, connect());
        client.awaitHead(id);

        client.raw().endOutput();

        client.awaitEnd();
        assertThat(closed.get(10, TimeUnit.SECONDS).cause()).isEqualTo(CloseReason.Cause.PEER_CLOSED);
    }

    @Test
    void failsAStreamThatBreaksTheRulesOfWebSocket() throws Exception {
        HttpServer server = serve(request -> request.asChannel(echo));
        RawHttp2 client = http2(server);
        int id = client.open(false, connect());
        client.awaitHead(id);

        client.data(id, false, (byte) 0x81, (byte) 1, (byte) 'x'); // not masked

        Message close = new Messages(client, id).next();
        assertThat(close.firstByte()).isEqualTo(CLOSE);
        assertThat(close.payload()[1] & 0xff).isEqualTo(1002 & 0xff);
        client.roundTrip();
    }

    @Test
    void compressesMessages() throws Exception {
        HttpServer server = serve(request -> request.asChannel(ChannelOptions.DEFAULT.deflate(true), echo));
        RawHttp2 client = http2(server);
        int id = client.open(
                false, connect("sec-websocket-extensions", "permessage-deflate; client_no_context_takeover"));
        Answer answer = client.awaitHead(id);
        String text = "again and again and ".repeat(50);
        byte[] plain = text.getBytes(StandardCharsets.US_ASCII);
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(plain);
        byte[] compressed = new byte[2000];
        int length = deflater.deflate(compressed, 0, compressed.length, Deflater.SYNC_FLUSH) - 4;
        deflater.end();

        client.data(id, false, masked(TEXT | 0x40, Arrays.copyOf(compressed, length)));

        Message echoed = new Messages(client, id).next();
        assertThat(answer.field("sec-websocket-extensions")).startsWith("permessage-deflate");
        assertThat(echoed.firstByte()).isEqualTo(TEXT | 0x40);
        assertThat(echoed.payload().length).isLessThan(200);
        assertThat(inflated(echoed.payload())).isEqualTo(text);
    }

    private static String inflated(byte[] payload) throws DataFormatException {
        Inflater inflater = new Inflater(true);
        inflater.setInput(Http2Test.concat(payload, new byte[] {0, 0, (byte) 0xff, (byte) 0xff}));
        byte[] bytes = new byte[10_000];
        int length = inflater.inflate(bytes);
        inflater.end();
        return new String(bytes, 0, length, StandardCharsets.US_ASCII);
    }

    @Test
    void agreesOnASubprotocol() throws Exception {
        HttpServer server = serve(request -> request.asChannel(ChannelOptions.DEFAULT.subprotocols("b", "a"), echo));
        RawHttp2 client = http2(server);

        int id = client.open(false, connect("sec-websocket-protocol", "x, a"));

        assertThat(client.awaitHead(id).field("sec-websocket-protocol")).isEqualTo("a");
    }

    @Test
    void refusesAnotherVersionAndAForeignOrigin() throws Exception {
        HttpServer server = serve(request -> request.asChannel(echo));
        RawHttp2 client = http2(server);

        int foreign = client.open(false, connect("origin", "http://evil.example"));
        int version = client.open(
                false,
                RawHttp2.block(
                        ":method",
                        "CONNECT",
                        ":protocol",
                        "websocket",
                        ":scheme",
                        "http",
                        ":authority",
                        "localhost",
                        ":path",
                        "/",
                        "sec-websocket-version",
                        "12"));

        assertThat(client.await(foreign).status()).isEqualTo(403);
        assertThat(client.await(version).status()).isEqualTo(426);
        assertThat(client.await(version).field("sec-websocket-version")).isEqualTo("13");
    }

    @Test
    void doesNotLetAnOrdinaryAnswerPassForATunnel() throws Exception {
        HttpServer server = serve(request -> Response.text("hello"));
        RawHttp2 client = http2(server);

        int id = client.open(false, connect());

        assertThat(client.await(id).status()).isEqualTo(501);
    }

    @Test
    void keepsBytesThatComeBeforeTheAnswer() throws Exception {
        CompletableFuture<Void> go = new CompletableFuture<>();
        HttpServer server = serve(request -> {
            go.get(10, TimeUnit.SECONDS);
            return request.asChannel(echo);
        });
        RawHttp2 client = http2(server);
        int id = client.open(false, connect());
        client.data(id, false, text("early")).roundTrip();

        go.complete(null);

        assertThat(new Messages(client, id).next().text()).isEqualTo("early");
    }

    @Test
    void letsOthersGoOnWhileOneClientDoesNotRead() throws Exception {
        BlockingQueue<AsyncChannel> channels = new LinkedBlockingQueue<>();
        Handler handler = request -> request.path().equals("/plain")
                ? Response.text("quick")
                : request.asChannel(new ChannelListener() {
                    @Override
                    public void onOpen(AsyncChannel channel) {
                        channels.add(channel);
                    }

                    @Override
                    public void onText(AsyncChannel channel, String text) {
                        channel.send(text, false);
                    }
                });
        HttpServer server = serve(handler, options -> options.maxQueuedBytes(50_000));
        RawHttp2 client = http2(server, 4, 100).withoutCredit();
        int slow = client.open(false, connect());
        client.awaitHead(slow);
        AsyncChannel channel = channels.take();

        while (channel.send("x".repeat(1000), false)) {
            // Its client gives no credit: the channel closes when too much waits.
        }

        assertThat(client.awaitReset(slow)).isPositive();
        assertThat(client.await(client.get("/plain")).text()).isEqualTo("quick");
        int other = client.open(false, connect());
        client.data(other, false, text("still here"));
        assertThat(new Messages(client, other).next().text()).isEqualTo("still here");
    }

    @Test
    void holdsBackAClientWhoseListenerIsSlow() throws Exception {
        CompletableFuture<Void> go = new CompletableFuture<>();
        BlockingQueue<String> texts = new LinkedBlockingQueue<>();
        HttpServer server = serve(request -> request.path().equals("/plain")
                ? Response.text("quick")
                : request.asChannel(new ChannelListener() {
                    @Override
                    public void onText(AsyncChannel channel, String text) {
                        go.join();
                        texts.add(text);
                    }
                }));
        RawHttp2 client = http2(server);
        int id = client.open(false, connect());
        client.awaitHead(id);
        byte[] message = text("y".repeat(1000));
        int credit = 65_535;
        int sent = 0;
        while (credit >= message.length && sent < 1000) {
            client.data(id, false, message);
            credit -= message.length;
            sent++;
            if (credit < message.length) {
                client.roundTrip();
                for (RawHttp2.Frame control : java.util.List.copyOf(client.controls())) {
                    if (control.type() == RawHttp2.WINDOW_UPDATE && control.streamId() == id) {
                        client.controls().remove(control);
                        credit += control.word(0);
                    }
                }
            }
        }

        assertThat(sent).isBetween(60, 400);
        assertThat(client.await(client.get("/plain")).text()).isEqualTo("quick");
        go.complete(null);
        for (int i = 0; i < sent; i++) {
            assertThat(texts.poll(5, TimeUnit.SECONDS)).hasSize(1000);
        }
    }

    @Test
    void saysGoodbyeAsItStops() throws Exception {
        HttpServer server = serve(request -> request.asChannel(echo));
        RawHttp2 client = http2(server);
        int id = client.open(false, connect());
        client.awaitHead(id);

        server.stop(Duration.ofSeconds(5));

        Message close = new Messages(client, id).next();
        assertThat(close.firstByte()).isEqualTo(CLOSE);
        assertThat(close.payload()[1] & 0xff).isEqualTo(1001 & 0xff);
    }
}
