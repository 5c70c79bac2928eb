package org.httpkit.testkit.simulation;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import org.httpkit.internal.net.Transport;

/**
 * A connection's socket as the server sees it: chance decides how short reads and writes are, and the client may reset
 * it at any byte. Confined to the simulation's thread.
 */
final class SimulatedWire implements Transport {
    final Pipe toServer;
    final Pipe toClient;
    private final Schedule schedule;
    private final SocketAddress address;
    private final ClientSide clientSide = new ClientSide();

    private boolean wantsInput;
    private boolean wantsRoom;
    private boolean closed;
    private boolean reset;

    /** @param id the port of the client, by which observers know it */
    SimulatedWire(Schedule schedule, int id) {
        this.schedule = schedule;
        this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), id);
        this.toServer = new Pipe(schedule, 1 << schedule.random().nextInt(8, 17));
        this.toClient = new Pipe(schedule, 1 << schedule.random().nextInt(7, 17));
    }

    /** Resets the connection, as the client's system does if it does not know it. */
    void reset() {
        reset = true;
    }

    boolean isReset() {
        return reset;
    }

    boolean isClosed() {
        return closed;
    }

    boolean isReadable() {
        return wantsInput && !closed && (toServer.available() > 0 || toServer.isEnded() || reset);
    }

    boolean isWritable() {
        return wantsRoom && !closed && (toClient.room() > 0 || reset);
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        requireOpen();
        if (toServer.available() == 0) {
            return toServer.isEnded() ? -1 : 0;
        }
        return toServer.read(into, some());
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        requireOpen();
        return toClient.write(bytes, some());
    }

    @Override
    public long write(ByteBuffer first, ByteBuffer second) throws IOException {
        int count = write(first);
        return first.hasRemaining() ? count : count + write(second);
    }

    @Override
    public long transfer(FileChannel file, long position, long count) throws IOException {
        requireOpen();
        long most = Math.min(Math.min(count, toClient.room()), some());
        return most == 0 ? 0 : file.transferTo(position, most, clientSide);
    }

    @Override
    public void limitSystemBuffer(int bytes) {}

    @Override
    public boolean shutdownOutput() throws IOException {
        requireOpen();
        toClient.end();
        return true;
    }

    @Override
    public void interest(boolean reading, boolean writing) {
        wantsInput = reading;
        wantsRoom = writing;
    }

    @Override
    public void close() {
        closed = true;
        toClient.end();
    }

    @Override
    public SocketAddress localAddress() {
        return address;
    }

    @Override
    public SocketAddress remoteAddress() {
        return address;
    }

    /** How much the system takes or gives at once: mostly all, sometimes little. */
    private int some() {
        return schedule.oneIn(4) ? 1 + schedule.random().nextInt(64) : Integer.MAX_VALUE;
    }

    /** Where a file is sent to. */
    private final class ClientSide implements WritableByteChannel {
        @Override
        public int write(ByteBuffer bytes) {
            return toClient.write(bytes, Integer.MAX_VALUE);
        }

        @Override
        public boolean isOpen() {
            return !closed;
        }

        @Override
        public void close() {
            throw new UnsupportedOperationException("Nobody closes a socket but its link");
        }
    }

    private void requireOpen() throws IOException {
        if (reset) {
            throw new IOException("Connection reset");
        }
        if (closed) {
            throw new IOException("Closed");
        }
    }
}
