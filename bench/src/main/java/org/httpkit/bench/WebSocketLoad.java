package org.httpkit.bench;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Sends a text of 128 bytes on each of many WebSockets, and the next one when it has come back. On the path {@code /bcast}, whose
 * server sends each text to all clients, only the first WebSocket sends, and keeps four texts on their way. Prints, like wrk, how many came
 * back in what time.
 *
 * <pre>java -cp ... org.httpkit.bench.WebSocketLoad PORT PATH CONNECTIONS SECONDS</pre>
 */
public final class WebSocketLoad {
    private static final int TEXT_BYTES = 128;
    private static final int BROADCASTS_UNDER_WAY = 4;
    /** An answer: a head of four bytes, without a mask, and the text. */
    private static final int ANSWER_BYTES = 4 + TEXT_BYTES;

    private final byte[] frame = Frames.masked(1, "x".repeat(TEXT_BYTES).getBytes(StandardCharsets.US_ASCII));
    private final ByteBuffer input = ByteBuffer.allocateDirect(64 << 10);
    private final ByteBuffer output = ByteBuffer.allocateDirect(frame.length);
    private final boolean broadcast;
    private long answers;

    /** One of the WebSockets. */
    private static final class Client {
        final boolean sends;
        int receivedBytes;

        Client(boolean sends) {
            this.sends = sends;
        }
    }

    private WebSocketLoad(boolean broadcast) {
        this.broadcast = broadcast;
    }

    public static void main(String[] arguments) throws IOException {
        new WebSocketLoad(arguments[1].equals("/bcast"))
                .run(
                        Integer.parseInt(arguments[0]),
                        arguments[1],
                        Integer.parseInt(arguments[2]),
                        Double.parseDouble(arguments[3]));
    }

    private void run(int port, String path, int connections, double seconds) throws IOException {
        output.put(frame);
        try (Selector selector = Selector.open()) {
            for (int i = 0; i < connections; i++) {
                SocketChannel socket = Handshakes.connect(port, path);
                socket.register(selector, SelectionKey.OP_READ, new Client(!broadcast || i == 0));
            }
            for (SelectionKey key : selector.keys()) {
                if (((Client) key.attachment()).sends) {
                    for (int i = 0; i < (broadcast ? BROADCASTS_UNDER_WAY : 1); i++) {
                        send((SocketChannel) key.channel());
                    }
                }
            }
            long start = System.nanoTime();
            long end = start + (long) (seconds * 1e9);
            long now = start;
            while (now < end) {
                selector.select(this::read, 100);
                now = System.nanoTime();
            }
            System.out.printf(Locale.ROOT, "%d requests in %.3fs%n", answers, (now - start) / 1e9);
        }
    }

    private void read(SelectionKey key) {
        SocketChannel socket = (SocketChannel) key.channel();
        Client client = (Client) key.attachment();
        try {
            int count = socket.read(input.clear());
            if (count < 0) {
                throw new EOFException("The server has closed a connection");
            }
            client.receivedBytes += count;
            for (; client.receivedBytes >= ANSWER_BYTES; client.receivedBytes -= ANSWER_BYTES) {
                answers++;
                if (client.sends) {
                    send(socket);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void send(SocketChannel socket) throws IOException {
        output.clear();
        while (output.hasRemaining()) {
            socket.write(output); // one message fills no buffer, unless the server is at fault
        }
    }
}
