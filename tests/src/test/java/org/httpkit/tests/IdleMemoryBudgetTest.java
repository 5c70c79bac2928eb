package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.junit.jupiter.api.Test;

/** The heap that a connection holds while nothing happens on it. The clients are a process of their own. */
final class IdleMemoryBudgetTest extends ServerTest {
    private static final int CONNECTIONS = 2000;

    @Test
    void holdsAtMost1229BytesForAnIdleConnection() throws Exception {
        assertThat(bytesPerConnection("http", request -> Response.text("hello")))
                .isLessThanOrEqualTo(1229);
    }

    @Test
    void holdsAtMost1536BytesForAnIdleWebSocket() throws Exception {
        ChannelListener listener = new ChannelListener() {};
        assertThat(bytesPerConnection("websocket", request -> request.asChannel(listener)))
                .isLessThanOrEqualTo(1536);
    }

    private double bytesPerConnection(String kind, Handler handler) throws Exception {
        HttpServer server = closeLater(HttpServer.builder()
                .address("127.0.0.1", 0)
                .eventLoops(2)
                .handler(handler)
                .start());
        holdConnections(server, 200, kind, () -> 0L); // what is made once is not what a connection costs

        long before = liveBytes();
        long with = holdConnections(server, CONNECTIONS, kind, IdleMemoryBudgetTest::liveBytes);
        return (double) (with - before) / CONNECTIONS;
    }

    private interface Measurement {
        long take() throws IOException;
    }

    private static long holdConnections(HttpServer server, int count, String kind, Measurement measurement)
            throws Exception {
        Process clients = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
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
            return measurement.take();
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
