package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.function.UnaryOperator;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testkit.TestCertificate;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The heap that a connection holds while nothing happens on it, and some 60 bytes for what else is loaded meanwhile. The clients
 * are a process of their own.
 */
@Tag("long")
final class IdleMemoryBudgetTest extends ServerTest {
    private static final int CONNECTIONS = 4000;

    /** Loads what a server loads a second after its start, when a test may be measuring. */
    @BeforeAll
    static void log() {
        System.getLogger("org.httpkit")
                .log(System.Logger.Level.DEBUG, "At " + ZonedDateTime.now(ZoneId.systemDefault()));
    }

    @Test
    void holdsAtMost980BytesForAnIdleConnection() throws Exception {
        assertHoldsAtMost(980, "http", request -> Response.text("hello"));
    }

    @Test
    void holdsAtMost1290BytesForAnIdleWebSocket() throws Exception {
        ChannelListener listener = new ChannelListener() {};
        assertHoldsAtMost(1290, "websocket", request -> request.asChannel(listener));
    }

    @Test
    void holdsAtMost2560BytesForAnIdleConnectionOfHttp2() throws Exception {
        assertHoldsAtMost(2560, "http2", request -> Response.text("hello"));
    }

    /** Most of it is the JDK's engine and its session, which differs from release to release. */
    @Test
    @Timeout(180)
    void holdsAtMost10000BytesForAnIdleConnectionOverTls() throws Exception {
        TestCertificate certificate = TestCertificate.localhost();
        int bytes = Runtime.version().feature() < 25 ? 10_000 : 6200;
        assertHoldsAtMost(bytes, 300, "https", builder -> builder.tls(certificate.tls()));
    }

    private void assertHoldsAtMost(int bytes, String kind, Handler handler) throws Exception {
        assertHoldsAtMost(bytes, CONNECTIONS, kind, builder -> builder.handler(handler));
    }

    private void assertHoldsAtMost(int bytes, int connections, String kind, UnaryOperator<HttpServer.Builder> options)
            throws Exception {
        HttpServer server = closeLater(options.apply(HttpServer.builder()
                        .address("127.0.0.1", 0)
                        .eventLoops(2)
                        .handler(request -> Response.text("hello")))
                .start());
        Measurement ofWarmUp = new Measurement(0, 200); // what is made once is not what a connection costs
        holdConnections(server, 200, kind, () -> ofWarmUp.awaitAtMost(Integer.MAX_VALUE));

        Measurement measurement = new Measurement(liveBytes(), connections);
        holdConnections(server, connections, kind, () -> measurement.awaitAtMost(bytes));

        assertThat(measurement.bytesPerConnection).isLessThanOrEqualTo(bytes);
    }

    private static final class Measurement {
        private final long before;
        private final int connections;
        double bytesPerConnection;

        Measurement(long before, int connections) {
            this.before = before;
            this.connections = connections;
        }

        /**
         * Some seconds at most: the last exchange is let go of when its connection is next looked at. Nothing is asserted here,
         * since that would load classes.
         */
        void awaitAtMost(int bytes) {
            long giveUp = System.nanoTime() + 20_000_000_000L;
            do {
                bytesPerConnection = (double) (liveBytes() - before) / connections;
            } while (bytesPerConnection > bytes && System.nanoTime() < giveUp);
        }
    }

    private static void holdConnections(HttpServer server, int count, String kind, Runnable measured) throws Exception {
        Process clients = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        IdleClients.class.getName(),
                        Integer.toString(server.port()),
                        Integer.toString(count),
                        kind)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(clients.getInputStream(), StandardCharsets.US_ASCII))) {
            assertThat(output.readLine()).isEqualTo("ready");
            eventually(() -> assertThat(server.stats().connectionsOpen()).isEqualTo(count));
            measured.run();
        } finally {
            clients.getOutputStream().close();
            clients.waitFor();
            eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
        }
    }

    /** Heap in use after collections, once it changes no more. */
    static long liveBytes() {
        long least = Long.MAX_VALUE;
        for (int unchanged = 0; unchanged < 3; ) {
            System.gc();
            long used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
            unchanged = used < least - 4096 ? 0 : unchanged + 1;
            least = Math.min(least, used);
        }
        return least;
    }
}
