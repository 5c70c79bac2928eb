package org.httpkit.internal.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A TCP or Unix domain socket that is, or will be, registered with a selector. */
final class NioWire implements Wire {
    private final SocketChannel socket;
    private final Traffic traffic;
    /** Null as long as nobody waits for this socket. */
    private @Nullable SelectionKey key;

    // Kept here, since a closed socket does not tell them any more.
    private final @Nullable SocketAddress localAddress;
    private final @Nullable SocketAddress remoteAddress;

    NioWire(SocketChannel socket, Network network) {
        this(socket, network.traffic(), network.address());
    }

    NioWire(SocketChannel socket, Traffic traffic, SocketAddress listener) {
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
        long count = socket.write(new ByteBuffer[] {first, second});
        traffic.bytesWritten.add(count);
        return count;
    }

    @Override
    public long transfer(FileChannel file, long position, long count) throws IOException {
        long sent;
        synchronized (this) { // see close
            sent = file.transferTo(position, count, socket);
        }
        traffic.bytesWritten.add(sent);
        return sent;
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
    public void shutdownOutput() throws IOException {
        socket.shutdownOutput();
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
     * Not during a transfer: some JDKs, 17 among them, would go on with the number of the socket's descriptor, which may be the next
     * client's by then.
     */
    @Override
    public void close() throws IOException {
        synchronized (this) {
            socket.close();
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
