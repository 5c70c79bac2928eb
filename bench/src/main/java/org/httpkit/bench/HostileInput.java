package org.httpkit.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import java.util.zip.Deflater;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Dispatch;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.WhenFull;

/**
 * What a byte of hostile input costs: CPU time of the event loops, and of the whole server besides, for each byte that a client
 * sends to be expensive. Prints a Markdown table. The client runs in this process; its threads do not count.
 *
 * <p>Input that soon ends its connection would carry the price of the connection in its bytes. So the program also opens each kind's
 * connections without the hostile part. What that takes is a separate column, and is subtracted from the bytes.
 *
 * <p>With {@code worker} the loop hands each request to another thread, which hands its end back: for requests of 27 bytes that is most of
 * the price. A loop with one client sleeps in between, and each request has to wake it. With many clients at once, as in an attack, the
 * loop always finds more work. With {@code adaptive}, the default of a server, the loop calls these handlers itself, and its time
 * includes theirs.
 *
 * <pre>java -cp ... org.httpkit.bench.HostileInput [seconds for each kind [worker or adaptive [clients at once]]]</pre>
 */
public final class HostileInput {
    private static final long WARM_CPU_NANOS = 10_000_000_000L;
    private static final int UNITS_AT_ONCE = 64 * 1024;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /** What one connection sends: an opening, then a part again and again. */
    private record Kind(String name, byte[] opening, byte[] unit, int units) {
        static Kind of(String name, String opening, String unit, int units) {
            return new Kind(name, latin1(opening), latin1(unit), units);
        }

        /** What a client sends that does not become hostile. */
        Kind harmless() {
            return new Kind(name, opening, unit, 0);
        }

        /** Everything in one array, which a client can send fastest. */
        byte[] all() {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.writeBytes(opening);
            for (int i = 0; i < units; i++) {
                all.writeBytes(unit);
            }
            return all.toByteArray();
        }
    }

    /** CPU time so far. */
    private record Cpu(long loops, long server) {
        static Cpu now() {
            long loops = 0;
            long server = 0;
            for (Thread thread : Thread.getAllStackTraces().keySet()) {
                if (thread.getName().startsWith("httpkit")) {
                    long nanos = Math.max(0, THREADS.getThreadCpuTime(id(thread)));
                    server += nanos;
                    loops += thread.getName().startsWith("httpkit-loop") ? nanos : 0;
                }
            }
            return new Cpu(loops, server);
        }

        Cpu since(Cpu before) {
            return new Cpu(loops - before.loops, server - before.server);
        }

        @SuppressWarnings("deprecation") // Java 17 has no other name for it
        private static long id(Thread thread) {
            return thread.getId();
        }
    }

    /** What connections took. */
    private record Cost(long connections, long sent, Cpu cpu) {
        double loopNanosEach() {
            return (double) cpu.loops() / connections;
        }

        double serverNanosEach() {
            return (double) cpu.server() / connections;
        }
    }

    private final int port;
    private final long seconds;
    private final int clients;

    private HostileInput(int port, long seconds, int clients) {
        this.port = port;
        this.seconds = seconds;
        this.clients = clients;
    }

    /** Prints a line for each kind of input. */
    public static void main(String[] arguments) throws Exception {
        long seconds = arguments.length > 0 ? Long.parseLong(arguments[0]) : 3;
        Dispatch dispatch =
                arguments.length > 1 ? Dispatch.valueOf(arguments[1].toUpperCase(Locale.ROOT)) : Dispatch.WORKER;
        int atOnce = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 1;
        try (HttpServer server = HttpServer.builder()
                .address("127.0.0.1", 0)
                .eventLoops(1)
                .dispatch(dispatch)
                .maxConnectionsPerAddress(0)
                .handler(HostileInput::answer)
                .start()) {
            System.out.println("| Input | bytes a connection | ns of a loop for each | ns of the server for each"
                    + " | ns of a loop for the connection besides |");
            System.out.println("|---|---|---|---|---|");
            HostileInput clients = new HostileInput(server.port(), seconds, atOnce);
            clients.warmUp();
            for (Kind kind : kinds()) {
                clients.measure(kind);
            }
        }
    }

