package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RecordingObserver;
import org.httpkit.testkit.TestCertificate;
import org.junit.jupiter.api.AfterEach;

/** Serves on a free loopback port; checks after each test that nothing failed inside the server. */
abstract class ServerTest {
    /** Long enough that a server which answers at all has answered; waiting for it costs a passing test this much. */
    static final Duration A_MOMENT = Duration.ofMillis(100);

    /**
     * A time limit of a server's that its client keeps on a busy machine, too, if it goes on at once. A test that waits until the limit
     * has passed takes this long.
     */
    static final Duration A_WHILE = Duration.ofSeconds(1);

    /** Whether these tests run over TLS: by a system property, unless they are of plain text. */
    final boolean overTls = Boolean.getBoolean("httpkit.tls") && !getClass().isAnnotationPresent(PlainText.class);

    final RecordingObserver observer = new RecordingObserver();
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    @AfterEach
    void closeAll() throws Exception {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
        assertThat(observer.loopFailures()).isEmpty();
    }

    /** Has this closed when the test is over; what was opened last is closed first. */
    <T extends AutoCloseable> T closeLater(T resource) {
        opened.push(resource);
        return resource;
    }

    HttpServer serve(Handler handler) throws IOException {
        return serve(handler, options -> options);
    }

    HttpServer serve(Handler handler, UnaryOperator<HttpServer.Builder> options) throws IOException {
        HttpServer.Builder builder = HttpServer.builder()
                .address("127.0.0.1", 0)
                .eventLoops(2)
                .handler(handler)
                .observer(observer);
        if (overTls) {
            builder.tls(TestCertificate.localhost().tls());
        }
        return closeLater(options.apply(builder).start());
    }

    RawClient connect(HttpServer server) throws IOException {
        return closeLater(RawClient.connect(server));
    }

    RawClient connect(HttpServer server, int receiveBufferBytes) throws IOException {
        RawClient client = closeLater(RawClient.connect(server.port(), receiveBufferBytes));
        return server.options().tls() != null
                ? client.secure(TestCertificate.trusting(TestCertificate.localhost()))
                : client;
    }

    static String get(String path, String... fieldLines) {
        return request("GET " + path + " HTTP/1.1", fieldLines);
    }

    /** A POST with its length declared. */
    static String post(String path, String body, String... fieldLines) {
        return "POST " + path + " HTTP/1.1\r\nHost: test\r\n" + lines(fieldLines) + "Content-Length: " + body.length()
                + "\r\n\r\n" + body;
    }

    /** A head with a Host, and these field lines. */
    static String request(String requestLine, String... fieldLines) {
        return requestLine + "\r\nHost: test\r\n" + lines(fieldLines) + "\r\n";
    }

    static String chunk(String data) {
        return Integer.toHexString(data.length()) + "\r\n" + data + "\r\n";
    }

    /** Waits for another thread to come to a point. */
    static void await(CountDownLatch latch) throws InterruptedException {
        if (!latch.await(10, TimeUnit.SECONDS)) {
            throw new AssertionError("Not within 10 s");
        }
    }

    /** The same where nothing checked can be thrown. */
    static void hold(CountDownLatch latch) {
        try {
            await(latch);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Waits for what another thread does, such as the observer's calls behind an answer. */
    static void eventually(ThrowingRunnable assertions) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(2))
                .untilAsserted(assertions);
    }

    private static String lines(String... fieldLines) {
        StringBuilder lines = new StringBuilder();
        for (String line : fieldLines) {
            lines.append(line).append("\r\n");
        }
        return lines.toString();
    }
}
