package org.httpkit.bench;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * Texts at a constant rate from one of many WebSockets, which the server sends to all of them. Confined to the thread that selects.
 */
final class PacedBroadcasts implements Traffic {
    private static final int TEXT_BYTES = 128;
    /** An answer: a head of four bytes, without a mask, and the text (RFC 6455 section 5.2). */
    private static final int ANSWER_BYTES = 4 + TEXT_BYTES;

    private final ByteBuffer frame =
            ByteBuffer.wrap(Frames.masked(1, "x".repeat(TEXT_BYTES).getBytes(StandardCharsets.US_ASCII)));
    private final ByteBuffer input = ByteBuffer.allocateDirect(64 << 10);
    private final SocketChannel[] members;
    private final long intervalNanos;
    private long nextDue;
    private long dueSoFar;
    private long receivedBytes;

    /** @param perSecond how many texts are due in a second */
    PacedBroadcasts(Selector selector, int port, String path, double perSecond, int count) throws IOException {
        intervalNanos = (long) (1e9 / perSecond);
        members = new SocketChannel[count];
        Traffic.Client receiver = this::receive;
        for (int i = 0; i < count; i++) {
            members[i] = Handshakes.connect(port, path);
            members[i].register(selector, SelectionKey.OP_READ, receiver);
        }
    }

    @Override
    public void begin(long start) {
        nextDue = start;
    }

    @Override
    public void sendDue(long now) throws IOException {
        for (; nextDue <= now; nextDue += intervalNanos) {
            dueSoFar++;
            frame.clear();
            while (frame.hasRemaining()) {
                members[0].write(frame); // so few fill no buffer, unless the server is at fault
            }
        }
    }

    private void receive(SelectionKey key) throws IOException {
        int count = ((SocketChannel) key.channel()).read(input.clear());
        if (count < 0) {
            throw new EOFException("The server has closed a WebSocket");
        }
        receivedBytes += count;
    }

    @Override
    public String outcome() {
        return receivedBytes / ANSWER_BYTES + " of " + dueSoFar * members.length + " deliveries";
    }
}