    private static Response answer(Request request) throws Exception {
        return switch (request.path()) {
            case "/ws" ->
                request.asChannel(
                        ChannelOptions.DEFAULT.deflate(true).whenFull(WhenFull.REJECT), new ChannelListener() {
                            @Override
                            public void onText(AsyncChannel channel, String text) {}
                        });
            case "/text" -> Response.text(Integer.toString(request.body().text().length()));
            case "/" -> Response.text("fine");
            default -> Response.file(Path.of("/nowhere", request.path()));
        };
    }

    private static List<Kind> kinds() {
        String end = "Host: a\r\n\r\n";
        String get = "GET / HTTP/1.1\r\n" + end;
        String post = "POST / HTTP/1.1\r\nHost: a\r\n";
        String chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
        String handshake = "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
        String deflate = handshake + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
        handshake += "\r\n";
        return List.of(
                Kind.of("requests, pipelined", "", get, 2000),
                Kind.of("requests with 90 short fields", "", "GET / HTTP/1.1\r\n" + "a:b\r\n".repeat(90) + end, 200),
                Kind.of(
                        "requests with a field of 8 KB",
                        "",
                        "GET / HTTP/1.1\r\nA: " + "b".repeat(8000) + "\r\n" + end,
                        50),
                Kind.of(
                        "requests with a query of 8 KB, all escaped",
                        "",
                        "GET /?" + "%41".repeat(2600) + " HTTP/1.1\r\n" + end,
                        50),
                Kind.of("heads that never end", "GET / HTTP/1.1\r\n", "a: b\r\n", 60),
                Kind.of("a body", post + "Content-Length: 8000000\r\n\r\n", "x".repeat(8000), 1000),
                Kind.of("a body in chunks of one byte", chunked, "1\r\nx\r\n", 20_000),
                Kind.of("a body in chunks with extensions", chunked, "1;" + "e".repeat(14) + "\r\nx\r\n", 900),
                Kind.of(
                        "charsets that nobody knows",
                        "",
                        "POST / HTTP/1.1\r\nContent-Type: a/b;charset=x-nobody\r\nContent-Length: 1\r\n" + end + "x",
                        1000),
                Kind.of(
                        "the same, read as text",
                        "",
                        "POST /text HTTP/1.1\r\nContent-Type: a/b;charset=x-nobody\r\nContent-Length: 1\r\n" + end
                                + "x",
                        1000),
                Kind.of("files in 4000 folders", "", "GET /" + "x/".repeat(4000) + " HTTP/1.1\r\n" + end, 50),
                new Kind(
                        "WebSocket texts of one byte",
                        latin1(handshake),
                        frame(true, false, 1, new byte[] {'x'}),
                        20_000),
                new Kind(
                        "WebSocket pings without content",
                        latin1(handshake),
                        frame(true, false, 9, new byte[0]),
                        20_000),
                new Kind(
                        "WebSocket fragments without content",
                        latin1(handshake),
                        concat(
                                frame(false, false, 1, new byte[0]),
                                repeat(frame(false, false, 0, new byte[0]), 500),
                                frame(true, false, 0, new byte[0])),
                        40),
                new Kind(
                        "a WebSocket text of 1 MB, two bytes a character",
                        latin1(handshake),
                        frame(true, false, 1, "é".repeat(500_000).getBytes(StandardCharsets.UTF_8)),
                        3),
                new Kind(
                        "compressed messages of 2 MB of zeros, whole",
                        latin1(deflate),
                        frame(true, true, 2, deflated(new byte[2_000_000])),
                        20),
                new Kind(
                        "compressed messages of 4 MB of zeros, never ended",
                        latin1(deflate),
                        frame(false, true, 2, deflated(new byte[4_000_000])),
                        1),
                new Kind(
                        "compressed messages of 20 bytes",
                        latin1(deflate),
                        frame(true, true, 2, deflated(random(20))),
                        5_000),
                new Kind(
                        "compressed noise of 64 KB",
                        latin1(deflate),
                        frame(true, true, 2, deflated(random(64_000))),
                        20));
    }

