package org.httpkit.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.httpkit.http.Headers;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Dispatch;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Message;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.httpkit.testkit.RawWebSocket;
import org.httpkit.testkit.RawWebSocket.Frame;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The opening handshake and what is agreed on in it (RFC 6455 section 4, RFC 7692). */
class WebSocketHandshakeTest extends ServerTest {
    private static final String DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate";

    private final RecordingListener listener = new RecordingListener() {
        @Override
        void text(AsyncChannel channel, String text) {
            channel.send(text);
        }

        @Override
        void binary(AsyncChannel channel, byte[] bytes) {
            channel.send(bytes);
        }
    };

    private HttpServer serve(ChannelOptions options) throws Exception {
        return serve(request -> request.asChannel(options, listener));
    }

    private RawResponse answerTo(HttpServer server, String handshake) throws Exception {
        return connect(server).send(handshake).read();
    }

    // ---- refusals

    @ParameterizedTest
    @CsvSource({
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==, Sec-WebSocket-Key: short, 400",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==, X-Nothing: x, 400",
        "Connection: Upgrade, Connection: keep-alive, 400",
        "Sec-WebSocket-Version: 13, Sec-WebSocket-Version: 8, 426",
        "Sec-WebSocket-Version: 13, X-Nothing: x, 426"
    })
    void answersABadHandshakeAndKeepsTheConnection(String good, String bad, int status) throws Exception {
        HttpServer server = serve(ChannelOptions.DEFAULT);
        RawClient client = connect(server).send(RawWebSocket.handshake("/").replace(good, bad));

        RawResponse response = client.read();
        assertThat(response.status()).isEqualTo(status);
        assertThat(response.field("Sec-WebSocket-Version")).isEqualTo(status == 426 ? "13" : null);
        assertThat(listener.next()).isEqualTo("init");
        assertThat(listener.next()).isEqualTo("close 0 CLOSED");
        listener.assertNothingMore();
        assertThat(observer.refusals()).hasSize(1);

        client.send(RawWebSocket.handshake("/"));
        assertThat(RawWebSocket.accepted(client).text("now").readMessage().text())
                .isEqualTo("now");
    }

    @Test
    void saysWhatIsWrongWithTheKey() throws Exception {
        RawResponse response = answerTo(
                serve(ChannelOptions.DEFAULT), RawWebSocket.handshake("/").replace("dGhl", "!!!!"));

        assertThat(response.status()).isEqualTo(400);
        assertThat(response.text()).contains("Sec-WebSocket-Key");
    }

    @Test
    void letsTheListenerAnswerABadHandshakeItself() throws Exception {
        AtomicBoolean webSocket = new AtomicBoolean(true);
        HttpServer server = serve(request -> request.asChannel(new ChannelListener() {
            @Override
            public void onHandshakeError(AsyncChannel channel, Response response) {
                webSocket.set(channel.isWebSocket());
                channel.send(Response.text("no").status(403));
            }
        }));

        RawResponse response = answerTo(server, RawWebSocket.handshake("/").replace("Version: 13", "Version: 12"));
        assertThat(response.status()).isEqualTo(403);
        assertThat(webSocket).isFalse();
    }

    @Test
    void aListenerThatThrowsInOnHandshakeErrorBrings500() throws Exception {
        RecordingListener failing = new RecordingListener() {
            @Override
            public void onHandshakeError(AsyncChannel channel, Response response) {
                throw new IllegalStateException("on purpose");
            }
        };
        HttpServer server = serve(request -> request.asChannel(failing));

        assertThat(answerTo(server, RawWebSocket.handshake("/").replace("Version: 13", "Version: 12"))
                        .status())
                .isEqualTo(500);
        assertThat(failing.nextClose()).isEqualTo("close 0 HANDLER_ERROR");
    }

    @Test
    void callsInitBeforeTheHandshakeIsAnsweredAndTakesNothingUntilThen() throws Exception {
        AtomicBoolean taken = new AtomicBoolean(true);
        HttpServer server = serve(request -> request.asChannel(new ChannelListener() {
            @Override
            public void init(AsyncChannel channel) {
                taken.set(channel.send("too early") || channel.isWebSocket() || channel.isOpen());
            }

            @Override
            public void onOpen(AsyncChannel channel) {
                channel.send("open");
            }
        }));
        RawWebSocket client = closeLater(RawWebSocket.open(server, "/"));

        assertThat(client.readMessage().text()).isEqualTo("open");
        assertThat(taken).isFalse();
    }

