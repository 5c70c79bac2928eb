package org.httpkit.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.zip.Deflater;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.ServerStats;
import org.jspecify.annotations.Nullable;

/**
 * The live heap that a connection holds in each state that a client can keep it in, and what that comes to for as many connections as one
 * address may have. Prints a Markdown table. The clients run in this process too. Their share is measured first and left out.
 * Limits on what the server holds for all connections are off here, so that they close none. The last column names them.
 *
 * <pre>java -XX:+UseSerialGC -Xmx1g -cp ... org.httpkit.bench.HeldMemory [connections]</pre>
 */
public final class HeldMemory implements Handler {
    /** More than the system buffers for one connection on both sides. */
    private static final int LARGE_BYTES = 8 << 20;

    /** The most that one connection holds in a state that holds much. */
    private static final int MUCH_BYTES = LARGE_BYTES;

    private static final int RECEIVE_BUFFER_BYTES = 4096;
    private static final int MAX_CONNECTIONS_PER_ADDRESS = 25_000;
    private static final String RECEIVED = "`maxReceivedBytesPerAddress`";
    private static final String QUEUED = "`maxQueuedBytesTotal`";
    private static final String HANDSHAKE =
            "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";

    /** What the client sends before it falls silent, whether the server then holds much, and the option that limits the total. */
    private record State(String name, byte[] sent, boolean much, String limit) {
        static State of(String name, String sent, String limit) {
            return new State(name, sent.getBytes(StandardCharsets.ISO_8859_1), false, limit);
        }
    }

    private final int connections;

    private HeldMemory(int connections) {
        this.connections = connections;
    }

    /** Prints a line for each state. */
    public static void main(String[] arguments) throws Exception {
        int connections = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1000;
        new HeldMemory(connections).run();
    }

    private static List<State> states() {
        String post = "POST / HTTP/1.1\r\nHost: a\r\n";
        return List.of(
                State.of("has sent nothing", "", ""),
                State.of("idle after a request", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", ""),
                State.of("100 bytes of a head", "GET / HTTP/1.1\r\nA: " + "b".repeat(82), RECEIVED),
                State.of("7 KB of a head", "GET / HTTP/1.1\r\nA: " + "b".repeat(7000), RECEIVED),
                State.of(
                        "100 bytes of a body of 1 MB",
                        post + "Content-Length: 1000000\r\n\r\n" + "x".repeat(100),
                        RECEIVED),
                State.of(
                        "33 KB of a chunked body",
                        post + "Transfer-Encoding: chunked\r\n\r\n10000\r\n" + "x".repeat(33_000),
                        RECEIVED),
                State.of("waits for a long poll", "GET /poll HTTP/1.1\r\nHost: a\r\n\r\n", ""),
                State.of("an idle WebSocket", HANDSHAKE + "\r\n", ""),
                new State(
                        "4 KB of a WebSocket message of 1 MB",
                        concat(HANDSHAKE + "\r\n", head(1_000_000, false), new byte[4000]),
                        false,
                        RECEIVED),
                new State(
                        "4 KB of a compressed message, 1000 : 1",
                        concat(
                                HANDSHAKE + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
                                head(1_000_000, true),
                                zeros()),
                        true,
                        RECEIVED),
                new State(
                        "does not read an answer of 8 MB",
                        "GET /large HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
                        true,
                        QUEUED));
    }

    private void run() throws Exception {
        clientBytes(); // loads what the JVM loads once
        long clients = clientBytes();
        System.out.printf(
                Locale.ROOT,
                "| The client | connections | bytes of heap each | MiB for %d | limited by |%n",
                MAX_CONNECTIONS_PER_ADDRESS);
        System.out.println("|---|---|---|---|---|");
        for (State state : states()) {
            long bytes = held(state) - clients;
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %d | %d | %d | %s |%n",
                    state.name(),
                    count(state),
                    bytes,
                    bytes * MAX_CONNECTIONS_PER_ADDRESS >> 20,
                    state.limit());
        }
    }

