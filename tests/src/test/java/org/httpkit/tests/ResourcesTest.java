package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.ServerObserver;
import org.httpkit.testkit.RawWebSocket;
import org.junit.jupiter.api.Test;

/** What clients that come and go without manners leave behind: nothing. */
class ResourcesTest extends ServerTest {
    private static final int CYCLES = Rounds.of(10_000);

    /** Heap that may remain from other things: about a hundred bytes for each of the clients, less than any object of theirs holds. */
    private static final long HEAP_SLACK_BYTES = 1 << 20;

    /** Open files that come and go with other things, such as a class path that is read. */
    private static final long DESCRIPTOR_SLACK = 8;

    private record Usage(long descriptors, long ownThreads, long heapBytes) {
        static Usage now(UnixOperatingSystemMXBean system) {
            long heapBytes = IdleMemoryBudgetTest.liveBytes();
            return new Usage(system.getOpenFileDescriptorCount(), countOwnThreads(), heapBytes);
        }

        private static long countOwnThreads() {
            return ServerThreads.live().size();
        }

        /** A socket gives its descriptor back when its loop selects again, which is a moment after its connection has closed. */
        void awaitDescriptors(UnixOperatingSystemMXBean system) {
            eventually(() -> assertThat(system.getOpenFileDescriptorCount())
                    .as("descriptors")
                    .isLessThanOrEqualTo(descriptors + DESCRIPTOR_SLACK));
        }

        void assertNotMuchMoreThan(Usage before) {
            assertThat(heapBytes).as("heap").isLessThanOrEqualTo(before.heapBytes + HEAP_SLACK_BYTES);
        }
    }

    /** Answers at once, later, from a stream, or with a channel that stays open. */
    private static final Handler HANDLER = request -> switch (request.path()) {
        case "/large" -> Response.bytes(new byte[1 << 20]);
        case "/stream" ->
            Response.stream(out -> {
                for (int i = 0; i < 100; i++) {
                    out.write(new byte[10_000]);
                }
            });
        case "/channel" ->
            request.asChannel(new ChannelListener() {
                @Override
                public void onOpen(AsyncChannel channel) {
                    if (!channel.isWebSocket()) {
                        channel.send("first", false);
                    }
                }
            });
        default -> Response.text(request.body().text());
    };

    /** What a client has said when it goes away. */
    private static final String[] LAST_WORDS = {
        "",
        "GET / HT",
        get("/"),
        get("/large"),
        get("/stream"),
        get("/channel"),
        RawWebSocket.handshake("/channel"),
        RawWebSocket.handshake("/channel") + "\u0081",
        post("/", "whole"),
        request("POST / HTTP/1.1", "Content-Length: 100000") + "part",
        request("POST / HTTP/1.1", "Transfer-Encoding: chunked") + "5\r\nhel",
        get("/large") + get("/large") + get("/"),
        "NONSENSE\r\n\r\n",
    };

    /** Connects, says something, and leaves: with a reset, with an end, or after it has read a little. */
    private static void comeAndGo(HttpServer server, int cycle) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            String words = LAST_WORDS[cycle % LAST_WORDS.length];
            socket.getOutputStream().write(words.getBytes(StandardCharsets.ISO_8859_1));
            switch (cycle / LAST_WORDS.length % 3) {
                case 0 -> socket.setSoLinger(true, 0);
                case 1 -> socket.shutdownOutput();
                default -> {
                    if (words.endsWith("\r\n\r\n")) {
                        socket.setSoTimeout(10_000);
                        socket.getInputStream().read();
                    }
                    socket.setSoLinger(true, 0);
                }
            }
        }
    }

    private static void comeAndGoOften(HttpServer server, int cycles) throws IOException {
        for (int i = 0; i < cycles; i++) {
            comeAndGo(server, i);
        }
        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
        eventually(() -> assertThat(server.stats().exchangesRunning()).isZero());
    }

    /** How far the worker may grow while there is much to do; see {@code Worker}. */
    private static int mostWorkerThreads() {
        return 16 * Runtime.getRuntime().availableProcessors();
    }

    private final AtomicInteger failures = new AtomicInteger();

    /** Keeps nothing of what it receives. */
    private final ServerObserver counting = new ServerObserver() {
        @Override
        public void handlerFailed(Request request, Throwable failure) {
            failures.incrementAndGet();
        }

        @Override
        public void loopFailed(Throwable failure) {
            failures.incrementAndGet();
        }
    };

    private HttpServer start() throws IOException {
        return serve(HANDLER, options -> options.observer(counting).closeTimeout(Duration.ofMillis(500)));
    }

    @Test
    void areAsBeforeAfterTenThousandClientsThatBreakOff() throws Exception {
        assumeTrue(ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean);
        UnixOperatingSystemMXBean system = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        HttpServer first = start();
        comeAndGoOften(first, 500); // what is made once is no leak
        first.stop().get(10, TimeUnit.SECONDS);
        eventually(() -> assertThat(Usage.countOwnThreads()).isZero());
        Usage without = Usage.now(system);

        HttpServer server = start();
        comeAndGoOften(server, 500);
        Usage before = Usage.now(system);
        comeAndGoOften(server, CYCLES);
        before.awaitDescriptors(system);
        Usage after = Usage.now(system);
        server.stop().get(10, TimeUnit.SECONDS);
        eventually(() -> assertThat(Usage.countOwnThreads()).isZero());
        without.awaitDescriptors(system);
        Usage stopped = Usage.now(system);

        after.assertNotMuchMoreThan(before);
        assertThat(after.ownThreads).as("threads").isLessThanOrEqualTo(before.ownThreads + mostWorkerThreads());
        stopped.assertNotMuchMoreThan(without);
        assertThat(failures).hasValue(0);
    }
}
