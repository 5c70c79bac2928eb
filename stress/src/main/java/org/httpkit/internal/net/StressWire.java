package org.httpkit.internal.net;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A socket that takes as many bytes as there is room for, and remembers them.
 *
 * <p>No lock guards what it remembers. The result is right only if one thread writes at a time and sees what the one before it
 * did, as the write claim promises.
 */
public final class StressWire implements Transport {
    private static final int PLENTY = 1 << 20;

    private final AtomicInteger room = new AtomicInteger();
    private byte[] taken = new byte[64];
    private int count;
    private boolean writing;
    private boolean overlapped;
    private boolean ended;

    // The loop's.
    private ByteBuffer input = ByteBuffer.allocate(0);
    private boolean wantsRoom;
    private boolean closed;

    /** Leaves room for this many bytes. */
    public StressWire(int room) {
        this.room.set(room);
    }

    public StressWire() {
        this(PLENTY);
    }

    /** The peer takes everything from now on. */
    void makeRoom() {
        room.set(PLENTY);
    }

    /** What the peer sends. */
    public void receive(byte[] bytes) {
        input = ByteBuffer.wrap(bytes);
    }

    boolean wantsRoom() {
        return wantsRoom && !closed && room.get() > 0;
    }

    /** What was written, and whether two threads wrote at once. */
    public String written() {
        return new String(taken, 0, count, StandardCharsets.ISO_8859_1)
                + (overlapped ? " by two at once" : "")
                + (ended ? "." : "");
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        overlapped |= writing;
        writing = true;
        int length = Math.min(bytes.remaining(), room.get());
        if (count + length > taken.length) {
            taken = java.util.Arrays.copyOf(taken, 2 * (count + length));
        }
        bytes.get(taken, count, length);
        count += length;
        room.getAndAdd(-length);
        writing = false;
        return length;
    }

    @Override
    public long write(ByteBuffer first, ByteBuffer second) throws IOException {
        long length = write(first);
        return first.hasRemaining() ? length : length + write(second);
    }

    @Override
    public int read(ByteBuffer into) {
        int length = Math.min(into.remaining(), input.remaining());
        into.put(input.slice().limit(length));
        input.position(input.position() + length);
        return length;
    }

    @Override
    public long transfer(FileChannel file, long position, long count) {
        throw new UnsupportedOperationException("No files here");
    }

    @Override
    public void limitSystemBuffer(int bytes) {}

    @Override
    public boolean shutdownOutput() {
        ended = true;
        return true;
    }

    @Override
    public void interest(boolean reading, boolean writing) {
        wantsRoom = writing;
    }

    @Override
    public void close() {
        closed = true;
    }

    @Override
    public @Nullable SocketAddress localAddress() {
        return null;
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return null;
    }
}
