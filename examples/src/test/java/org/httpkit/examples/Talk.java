package org.httpkit.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The client's end of a WebSocket: what it hears is kept until asked for. Confined to one thread. */
final class Talk implements AutoCloseable {
    private final BlockingQueue<Object> heard = new LinkedBlockingQueue<>();
    private final WebSocket socket;

    Talk(Site site, String path) throws Exception {
        socket = site.client()
                .newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + site.server.port() + path), new Hearing(heard))
                .get(30, TimeUnit.SECONDS);
    }

    void say(String text) throws Exception {
        socket.sendText(text, true).get(30, TimeUnit.SECONDS);
    }

    void say(byte[] bytes) throws Exception {
        socket.sendBinary(ByteBuffer.wrap(bytes), true).get(30, TimeUnit.SECONDS);
    }

    /** The next message: a String or a byte[]. */
    Object hear() throws InterruptedException {
        Object next = heard.poll(30, TimeUnit.SECONDS);
        assertThat(next).as("a message within 30 seconds").isNotNull();
        return next;
    }

    @Override
    public void close() {
        socket.abort();
    }

    /** Puts fragments together. The client calls one method at a time. */
    private static final class Hearing implements WebSocket.Listener {
        private final BlockingQueue<Object> heard;
        private final StringBuilder text = new StringBuilder();
        private final ByteArrayOutputStream binary = new ByteArrayOutputStream();

        Hearing(BlockingQueue<Object> heard) {
            this.heard = heard;
        }

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence piece, boolean last) {
            text.append(piece);
            if (last) {
                heard.add(text.toString());
                text.setLength(0);
            }
            return WebSocket.Listener.super.onText(socket, piece, last);
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer piece, boolean last) {
            byte[] bytes = new byte[piece.remaining()];
            piece.get(bytes);
            binary.writeBytes(bytes);
            if (last) {
                heard.add(binary.toByteArray());
                binary.reset();
            }
            return WebSocket.Listener.super.onBinary(socket, ByteBuffer.allocate(0), last);
        }
    }
}