    @Test
    void aHandlerMayAnswerAHandshakeWithoutAChannel() throws Exception {
        HttpServer server = serve(request ->
                request.isWebSocketUpgrade() ? Response.text("not here").status(404) : Response.text("plain"));

        assertThat(answerTo(server, RawWebSocket.handshake("/")).status()).isEqualTo(404);
    }

    // ---- origins

    @ParameterizedTest
    @CsvSource({
        "http://test, 101, 101, 101",
        "https://evil.example, 403, 403, 101",
        "https://app.example, 403, 101, 101",
        "null, 403, 403, 101",
        "http://test.evil.example, 403, 403, 101"
    })
    void letsInTheOriginsThatAreAllowed(String origin, int byDefault, int listed, int any) throws Exception {
        String sent = overTls && origin.equals("http://test") ? "https://test" : origin;
        String handshake = RawWebSocket.handshake("/", "Origin: " + sent);

        assertThat(answerTo(serve(ChannelOptions.DEFAULT), handshake).status()).isEqualTo(byDefault);
        assertThat(answerTo(serve(ChannelOptions.DEFAULT.allowedOrigins("https://app.example")), handshake)
                        .status())
                .isEqualTo(listed);
        assertThat(answerTo(serve(ChannelOptions.DEFAULT.anyOrigin()), handshake)
                        .status())
                .isEqualTo(any);
    }

    // ---- what is agreed on

    @ParameterizedTest
    @CsvSource(
            value = {"v2 | v2", "v1, v2 | v1", "v3, v2 | v2", "v3 | -", "- | -"},
            delimiter = '|')
    void choosesTheClientsFirstSubprotocolThatIsSpoken(String offered, String chosen) throws Exception {
        HttpServer server = serve(ChannelOptions.DEFAULT.subprotocols("v1", "v2"));
        String[] fields = offered.equals("-") ? new String[0] : new String[] {"Sec-WebSocket-Protocol: " + offered};

        RawWebSocket client = closeLater(RawWebSocket.open(server, "/", fields));

        String expected = chosen.equals("-") ? null : chosen;
        assertThat(client.handshake().field("Sec-WebSocket-Protocol")).isEqualTo(expected);
        assertThat(listener.channel().subprotocol()).isEqualTo(expected);
    }

    @Test
    void addsExtraFieldsToTheAnswer() throws Exception {
        HttpServer server = serve(ChannelOptions.DEFAULT.headers(Headers.of("Set-Cookie", "a=1", "Set-Cookie", "b=2")));

        RawWebSocket client = closeLater(RawWebSocket.open(server, "/"));

        assertThat(client.handshake().fields("Set-Cookie")).containsExactly("a=1", "b=2");
    }

    // ---- permessage-deflate

