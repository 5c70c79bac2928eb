package org.httpkit.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
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

/**
 * The live heap that a connection holds in each state that a client can keep it in. Prints a Markdown table. The clients are in the same
 * process; what their side takes is measured first and left out.
 *
 * <pre>java -cp ... org.httpkit.bench.HeldMemory [connections]</pre>
 */
public final class HeldMemory implements Handler {
    private static final byte[] LARGE = new byte[1 << 20];
    private static final String HANDSHAKE =
            "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";

    /** What the client sends before it falls silent. */
    private record State(String name, byte[] sent) {
        static State of(String name, String sent) {
            return new State(name, sent.getBytes(StandardCharsets.ISO_8859_1));
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
                State.of("has sent nothing", ""),
                State.of("idle after a request", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
                State.of("100 bytes of a head", "GET / HTTP/1.1\r\nA: " + "b".repeat(82)),
                State.of("7 KB of a head", "GET / HTTP/1.1\r\nA: " + "b".repeat(7000)),
                State.of("100 bytes of a body of 1 MB", post + "Content-Length: 1000000\r\n\r\n" + "x".repeat(100)),
                State.of(
                        "33 KB of a chunked body",
                        post + "Transfer-Encoding: chunked\r\n\r\n10000\r\n" + "x".repeat(33_000)),
                State.of("waits for a long poll", "GET /poll HTTP/1.1\r\nHost: a\r\n\r\n"),
                State.of("an idle WebSocket", HANDSHAKE + "\r\n"),
                new State(
                        "4 KB of a WebSocket message of 1 MB",
                        concat(HANDSHAKE + "\r\n", head(1_000_000, false), new byte[4000])),
                new State(
                        "4 KB of a compressed message, 1000 : 1",
                        concat(
                                HANDSHAKE + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
                                head(1_000_000, true),
                                zeros())),
                State.of("does not read an answer of 1 MB", "GET /large HTTP/1.1\r\nHost: a\r\n\r\n"));
    }

    private void run() throws Exception {
        try (HttpServer server =
                HttpServer.builder().address("127.0.0.1", 0).handler(this).start()) {
            hold(server.port(), states().get(1)); // loads what is loaded once
            long clients = clientBytes();
            System.out.println("| The client | bytes of heap a connection |");
            System.out.println("|---|---|");
            for (State state : states()) {
                System.out.printf(Locale.ROOT, "| %s | %d |%n", state.name(), hold(server.port(), state) - clients);
            }
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
            case "/large" -> Response.bytes(LARGE);
            default -> Response.text("fine");
        };
    }

    /** What a client's side of a connection takes that nobody accepts. */
    private long clientBytes() throws Exception {
        try (ServerSocketChannel silent =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4096)) {
            return hold(((InetSocketAddress) silent.getLocalAddress()).getPort(), State.of("", ""));
        }
    }

    private long hold(int port, State state) throws IOException, InterruptedException {
        List<SocketChannel> clients = new ArrayList<>(connections);
        long before = liveBytes();
        for (int i = 0; i < connections; i++) {
            SocketChannel client = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            clients.add(client);
            ByteBuffer sent = ByteBuffer.wrap(state.sent());
            while (sent.hasRemaining()) {
                client.write(sent);
            }
        }
        TimeUnit.SECONDS.sleep(2);
        long bytes = (liveBytes() - before) / connections;
        for (SocketChannel client : clients) {
            client.close();
        }
        TimeUnit.SECONDS.sleep(1);
        return bytes;
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

    private static byte[] zeros() {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        deflater.setInput(new byte[4_000_000]);
        byte[] compressed = new byte[4000];
        int unused = deflater.deflate(compressed, 0, compressed.length, Deflater.SYNC_FLUSH);
        deflater.end();
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
