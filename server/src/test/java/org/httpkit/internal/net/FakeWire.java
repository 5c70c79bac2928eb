package org.httpkit.internal.net;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A socket that takes as much as there is room for, and remembers each write. */
public class FakeWire implements Transport {
    public final List<String> writes = new ArrayList<>();
    public final List<Integer> systemLimits = new ArrayList<>();
    public int room = Integer.MAX_VALUE;
    public boolean wantsRoom;

    public String written() {
        return String.join("", writes);
    }

    @Override
    public int read(ByteBuffer into) {
        return 0;
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        byte[] taken = new byte[Math.min(room, bytes.remaining())];
        bytes.get(taken);
        room -= taken.length;
        writes.add(new String(taken, US_ASCII));
        return taken.length;
    }

    @Override
    public long write(ByteBuffer first, ByteBuffer second) throws IOException {
        return write(first) + (first.hasRemaining() ? 0 : write(second));
    }

    @Override
    public long transfer(FileChannel file, long position, long count) throws IOException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void limitSystemBuffer(int bytes) {
        systemLimits.add(bytes);
    }

    @Override
    public boolean shutdownOutput() {
        return true;
    }

    @Override
    public void interest(boolean reading, boolean writing) {
        wantsRoom = writing;
    }

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
