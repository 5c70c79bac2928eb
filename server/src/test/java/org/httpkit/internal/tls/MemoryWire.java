package org.httpkit.internal.tls;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.httpkit.internal.bytes.ByteQueue;
import org.httpkit.internal.net.Transport;
import org.jspecify.annotations.Nullable;

/** A socket in memory, which gives and takes as much as a test says. */
final class MemoryWire implements Transport {
    final ByteQueue sent = new ByteQueue(1024);
    int room = Integer.MAX_VALUE;
    boolean outputEnded;
    boolean inputEnded;
    private ByteBuffer input = ByteBuffer.allocate(0);

    /** Has that come in. */
    void receive(byte[] bytes) {
        ByteBuffer all = ByteBuffer.allocate(input.remaining() + bytes.length);
        input = all.put(input).put(bytes).flip();
    }

    /** What has left, and is forgotten here. */
    byte[] takeSent() {
        byte[] taken = sent.toByteArray();
        sent.clear();
        return taken;
    }

    @Override
    public int read(ByteBuffer into) {
        int count = Math.min(into.remaining(), input.remaining());
        into.put(input.slice(input.position(), count));
        input.position(input.position() + count);
        return count == 0 && inputEnded ? -1 : count;
    }

    @Override
    public int write(ByteBuffer bytes) {
        byte[] taken = new byte[Math.min(room, bytes.remaining())];
        bytes.get(taken);
        sent.append(taken);
        room -= taken.length;
        return taken.length;
    }

    @Override
    public long write(ByteBuffer first, ByteBuffer second) {
        return write(first) + (first.hasRemaining() ? 0 : write(second));
    }

    @Override
    public long transfer(FileChannel file, long position, long count) throws IOException {
        throw new IOException("Not in plain text");
    }

    @Override
    public void limitSystemBuffer(int bytes) {}

    @Override
    public boolean shutdownOutput() {
        outputEnded = true;
        return true;
    }

    @Override
    public void interest(boolean reading, boolean writing) {}

    @Override
    public void close() {}

    @Override
    public @Nullable SocketAddress localAddress() {
        return null;
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return null;
    }
}
