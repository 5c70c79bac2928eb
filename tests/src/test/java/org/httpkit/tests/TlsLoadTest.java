package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.httpkit.server.CloseReason.Cause;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.TestCertificate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** TLS while much happens: certificates that change under load, handshakes that do not go on. */
@PlainText("Each server here speaks TLS as its test says")
@Tag("long")
final class TlsLoadTest extends ServerTest {
    private static final int REQUESTS = 10_000;
    private static final int REQUESTS_OF_A_CONNECTION = 100;
    private static final int CLIENTS = 4;
    private static final int CHANGES = 20;

    /** All 2000 with {@code -Dhttpkit.long=true}. */
    private static final int STALLED = Boolean.getBoolean("httpkit.long") ? 2000 : 300;

    @TempDir
    Path folder;

    @Test
    @Timeout(120)
    void noRequestFailsWhileTheCertificateChanges() throws Exception {
        TestCertificate first = TestCertificate.make(folder, "localhost");
        TestCertificate second = TestCertificate.make(folder, "other");
        SSLContext both = TestCertificate.trusting(first, second);
        HttpServer server = serve(request -> Response.text(request.path()), options -> options.tls(first.tls()));
        AtomicInteger answered = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Future<?>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(threads.submit(() -> ask(server, both, answered)));
            }
            for (int i = 1; i <= CHANGES; i++) {
                int due = Math.min(i * REQUESTS / (CHANGES + 1), REQUESTS - 1);
                eventually(
                        Duration.ofSeconds(60), () -> assertThat(answered.get()).isGreaterThanOrEqualTo(due));
                TestCertificate next = i % 2 == 0 ? first : second;
                server.reconfigure(options -> options.tls(next.tls()));
                SSLContext nextAlone = TestCertificate.trusting(next);
                try (RawClient client = RawClient.connectInPlainText(server).secure(nextAlone)) {
                    assertThat(client.send(get("/new")).read().text()).isEqualTo("/new");
                }
            }
            for (Future<?> client : clients) {
                client.get(60, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(answered.get()).isEqualTo(REQUESTS);
        assertThat(server.stats().handshakesFailed()).isZero();
        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
        eventually(() -> assertThat(server.stats().closes().get(Cause.PEER_CLOSED))
                .isEqualTo(server.stats().connectionsAccepted()));
    }

    private static Void ask(HttpServer server, SSLContext trusting, AtomicInteger answered) throws IOException {
        for (int left = REQUESTS / CLIENTS; left > 0; left -= REQUESTS_OF_A_CONNECTION) {
            try (RawClient client = RawClient.connectInPlainText(server).secure(trusting)) {
                for (int i = 0; i < REQUESTS_OF_A_CONNECTION; i++) {
                    assertThat(client.send(get("/" + i)).read().text()).isEqualTo("/" + i);
                    answered.incrementAndGet();
                }
            }
        }
        return null;
    }

    /** Each has sent a part of a ClientHello, and goes on by a byte now and then. */
    @Test
    @Timeout(120)
    void handshakesThatStallHoldNobodyElseBack() throws Exception {
        Duration timeout = Duration.ofSeconds(6);
        HttpServer server = serve(
                request -> Response.text("fine"),
                options -> options.tls(TestCertificate.localhost().tls()).handshakeTimeout(timeout));
        RawClient kept = closeLater(RawClient.connect(server));
        assertThat(kept.send(get("/")).read().text()).isEqualTo("fine");
        String begun = new String(new byte[] {22, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3}, StandardCharsets.ISO_8859_1);
        long startedNanos = System.nanoTime();
        SlowClients stalled =
                closeLater(SlowClients.start(server.port(), STALLED, begun, "x", Duration.ofMillis(500), false));

        int served = 0;
        while (stalled.ended() < STALLED && System.nanoTime() - startedNanos < 60_000_000_000L) {
            assertThat(kept.send(get("/")).read().text()).isEqualTo("fine");
            try (RawClient fresh = RawClient.connect(server)) {
                assertThat(fresh.send(get("/")).read().text()).isEqualTo("fine");
            }
            served++;
        }

        assertThat(stalled.ended()).isEqualTo(STALLED);
        assertThat(served).isGreaterThan(10);
        eventually(() -> assertThat(server.stats().closes()).containsEntry(Cause.HANDSHAKE_TIMEOUT, (long) STALLED));
        assertThat(server.stats().handshakesFailed()).isEqualTo(STALLED);
        eventually(() -> assertThat(server.stats().connectionsOpen()).isOne());
    }

    private static void eventually(Duration atMost, org.awaitility.core.ThrowingRunnable assertions) {
        org.awaitility.Awaitility.await()
                .atMost(atMost)
                .pollInterval(Duration.ofMillis(2))
                .untilAsserted(assertions);
    }
}