    // ---- measuring

    /** Runs until the JVM has compiled the code, however little processor time it gets. */
    private void warmUp() throws IOException, InterruptedException {
        long before = Cpu.now().server();
        while (Cpu.now().server() - before < WARM_CPU_NANOS) {
            for (Kind kind : kinds()) {
                connection(kind.all());
            }
        }
    }

    private void measure(Kind kind) throws InterruptedException, ExecutionException {
        Cost harmless = connections(kind.harmless());
        Cost hostile = connections(kind);
        double bytes =
                (double) (hostile.sent() - kind.opening().length * hostile.connections()) / hostile.connections();
        System.out.printf(
                Locale.ROOT,
                "| %s | %.0f | %.0f | %.0f | %.0f |%n",
                kind.name(),
                bytes,
                (hostile.loopNanosEach() - harmless.loopNanosEach()) / bytes,
                (hostile.serverNanosEach() - harmless.serverNanosEach()) / bytes,
                harmless.loopNanosEach());
    }

    private Cost connections(Kind kind) throws InterruptedException, ExecutionException {
        byte[] all = kind.all();
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        LongAdder count = new LongAdder();
        LongAdder sent = new LongAdder();
        ExecutorService pool = Executors.newFixedThreadPool(clients);
        Cpu before = Cpu.now();
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            running.add(pool.submit(() -> {
                while (System.nanoTime() < end) {
                    sent.add(connection(all));
                    count.increment();
                }
                return null;
            }));
        }
        pool.shutdown();
        for (Future<?> client : running) {
            client.get();
        }
        return new Cost(count.sum(), sent.sum(), Cpu.now().since(before));
    }

    /** Sends everything, reads what comes, and closes. Returns how many bytes the server took. */
    private long connection(byte[] all) throws IOException, InterruptedException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setOption(StandardSocketOptions.SO_LINGER, 0);
            Thread reader = new Thread(() -> skip(socket), "reader");
            reader.setDaemon(true);
            reader.start();
            OutputStream out = socket.getOutputStream();
            int sent = 0;
            try {
                while (sent < all.length) {
                    int length = Math.min(UNITS_AT_ONCE, all.length - sent);
                    out.write(all, sent, length);
                    sent += length;
                }
                socket.shutdownOutput();
            } catch (IOException e) {
                // Refused. What was sent counts.
            }
            reader.join(2000);
            return sent;
        }
    }

    private static void skip(Socket socket) {
        byte[] bytes = new byte[64 * 1024];
        try {
            InputStream in = socket.getInputStream();
            int read = 0;
            while (read >= 0) {
                read = in.read(bytes);
            }
        } catch (IOException e) {
            // Reset.
        }
    }

    // ---- bytes

    private static byte[] frame(boolean fin, boolean compressed, int opcode, byte[] payload) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write((fin ? 0x80 : 0) | (compressed ? 0x40 : 0) | opcode);
        if (payload.length < 126) {
            frame.write(0x80 | payload.length);
        } else if (payload.length < 1 << 16) {
            frame.write(0x80 | 126);
            frame.write(payload.length >> 8);
            frame.write(payload.length);
        } else {
            frame.write(0x80 | 127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                frame.write((int) ((long) payload.length >>> shift));
            }
        }
        byte[] key = {1, 2, 3, 4};
        frame.writeBytes(key);
        for (int i = 0; i < payload.length; i++) {
            frame.write(payload[i] ^ key[i % 4]);
        }
        return frame.toByteArray();
    }

    private static byte[] deflated(byte[] content) {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        deflater.setInput(content);
        byte[] compressed = new byte[content.length + 1024];
        int length = deflater.deflate(compressed, 0, compressed.length, Deflater.SYNC_FLUSH);
        deflater.end();
        return Arrays.copyOf(compressed, length - 4); // RFC 7692 section 7.2.1
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(1).nextBytes(bytes);
        return bytes;
    }

    private static byte[] repeat(byte[] bytes, int times) {
        byte[][] all = new byte[times][];
        Arrays.fill(all, bytes);
        return concat(all);
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
