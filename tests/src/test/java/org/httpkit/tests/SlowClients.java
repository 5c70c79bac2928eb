package org.httpkit.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Many clients that begin alike, then send the same few bytes now and again, and read nothing but the end of what they receive. One
 * thread drives them all.
 */
final class SlowClients implements AutoCloseable {
    private final int port;
    private final byte[] beginning;
    private final byte[] drip;
    private final boolean comeBack;
    private final @Nullable SocketChannel[] sockets;
    private final AtomicLong ended = new AtomicLong();
    private final Thread thread;
    private volatile boolean over;

    private SlowClients(int port, int count, String beginning, String drip, Duration pause, boolean comeBack) {
        this.port = port;
        this.beginning = beginning.getBytes(StandardCharsets.ISO_8859_1);
        this.drip = drip.getBytes(StandardCharsets.ISO_8859_1);
        this.comeBack = comeBack;
        this.sockets = new SocketChannel[count];
        this.thread = new Thread(() -> run(pause.toNanos()), "slow clients");
    }

    /**
     * Connects them all and sets them going.
     *
     * @param comeBack whether a client whose connection the server has ended opens another one
     */
    static SlowClients start(int port, int count, String beginning, String drip, Duration pause, boolean comeBack)
            throws IOException {
        SlowClients clients = new SlowClients(port, count, beginning, drip, pause, comeBack);
        for (int i = 0; i < count; i++) {
            clients.sockets[i] = clients.connect();
        }
        clients.thread.start();
        return clients;
    }

    /** How many connections the server has ended so far. */
    long ended() {
        return ended.get();
    }

    private SocketChannel connect() throws IOException {
        SocketChannel socket = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        try {
            socket.write(ByteBuffer.wrap(beginning));
        } catch (IOException e) {
            // Sent away already, as reading will tell.
        }
        socket.configureBlocking(false);
        return socket;
    }

    private void run(long pauseNanos) {
        ByteBuffer input = ByteBuffer.allocateDirect(1024);
        try {
            while (!over) {
                for (int i = 0; i < sockets.length && !over; i++) {
                    SocketChannel socket = sockets[i];
                    if (socket != null && !goesOn(socket, input.clear())) {
                        socket.close();
                        ended.incrementAndGet();
                        sockets[i] = comeBack ? connect() : null;
                    }
                    if (i % 100 == 99) {
                        TimeUnit.NANOSECONDS.sleep(pauseNanos * 100 / sockets.length); // not all in one moment
                    }
                }
                if (sockets.length < 100) {
                    TimeUnit.NANOSECONDS.sleep(pauseNanos);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            // That is the end.
        }
    }

    private boolean goesOn(SocketChannel socket, ByteBuffer input) {
        try {
            if (socket.read(input) != 0) {
                return false; // an answer can only be that of a refusal
            }
            socket.write(ByteBuffer.wrap(drip));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        over = true;
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (SocketChannel socket : sockets) {
            if (socket != null) {
                socket.close();
            }
        }
    }
}
