package org.httpkit.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocketListener;
import okio.ByteString;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.HttpServer;
import org.httpkit.testkit.TestCertificate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Clients that others wrote speak with our WebSockets. */
@Tag("foreign")
class RealWebSocketClientsTest extends ServerTest {
    private final LinkedBlockingQueue<String> told = new LinkedBlockingQueue<>();

    private final RecordingListener echo = new RecordingListener() {
        @Override
        void text(AsyncChannel channel, String text) {
            channel.send(text);
        }

        @Override
        void binary(AsyncChannel channel, byte[] bytes) {
            channel.send(bytes);
        }
    };

    private HttpServer serveEcho() throws Exception {
        return serve(request ->
                request.asChannel(ChannelOptions.DEFAULT.deflate(true).subprotocols("echo"), echo));
    }

    private String next() throws InterruptedException {
        return String.valueOf(told.poll(10, TimeUnit.SECONDS));
    }

    @Test
    void theJdksClient() throws Exception {
        HttpServer server = serveEcho();
        WebSocket socket = HttpClient.newBuilder()
                .sslContext(TestCertificate.trusting(TestCertificate.localhost()))
                .build()
                .newWebSocketBuilder()
                .subprotocols("echo")
                .buildAsync(
                        URI.create((overTls ? "wss" : "ws") + "://localhost:" + server.port() + "/"),
                        new JdkListener(told))
                .get(10, TimeUnit.SECONDS);
        assertThat(socket.getSubprotocol()).isEqualTo("echo");

        socket.sendText("in ", false).join();
        socket.sendText("two parts", true).join();
        assertThat(next()).isEqualTo("text in two parts");
        socket.sendBinary(ByteBuffer.allocate(1 << 20), true).join();
        assertThat(next()).isEqualTo("binary 1048576");
        socket.sendPing(ByteBuffer.wrap("p".getBytes(UTF_8))).join();
        assertThat(next()).isEqualTo("pong 1");
        socket.sendClose(4000, "bye").join();
        assertThat(next()).isEqualTo("close 4000 bye");
        assertThat(echo.nextClose()).isEqualTo("close 4000 PEER_CLOSED bye");
    }

    @Test
    void okHttpWithCompression() throws Exception {
        HttpServer server = serveEcho();
        TestCertificate localhost = TestCertificate.localhost();
        OkHttpClient client = new OkHttpClient.Builder()
                .sslSocketFactory(
                        TestCertificate.trusting(localhost).getSocketFactory(), TestCertificate.trustManager(localhost))
                .build();
        okhttp3.WebSocket socket = client.newWebSocket(
                new Request.Builder()
                        .url((overTls ? "https" : "http") + "://localhost:" + server.port() + "/")
                        .build(),
                new WebSocketListener() {
                    @Override
                    public void onOpen(okhttp3.WebSocket socket, Response response) {
                        told.add("extensions " + response.header("Sec-WebSocket-Extensions"));
                    }

                    @Override
                    public void onMessage(okhttp3.WebSocket socket, String text) {
                        told.add("text " + text.length());
                    }

                    @Override
                    public void onMessage(okhttp3.WebSocket socket, ByteString bytes) {
                        told.add("binary " + bytes.size());
                    }

                    @Override
                    public void onClosed(okhttp3.WebSocket socket, int code, String reason) {
                        told.add("closed " + code);
                    }

                    @Override
                    public void onFailure(okhttp3.WebSocket socket, Throwable failure, Response response) {
                        told.add(failure.toString());
                    }
                });
        try {
            assertThat(next()).startsWith("extensions permessage-deflate");
            for (int size : new int[] {0, 10, 2_000, 300_000}) {
                socket.send("täxt ".repeat(size));
                assertThat(next()).isEqualTo("text " + 5 * size);
                socket.send(ByteString.of(new byte[size]));
                assertThat(next()).isEqualTo("binary " + size);
            }
            socket.close(1000, "bye");
            assertThat(next()).isEqualTo("closed 1000");
            assertThat(echo.nextClose()).isEqualTo("close 1000 PEER_CLOSED bye");
        } finally {
            client.dispatcher().executorService().shutdown();
            client.connectionPool().evictAll();
        }
    }

    /** Writes down what the JDK's client receives. */
    private static final class JdkListener implements WebSocket.Listener {
        private final LinkedBlockingQueue<String> told;
        private final StringBuilder text = new StringBuilder();
        private int bytes;

        JdkListener(LinkedBlockingQueue<String> told) {
            this.told = told;
        }

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                told.add("text " + text);
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            bytes += data.remaining();
            if (last) {
                told.add("binary " + bytes);
                bytes = 0;
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
            told.add("pong " + message.remaining());
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            told.add("close " + code + " " + reason);
            return null;
        }
    }
}