    /** Starts a new server for each state, so that nothing is left of the others. */
    private long held(State state) throws IOException, InterruptedException {
        try (HttpServer server = HttpServer.builder()
                .address("127.0.0.1", 0)
                .maxReceivedBytesTotal(Runtime.getRuntime().maxMemory())
                .maxReceivedBytesPerAddress(0)
                .maxQueuedBytesTotal(Runtime.getRuntime().maxMemory())
                .minResponseRate(0)
                .minBodyRate(0)
                .headerTimeout(Duration.ZERO)
                .bodyTimeout(Duration.ZERO)
                .writeTimeout(Duration.ZERO)
                .handler(this)
                .start()) {
            hold(server, server.port(), state, count(state) / 10); // loads what this state needs once
            return hold(server, server.port(), state, count(state));
        }
    }

    @Override
    public Response handle(Request request) {
        return switch (request.path()) {
            case "/poll" -> request.asChannel(new ChannelListener() {});
            case "/ws" ->
                request.asChannel(ChannelOptions.DEFAULT.deflate(true), new ChannelListener() {
                    @Override
                    public void onBinary(AsyncChannel channel, byte[] bytes) {}
                });
            case "/large" -> Response.bytes(new byte[LARGE_BYTES]);
            default -> Response.text("fine");
        };
    }

    /** What the client's side of a connection takes, measured without a server. */
    private long clientBytes() throws Exception {
        try (ServerSocketChannel silent =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4096)) {
            return hold(
                    null, ((InetSocketAddress) silent.getLocalAddress()).getPort(), State.of("", "", ""), connections);
        }
    }

    /** How many connections to hold: as many as take a quarter of the heap at most. */
    private int count(State state) {
        long most = Runtime.getRuntime().maxMemory() / 4 / MUCH_BYTES;
        return state.much() ? (int) Math.min(connections, most) : connections;
    }

    /** Bytes of live heap for each connection. */
    private static long hold(@Nullable HttpServer server, int port, State state, int count)
            throws IOException, InterruptedException {
        List<SocketChannel> clients = new ArrayList<>(count);
        long before = liveBytes();
        for (int i = 0; i < count; i++) {
            SocketChannel client = SocketChannel.open();
            client.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER_BYTES);
            client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            clients.add(client);
            ByteBuffer sent = ByteBuffer.wrap(state.sent());
            while (sent.hasRemaining()) {
                client.write(sent);
            }
        }
        TimeUnit.SECONDS.sleep(4); // until the worker is done and the answers are garbage
        long bytes = (liveBytes() - before) / count;
        if (server != null) {
            verifyOpen(server, state, count);
        }
        for (SocketChannel client : clients) {
            client.close();
        }
        while (server != null && server.stats().connectionsOpen() > 0) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
        return bytes;
    }

    private static void verifyOpen(HttpServer server, State state, int count) {
        ServerStats stats = server.stats();
        boolean isWebSocket = new String(state.sent(), StandardCharsets.ISO_8859_1).startsWith("GET /ws");
        int open = isWebSocket ? stats.webSocketsOpen() : stats.connectionsOpen();
        if (open != count) {
            throw new IllegalStateException(
                    state.name() + ": " + open + " of " + count + " are open, so the figure means nothing");
        }
    }

    private static long liveBytes() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    // ---- bytes

    private static byte[] head(int length, boolean compressed) {
        return new byte[] {
            (byte) (compressed ? 0xC2 : 0x82),
            (byte) 0xFF,
            0,
            0,
            0,
            0,
            (byte) (length >> 24),
            (byte) (length >> 16),
            (byte) (length >> 8),
            (byte) length,
            0,
            0,
            0,
            0
        };
    }

    /** Less than 4 MB, the longest message. */
    private static byte[] zeros() {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        deflater.setInput(new byte[8_000_000]);
        byte[] compressed = new byte[3900];
        int length = deflater.deflate(compressed, 0, compressed.length, Deflater.SYNC_FLUSH);
        deflater.end();
        if (length < compressed.length) {
            throw new IllegalStateException("All of it fits into " + length + " bytes");
        }
        return compressed;
    }

    private static byte[] concat(String first, byte[]... others) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(first.getBytes(StandardCharsets.ISO_8859_1));
        for (byte[] other : others) {
            all.writeBytes(other);
        }
        return all.toByteArray();
    }
}
