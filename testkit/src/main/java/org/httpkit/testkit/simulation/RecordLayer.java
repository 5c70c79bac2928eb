package org.httpkit.testkit.simulation;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Transport;
import org.jspecify.annotations.Nullable;

/**
 * A layer around a simulated socket that holds bytes back in both directions, as TLS does with its records, but changes none. What it
 * has read is nothing that the selector knows of, and what it has taken may not have left. Confined to the simulation's thread.
 */
final class RecordLayer implements Transport {
    private static final int MOST_HELD_BYTES = 512;

    private final Transport wire;
    private final Schedule schedule;
    private final ByteBuffer received = ByteBuffer.allocate(MOST_HELD_BYTES).flip();
    private final ByteBuffer written = ByteBuffer.allocate(MOST_HELD_BYTES).flip();
    private int countedBytes;
    private boolean owesFlush;

    RecordLayer(Transport wire, Schedule schedule) {
        this.wire = wire;
        this.schedule = schedule;
    }

    /**
     * Checks what must hold between two turns while the link is open.
     *
     * @throws AssertionError if it does not
     */
    void verifySoFar(Link link) {
        if (written.remaining() > link.queuedBytes()) {
            throw new AssertionError(
                    "A layer holds " + written.remaining() + " bytes, of which the link counts " + link.queuedBytes());
        }
        if (owesFlush && link.isDrained()) {
            throw new AssertionError("A layer has something to say, and nobody flushes it");
        }
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        if (!received.hasRemaining()) {
            received.clear();
            int count = wire.read(received);
            received.flip();
            owesFlush |= count > 0 && schedule.oneIn(20);
            if (count <= 0) {
                return count;
            }
        }
        int count = Math.min(some(received.remaining()), into.remaining());
        into.put(received.slice(received.position(), count));
        received.position(received.position() + count);
        return count;
    }

    @Override
    public boolean hasInput() {
        return received.hasRemaining();
    }

    @Override
    public boolean wantsFlush() {
        return owesFlush;
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        if (!flush()) {
            return 0;
        }
        int count = some(Math.min(bytes.remaining(), MOST_HELD_BYTES));
        written.clear();
        written.put(bytes.slice(bytes.position(), count)).flip();
        bytes.position(bytes.position() + count);
        if (schedule.oneIn(2)) {
            wire.write(written);
        }
        return count;
    }

    @Override
    public long write(ByteBuffer first, ByteBuffer second) throws IOException {
        int count = write(first);
        return first.hasRemaining() ? count : count + write(second);
    }

    @Override
    public long transfer(FileChannel file, long position, long count) throws IOException {
        if (!flush()) {
            return 0;
        }
        int length = some((int) Math.min(count, MOST_HELD_BYTES));
        int read = file.read(written.clear().limit(length), position);
        written.flip();
        return Math.max(0, read);
    }

    @Override
    public boolean flush() throws IOException {
        owesFlush = false;
        if (written.hasRemaining()) {
            wire.write(written);
        }
        return !written.hasRemaining();
    }

    @Override
    public long heldChange() {
        int change = written.remaining() - countedBytes;
        countedBytes += change;
        return change;
    }

    @Override
    public void discard() {
        written.position(written.limit());
    }

    @Override
    public void limitSystemBuffer(int bytes) {
        wire.limitSystemBuffer(bytes);
    }

    @Override
    public boolean farewell() throws IOException {
        return flush();
    }

    @Override
    public boolean shutdownOutput() throws IOException {
        return flush() && wire.shutdownOutput();
    }

    @Override
    public void interest(boolean reading, boolean writing) {
        wire.interest(reading, writing);
    }

    @Override
    public void close() throws IOException {
        wire.close();
    }

    @Override
    public @Nullable SocketAddress localAddress() {
        return wire.localAddress();
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return wire.remoteAddress();
    }

    private int some(int most) {
        return most > 1 && schedule.oneIn(3) ? 1 + schedule.random().nextInt(most - 1) : most;
    }
}
