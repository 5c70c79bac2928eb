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
     * Those in a write that may wait for a disk, and whether they are to be closed afterwards. There are few at a time, so this takes
     * no field of each connection. An entry is guarded by the monitor of its key, which is never held during such a write.
     */
    private static final Map<SocketTransport, Boolean> WRITING = new ConcurrentHashMap<>();

    private final SocketChannel socket;
    private final Traffic traffic;
    /** Null as long as nobody waits for this socket. */
    private @Nullable SelectionKey key;

    // Kept here, since a closed socket does not tell them any more.
    private final @Nullable SocketAddress localAddress;
    private final @Nullable SocketAddress remoteAddress;

    /** @param listener what the listener is bound to that the socket comes from */
    SocketTransport(SocketChannel socket, Traffic traffic, SocketAddress listener) {
        this.socket = socket;
        this.traffic = traffic;
        // The socket of a Unix domain listener goes by the name that the file was made under.
        this.localAddress = listener instanceof UnixDomainSocketAddress named ? named : localAddressOf(socket);
        this.remoteAddress = remoteAddressOf(socket);
    }

    /**
     * From now on the selector can be asked to wait for it, and small writes leave without waiting for the peer's acknowledgements.
     * Before, none had to wait: the first write never does, and the system sends now what it has held back.
     */
    void register(Selector selector, Link link) {
        try {
            key = socket.register(selector, 0, link);
            set(StandardSocketOptions.TCP_NODELAY, true);
        } catch (IOException e) {
            // Closed, or the peer has gone again already; reading will tell.
        }
    }

    /** Where the transport knows the option. */
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
                key.selector().wakeup(); // the descriptor is free once the selector has let go of it
            }
        }
    }

    /** The system may double it, for what it needs besides the bytes (socket(7), SO_SNDBUF). */
    @Override
    public void limitSystemBuffer(int bytes) {
        try {
            set(StandardSocketOptions.SO_SNDBUF, bytes);
        } catch (IOException e) {
            // Closed; writing will tell.
        }
    }

    @Override
    public boolean shutdownOutput() throws IOException {
        socket.shutdownOutput();
        return true;
    }

    /** Asks the selector only when something changes: each change costs a system call. */
    @Override
    public void interest(boolean reading, boolean writing) {
        try {
            int wanted = (reading ? SelectionKey.OP_READ : 0) | (writing ? SelectionKey.OP_WRITE : 0);
            if (key != null && key.interestOps() != wanted) {
                key.interestOps(wanted);
            }
        } catch (CancelledKeyException e) {
            // Closed meanwhile: nothing is awaited any more.
        }
    }

    /**
     * The descriptor is not freed during a write that may wait. Some JDKs, 17 among them, would go on with its number, which may be
     * the next client's by then; others would wait here for the write to return. So the client only sees the end, and the thread
     * that writes closes.
     */
    @Override
    public synchronized void close() throws IOException {
        if (WRITING.replace(this, true) == null) {
            socket.close();
        } else {
            interest(false, false); // the selector would tell again and again that the socket has ended
            showEnd();
        }
    }

    private void showEnd() {
        try {
            socket.shutdownInput();
            socket.shutdownOutput();
        } catch (IOException e) {
            // The client has gone already.
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

    /** A client of a Unix domain socket mostly has no name of its own: then there is no address. */
    private static @Nullable SocketAddress remoteAddressOf(SocketChannel socket) {
        try {
            SocketAddress address = socket.getRemoteAddress();
            return address instanceof InetSocketAddress ? address : null;
        } catch (IOException e) {
            return null;
        }
    }
}
