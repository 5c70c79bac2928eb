package org.httpkit.tests;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.httpkit.testkit.RawWebSocket;

/**
 * Many WebSocket clients on one thread that read text messages which begin with their number, and notice one that is missing,
 * double or out of order.
 */
@SuppressWarnings("try") // its close waits for its thread, and may be interrupted
final class Readers implements AutoCloseable, Runnable {
    private static final int HEAD_BYTES = 4;

    /** One client: where it is in the frame that it reads. */
    private static final class Reader {
        private final byte[] beginning = new byte[16];
        private int taken;
        private int frameBytes;
        private int next;
    }

    private final Selector selector = Selector.open();
    private final Thread thread = new Thread(this, "readers");
    private final AtomicLong messages = new AtomicLong();
    private final List<String> faults = new CopyOnWriteArrayList<>();
    private final ByteBuffer input = ByteBuffer.allocate(256 << 10);
    private volatile boolean closed;

    Readers(int port, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            SocketChannel socket = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            socket.write(ByteBuffer.wrap(RawWebSocket.handshake("/").getBytes(StandardCharsets.ISO_8859_1)));
            String answer = "";
            ByteBuffer one = ByteBuffer.allocate(1);
            while (!answer.endsWith("\r\n\r\n")) {
                socket.read(one.clear());
                answer += (char) one.get(0);
            }
            socket.configureBlocking(false);
            socket.register(selector, SelectionKey.OP_READ, new Reader());
        }
        thread.start();
    }

    List<String> faults() {
        return faults;
    }

    void awaitMessages(long count) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (messages.get() < count && faults.isEmpty()) {
            if (System.nanoTime() > deadline) {
                throw new SocketTimeoutException("Only " + messages + " of " + count + " messages came");
            }
            Thread.onSpinWait();
        }
    }

    @Override
    public void run() {
        try {
            while (!closed) {
                selector.select(key -> read((SocketChannel) key.channel(), key, (Reader) key.attachment()));
            }
        } catch (IOException | RuntimeException e) {
            faults.add(e.toString());
        }
    }

    private void read(SocketChannel socket, SelectionKey key, Reader reader) {
        try {
            if (socket.read(input.clear()) < 0) {
                faults.add("A reader was closed");
                key.cancel();
            }
        } catch (IOException e) {
            faults.add(e.toString());
            key.cancel();
        }
        input.flip();
        while (input.hasRemaining()) {
            int wanted = reader.taken < reader.beginning.length ? reader.beginning.length : reader.frameBytes;
            int count = Math.min(input.remaining(), wanted - reader.taken);
            if (reader.taken < reader.beginning.length) {
                input.get(reader.beginning, reader.taken, count);
            } else {
                input.position(input.position() + count);
            }
            reader.taken += count;
            if (reader.taken == reader.beginning.length) {
                begin(reader);
            }
            if (reader.taken == reader.frameBytes) {
                reader.taken = 0;
                reader.frameBytes = 0;
                messages.incrementAndGet();
            }
        }
    }

    private void begin(Reader reader) {
        byte[] bytes = reader.beginning;
        if (bytes[0] != (byte) 0x81 || bytes[1] != 126) {
            faults.add("Not a text frame of middle length");
        }
        reader.frameBytes = HEAD_BYTES + ((bytes[2] & 0xFF) << 8 | bytes[3] & 0xFF);
        int number = 0;
        for (int i = HEAD_BYTES; bytes[i] != ' '; i++) {
            number = number * 10 + bytes[i] - '0';
        }
        if (number != reader.next++) {
            faults.add("Message " + number + " came where " + (reader.next - 1) + " was due");
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        selector.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (SelectionKey key : selector.keys()) {
            key.channel().close();
        }
        selector.close();
    }
}
