package org.httpkit.internal.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A TCP or Unix domain socket that is, or will be, registered with a selector. */
final class SocketTransport implements Transport {
    /**
     * The transports in a write that may wait for a disk, and whether to close them afterwards. They are few, so a map
     * saves a field in each connection. The monitor of its key guards an entry, and is never held during such a write.
     */
    private static final Map<SocketTransport, Boolean> WRITING = new ConcurrentHashMap<>();

    private final SocketChannel socket;
    private final Traffic traffic;
    /** Null while no selector waits for this socket. */
    private @Nullable SelectionKey key;

    // Kept here, because a closed socket no longer reveals them.
    private final @Nullable SocketAddress localAddress;
    private final @Nullable SocketAddress remoteAddress;

    /** @param listener the address of the listener that accepted the socket */
    SocketTransport(SocketChannel socket, Traffic traffic, SocketAddress listener) {
        this.socket = socket;
        this.traffic = traffic;
        // The socket of a Unix domain listener would show the name under which the file was created.
        this.localAddress = listener instanceof UnixDomainSocketAddress named ? named : localAddressOf(socket);
        this.remoteAddress = remoteAddressOf(socket);
    }

    /**
     * Lets the selector wait for the socket from now on, and small writes leave without waiting for the peer's
     * acknowledgements. Before, none had to wait: the first write never does, and the system now sends what it has held
     * back.
     */
    void register(Selector selector, Link link) {
        try {
            key = socket.register(selector, 0, link);
            set(StandardSocketOptions.TCP_NODELAY, true);
        } catch (IOException e) {
            // Closed, or the peer has already gone; reading will tell.
        }
    }

    /** Sets an option if the transport supports it. */
    private <T> void set(SocketOption<T> option, T value) throws IOException {
        if (socket.supportedOptions().contains(option)) {
            socket.setOption(option, value);
        }
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        int count = socket.read(into);
        if (count > 0) {
            traffic.bytesRead.add(count);
        }
        return count;
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        int count = socket.write(bytes);
        traffic.bytesWritten.add(count);
        return count;
    }

    @Override
    public long write(ByteBuffer first, ByteBuffer second) throws IOException {
        beginWrite();
        try {
            long count = socket.write(new ByteBuffer[] {first, second});
            traffic.bytesWritten.add(count);
            return count;
        } finally {
            endWrite();
        }
    }

    @Override
    public int writeMapped(ByteBuffer bytes) throws IOException {
        beginWrite();
        try {
            return write(bytes);
        } finally {
            endWrite();
        }
    }

    @Override
    public long transfer(FileChannel file, long position, long count) throws IOException {
        beginWrite();
        try {
            long sent = file.transferTo(position, count, socket);
            traffic.bytesWritten.add(sent);
            return sent;
        } finally {
            endWrite();
        }
    }

    private synchronized void beginWrite() throws ClosedChannelException {
        if (!socket.isOpen()) {
            throw new ClosedChannelException();
        }
        WRITING.put(this, false);
    }

    private synchronized void endWrite() throws IOException {
        boolean closeDue = Boolean.TRUE.equals(WRITING.remove(this));
        if (closeDue) {
            socket.close();
            if (key != null) {
                key.selector().wakeup(); // the descriptor is free once the selector has released it
            }
        }
    }

    /** The system may double the size, for its own overhead (socket(7), SO_SNDBUF). */
    @Override
    public void limitSystemBuffer(int bytes) {
        try {
            set(StandardSocketOptions.SO_SNDBUF, bytes);
        } catch (IOException e) {
            // Closed; writing will tell.
        }
    }

    /** By a reset, which drops what the system has not sent. A Unix domain socket knows none. */
    @Override
    public void cut() {
        try {
            set(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException e) {
            // Closed: the peer knows.
        }
    }

    @Override
    public boolean shutdownOutput() throws IOException {
        socket.shutdownOutput();
        return true;
    }

    /** Updates the selector only when something changes, because each change is a system call. */
    @Override
    public void interest(boolean reading, boolean writing) {
        try {
            int wanted = (reading ? SelectionKey.OP_READ : 0) | (writing ? SelectionKey.OP_WRITE : 0);
            if (key != null && key.interestOps() != wanted) {
                key.interestOps(wanted);
            }
        } catch (CancelledKeyException e) {
            // Closed: there is nothing to wait for.
        }
    }

    /**
     * Does not free the descriptor during a write that may wait. Some JDKs, 17 among them, would continue to use its
     * number, which may then belong to the next client; others would wait here for the write to return. So the client
     * only sees the end, and the writing thread closes.
     */
    @Override
    public synchronized void close() throws IOException {
        if (WRITING.replace(this, true) == null) {
            socket.close();
        } else {
            interest(false, false); // the selector would report the socket's end again and again
            showEnd();
        }
    }

    private void showEnd() {
        try {
            socket.shutdownInput();
            socket.shutdownOutput();
        } catch (IOException e) {
            // The client has already gone.
        }
    }

    @Override
    public @Nullable SocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return remoteAddress;
    }

    private static @Nullable SocketAddress localAddressOf(SocketChannel socket) {
        try {
            return socket.getLocalAddress();
        } catch (IOException e) {
            return null;
        }
    }

    /** A client of a Unix domain socket usually has no name, and then no address. */
    private static @Nullable SocketAddress remoteAddressOf(SocketChannel socket) {
        try {
            SocketAddress address = socket.getRemoteAddress();
            return address instanceof InetSocketAddress ? address : null;
        } catch (IOException e) {
            return null;
        }
    }
}
