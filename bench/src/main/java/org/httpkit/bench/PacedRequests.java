package org.httpkit.bench;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.Queue;
import org.HdrHistogram.Histogram;

/**
 * Equal requests at a constant rate on some connections; their latency counts from when each was due. Confined to the thread that
 * selects.
 */
final class PacedRequests implements Traffic {
    private static final long LONGEST_NANOS = 60_000_000_000L;
    private static final int PATIENCE_MILLIS = 10_000;

    private final String name;
    private final byte[] request;
    private final long intervalNanos;
    private final int answerBytes;
    private final Client[] clients;
    private final ByteBuffer input = ByteBuffer.allocateDirect(64 << 10);

    private final Histogram latencyNanos = new Histogram(LONGEST_NANOS, 3);
    private long recordedFrom;
    private long nextDue;
    private long dueSoFar;
    private long answers;

    /**
     * Opens the connections, and asks once, since all answers are as long as the first one.
     *
     * @param name of several of them
     * @param perSecond how many are due in a second
     */
    PacedRequests(String name, Selector selector, int port, byte[] request, double perSecond, int connections)
            throws IOException {
        this.name = name;
        this.request = request;
        intervalNanos = (long) (1e9 / perSecond);
        clients = new Client[connections];
        for (int i = 0; i < connections; i++) {
            SocketChannel socket = SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
            socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
            clients[i] = new Client(socket);
        }
        answerBytes = learnLength(clients[0].socket);
        for (Client client : clients) {
            client.socket.configureBlocking(false);
            client.key = client.socket.register(selector, SelectionKey.OP_READ, client);
        }
    }

    static byte[] get(String path) {
        return ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    static byte[] post(String path, int bodyBytes) {
        String head = "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + bodyBytes + "\r\n\r\n";
        return (head + "x".repeat(bodyBytes)).getBytes(StandardCharsets.US_ASCII);
    }

    /** All answers are equally long, so one of them shows the length. */
    private int learnLength(SocketChannel channel) throws IOException {
        channel.socket().setSoTimeout(PATIENCE_MILLIS);
        InputStream in = channel.socket().getInputStream();
        channel.write(ByteBuffer.wrap(request));
        byte[] bytes = new byte[64 << 10];
        int length = 0;
        int total = 0;
        while (total == 0) {
            length += read(in, bytes, length);
            total = lengthOf(new String(bytes, 0, length, StandardCharsets.ISO_8859_1));
        }
        while (length < total) {
            length += read(in, bytes, 0);
        }
        return total;
    }

    private static int read(InputStream in, byte[] bytes, int offset) throws IOException {
        int count = in.read(bytes, offset, bytes.length - offset);
        if (count <= 0) {
            throw new EOFException("The first answer ended early, or its head is too long");
        }
        return count;
    }

    /** How long the answer is, with its head; 0 if that has not arrived. */
    private static int lengthOf(String begun) throws IOException {
        int body = begun.indexOf("\r\n\r\n") + 4;
        if (body < 4) {
            return 0;
        }
        int field = begun.toLowerCase(Locale.ROOT).indexOf("\r\ncontent-length:");
        if (field < 0 || field >= body) {
            throw new IOException("The answer has no Content-Length: this counts no other answers");
        }
        int value = begun.indexOf(':', field) + 1;
        return body
                + Integer.parseInt(
                        begun.substring(value, begun.indexOf('\r', value)).strip());
    }

    @Override
    public void begin(long start) {
        nextDue = start;
        recordedFrom = start;
    }

    /** Leaves out of the latency what is due before that time: a generator that has just started is late itself. */
    void recordFrom(long time) {
        recordedFrom = time;
    }

    @Override
    public void sendDue(long now) throws IOException {
        for (; nextDue <= now; nextDue += intervalNanos) {
            Client client = clients[(int) (dueSoFar++ % clients.length)];
            client.due.add(nextDue);
            if (client.due.size() == 1) {
                client.send();
            }
        }
    }

    /** Counts those that have no answer with the time until now, and returns all latencies. */
    Histogram end(long now) {
        for (Client client : clients) {
            client.due.forEach(due -> record(due, now));
        }
        return latencyNanos;
    }

    private void record(long due, long now) {
        if (due >= recordedFrom) {
            latencyNanos.recordValue(Math.min(now - due, LONGEST_NANOS));
        }
    }

    long answers() {
        return answers;
    }

    @Override
    public String outcome() {
        return answers + " of " + dueSoFar + " " + name;
    }

    /** A connection. At most one of its requests is on its way; further ones that are due wait. */
    @SuppressWarnings("NullAway.Init") // its key comes with the registration
    private final class Client implements Traffic.Client {
        final SocketChannel socket;
        final Queue<Long> due = new ArrayDeque<>();
        private final ByteBuffer output = ByteBuffer.wrap(request);
        private boolean waitsForRoom;
        private int receivedBytes;
        SelectionKey key;

        Client(SocketChannel socket) {
            this.socket = socket;
            output.position(output.limit());
        }

        void send() throws IOException {
            output.clear();
            write();
        }

        private void write() throws IOException {
            socket.write(output);
            if (output.hasRemaining() != waitsForRoom) {
                waitsForRoom = !waitsForRoom;
                key.interestOps(waitsForRoom ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
            }
        }

        @Override
        public void ready(SelectionKey key) throws IOException {
            if (key.isWritable()) {
                write();
            }
            if (!key.isReadable()) {
                return;
            }
            int count = socket.read(input.clear());
            if (count < 0) {
                throw new EOFException("The server has closed a connection of the " + name);
            }
            receivedBytes += count;
            if (receivedBytes >= answerBytes) {
                receivedBytes -= answerBytes;
                answers++;
                record(due.remove(), System.nanoTime());
                if (!due.isEmpty()) {
                    send();
                }
            }
        }
    }
}
