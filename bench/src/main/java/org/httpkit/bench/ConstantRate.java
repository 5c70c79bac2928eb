package org.httpkit.bench;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
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
 * Sends GET requests at a constant rate, whatever the server does, and measures each from the moment when it was due. A server
 * that stalls also delays the requests behind, and they count. Prints how many got an answer in what time, and percentiles in
 * milliseconds. Requests that were due and got no answer count with the time until the end.
 *
 * <pre>java -cp ... org.httpkit.bench.ConstantRate PORT PATH CONNECTIONS SECONDS RATE</pre>
 */
public final class ConstantRate {
    private static final long LONGEST_NANOS = 60_000_000_000L;
    private static final int PATIENCE_MILLIS = 10_000;

    private final Histogram nanos = new Histogram(LONGEST_NANOS, 3);
    private final ByteBuffer input = ByteBuffer.allocate(64 << 10);
    private final byte[] request;
    private final long intervalNanos;
    private long answers;
    private int answerBytes;

    /** A connection. At most one of its requests is on its way; further ones that are due wait. */
    private static final class Client {
        final SocketChannel socket;
        final Queue<Long> due = new ArrayDeque<>();
        int receivedBytes;

        Client(SocketChannel socket) {
            this.socket = socket;
        }
    }

    private ConstantRate(String path, int rate) {
        request = ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        intervalNanos = 1_000_000_000L / rate;
    }

    public static void main(String[] arguments) throws IOException {
        new ConstantRate(arguments[1], Integer.parseInt(arguments[4]))
                .run(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[2]), Double.parseDouble(arguments[3]));
    }

    private void run(int port, int connections, double seconds) throws IOException {
        try (Selector selector = Selector.open()) {
            Client[] clients = new Client[connections];
            for (int i = 0; i < connections; i++) {
                clients[i] = new Client(SocketChannel.open(new InetSocketAddress("127.0.0.1", port)));
            }
            answerBytes = learnLength(clients[0].socket);
            for (Client client : clients) {
                client.socket.configureBlocking(false);
                client.socket.register(selector, SelectionKey.OP_READ, client);
            }
            long start = System.nanoTime();
            long end = start + (long) (seconds * 1e9);
            long next = start;
            for (int turn = 0; next < end; ) {
                for (long now = System.nanoTime(); next <= now && next < end; next += intervalNanos) {
                    Client client = clients[turn++ % connections];
                    client.due.add(next);
                    if (client.due.size() == 1) {
                        send(client);
                    }
                }
                selector.selectNow(this::read); // without waiting, which would add the time of a wake-up
            }
            report(clients, System.nanoTime(), (end - start) / 1e9);
        }
    }

    /** All answers are equally long, so one of them shows the length. */
    private int learnLength(SocketChannel channel) throws IOException {
        channel.socket().setSoTimeout(PATIENCE_MILLIS);
        InputStream in = channel.socket().getInputStream();
        channel.write(ByteBuffer.wrap(request));
        byte[] bytes = input.array();
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

    private void send(Client client) {
        try {
            client.socket.write(ByteBuffer.wrap(request));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read(SelectionKey key) {
        Client client = (Client) key.attachment();
        try {
            int count = client.socket.read(input.clear());
            if (count < 0) {
                throw new EOFException("The server has closed a connection");
            }
            client.receivedBytes += count;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (client.receivedBytes >= answerBytes) {
            client.receivedBytes -= answerBytes;
            answers++;
            nanos.recordValue(System.nanoTime() - client.due.remove());
            if (!client.due.isEmpty()) {
                send(client);
            }
        }
    }

    private void report(Client[] clients, long now, double seconds) {
        for (Client client : clients) {
            client.due.forEach(due -> nanos.recordValue(now - due));
        }
        System.out.printf(
                Locale.ROOT,
                "%d requests in %.3fs; ms: p50 %.3f, p99 %.3f, p99.9 %.3f, most %.3f%n",
                answers,
                seconds,
                nanos.getValueAtPercentile(50) / 1e6,
                nanos.getValueAtPercentile(99) / 1e6,
                nanos.getValueAtPercentile(99.9) / 1e6,
                nanos.getMaxValue() / 1e6);
    }
}