    @Test
    void compressesOnlyIfBothWant() throws Exception {
        assertThat(RawWebSocket.open(serve(ChannelOptions.DEFAULT), "/", DEFLATE)
                        .handshake()
                        .field("Sec-WebSocket-Extensions"))
                .isNull();
        assertThat(RawWebSocket.open(serve(ChannelOptions.DEFAULT.deflate(true)), "/")
                        .handshake()
                        .field("Sec-WebSocket-Extensions"))
                .isNull();
        assertThat(RawWebSocket.open(serve(ChannelOptions.DEFAULT.deflate(true)), "/", DEFLATE)
                        .handshake()
                        .field("Sec-WebSocket-Extensions"))
                .startsWith("permessage-deflate");
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void echoesCompressedMessages(Dispatch dispatch) throws Exception {
        HttpServer server = serve(
                request -> request.asChannel(ChannelOptions.DEFAULT.deflate(true), listener),
                options -> options.dispatch(dispatch));
        RawWebSocket client = closeLater(RawWebSocket.open(server, "/", DEFLATE));
        Compressed compressed = new Compressed(client);
        for (int size : new int[] {0, 1, 100, 5_000, 100_000, 1 << 20}) {
            String text = "täxt and more text ".repeat(size / 19 + 1).substring(0, size);
            compressed.send(RawWebSocket.TEXT, text.getBytes(UTF_8));
            assertThat(new String(compressed.read(), UTF_8)).isEqualTo(text);

            byte[] noise = new byte[size];
            new Random(size).nextBytes(noise);
            compressed.send(RawWebSocket.BINARY, noise);
            assertThat(compressed.read()).isEqualTo(noise);
        }
        assertThat(compressed.compressedFrames).isPositive();
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void compressedMessagesOfManySendersCanAllBeInflated(Dispatch dispatch) throws Exception {
        HttpServer server = serve(
                request -> request.asChannel(ChannelOptions.DEFAULT.deflate(true), listener),
                options -> options.dispatch(dispatch));
        RawWebSocket client = closeLater(RawWebSocket.open(server, "/", DEFLATE));
        Compressed compressed = new Compressed(client);
        AsyncChannel channel = listener.channel();
        Thread[] senders = new Thread[4];
        for (int i = 0; i < senders.length; i++) {
            String text = ("sender " + i + " says something long enough. ").repeat(20);
            senders[i] = new Thread(() -> {
                for (int n = 0; n < 200; n++) {
                    channel.send(n % 2 == 0 ? text : Message.text(text));
                }
            });
            senders[i].start();
        }
        for (int n = 0; n < 200; n++) {
            compressed.send(
                    RawWebSocket.TEXT,
                    "client says something long enough. ".repeat(20).getBytes(UTF_8));
        }
        for (int n = 0; n < 1000; n++) {
            assertThat(new String(compressed.read(), UTF_8)).contains(" says something long enough. ");
        }
        for (Thread sender : senders) {
            sender.join();
        }
    }

    @Test
    void aMessageThatInflatesBeyondTheLimitCloses1009() throws Exception {
        HttpServer server = serve(
                request -> request.asChannel(ChannelOptions.DEFAULT.deflate(true), listener),
                options -> options.maxMessageBytes(1 << 20));
        RawWebSocket client = closeLater(RawWebSocket.open(server, "/", DEFLATE));
        Deflater deflater = new Deflater(9, true);
        byte[] zeros = new byte[64 << 20];
        deflater.setInput(zeros);
        byte[] bomb = new byte[256 << 10];
        int length = deflater.deflate(bomb, 0, bomb.length, Deflater.SYNC_FLUSH);
        deflater.end();
        assertThat(length).isLessThan(100_000);

        client.frame(true, RawWebSocket.RSV1, RawWebSocket.BINARY, Arrays.copyOf(bomb, length - 4));

        assertThat(client.readClose().closeCode()).isEqualTo(1009);
        assertThat(listener.nextClose()).startsWith("close 1009 PROTOCOL_ERROR");
    }

    @Test
    void whatIsNotDeflateCloses1007() throws Exception {
        RawWebSocket client = closeLater(RawWebSocket.open(serve(ChannelOptions.DEFAULT.deflate(true)), "/", DEFLATE));
        client.frame(true, RawWebSocket.RSV1, RawWebSocket.BINARY, new byte[] {-1, -1, -1, -1});

        assertThat(List.of(1002, 1007)).contains(client.readClose().closeCode());
    }

    /** A client's side of permessage-deflate. */
    private static final class Compressed {
        private final RawWebSocket client;
        private final Deflater deflater = new Deflater(6, true);
        private final Inflater inflater = new Inflater(true);
        private final boolean keepsContext;
        private int compressedFrames;

        Compressed(RawWebSocket client) {
            this.client = client;
            String agreed =
                    client.handshake().fields("Sec-WebSocket-Extensions").get(0);
            this.keepsContext = !agreed.contains("client_no_context_takeover");
        }

        void send(int opcode, byte[] message) throws Exception {
            deflater.setInput(message);
            byte[] out = new byte[message.length + message.length / 100 + 64];
            int length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
            client.frame(true, RawWebSocket.RSV1, opcode, Arrays.copyOf(out, Math.max(1, length - 4)));
            if (!keepsContext) {
                deflater.reset();
            }
        }

        byte[] read() throws Exception {
            Frame frame = client.readMessage();
            if ((frame.rsv() & RawWebSocket.RSV1) == 0) {
                return frame.payload();
            }
            compressedFrames++;
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            inflater.setInput(WebSocketTest.concat(frame.payload(), new byte[] {0, 0, -1, -1}));
            byte[] piece = new byte[64 << 10];
            for (int count = inflater.inflate(piece); count > 0; count = inflater.inflate(piece)) {
                whole.write(piece, 0, count);
            }
            return whole.toByteArray();
        }
    }
}
