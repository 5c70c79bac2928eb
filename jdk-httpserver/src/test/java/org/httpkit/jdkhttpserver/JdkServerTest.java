package org.httpkit.jdkhttpserver;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RecordingObserver;
import org.junit.jupiter.api.AfterEach;

/** Serves by the JDK's API on a free loopback port. */
abstract class JdkServerTest {
    static final Duration A_MOMENT = Duration.ofMillis(100);

    final RecordingObserver observer = new RecordingObserver();
    final HttpKitProvider provider = new HttpKitProvider(options -> options.observer(observer));
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    @AfterEach
    void closeAll() throws Exception {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }

    <T extends AutoCloseable> T closeLater(T resource) {
        opened.push(resource);
        return resource;
    }

    static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    /** A server that is bound, and will be stopped. */
    HttpServer bound() throws IOException {
        HttpServer server = provider.createHttpServer(anyPort(), 0);
        opened.push(() -> server.stop(0));
        return server;
    }

    /** A server with a handler for all paths. */
    HttpServer serve(HttpHandler handler) throws IOException {
        HttpServer server = bound();
        server.createContext("/", handler);
        server.start();
        return server;
    }

    RawClient connect(HttpServer server) throws IOException {
        return closeLater(RawClient.connect(server.getAddress().getPort()));
    }

    static String get(String path, String... fieldLines) {
        return "GET " + path + " HTTP/1.1\r\nHost: a\r\n" + lines(fieldLines) + "\r\n";
    }

    static String post(String path, String body) {
        return "POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static void await(CountDownLatch latch) {
        try {
            if (!latch.await(10, TimeUnit.SECONDS)) {
                throw new AssertionError("Not within 10 s");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static String lines(String... fieldLines) {
        StringBuilder lines = new StringBuilder();
        for (String line : fieldLines) {
            lines.append(line).append("\r\n");
        }
        return lines.toString();
    }
}
