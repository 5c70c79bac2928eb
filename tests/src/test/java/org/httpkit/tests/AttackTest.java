package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.httpkit.server.CloseReason.Cause;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.server.ServerObserver;
import org.httpkit.testkit.RawClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Crowds of clients that hold what they can: each ends by the cause that names it, and the others are served meanwhile. */
@PlainText("The crowd speaks plain text; TlsLoadTest has handshakes that stall")
class AttackTest extends ServerTest {
    private static final int CROWD = 200;
    private static final Duration SHORT = A_WHILE;
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final Handler FINE = request -> Response.text("fine");

    /** Drips a field without end. */
    private static final String HALF_HEAD = "GET / HTTP/1.1\r\nHost: test\r\nX: ";

    /** Without the recorder, which copies what it has with each call. */
    @Override
    HttpServer serve(Handler handler, UnaryOperator<HttpServer.Builder> options) throws IOException {
        return super.serve(handler, builder -> options.apply(builder.observer(new ServerObserver() {})));
    }

    /** Asks on one kept connection until the whole crowd has been sent away, for that cause. */
    private void serveBeside(HttpServer server, SlowClients crowd, Cause cause) throws IOException {
        RawClient normal = connect(server);
        long deadlineNanos = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        int served = 0;
        while (crowd.ended() < CROWD && System.nanoTime() < deadlineNanos) {
            assertThat(normal.send(get("/")).read().text()).isEqualTo("fine");
            served++;
        }
        assertThat(served).isPositive();
        eventually(() -> assertThat(server.stats().closes()).containsEntry(cause, (long) CROWD));
        eventually(() -> assertThat(server.stats().connectionsOpen()).isOne());
        assertThat(normal.send(get("/")).read().text()).isEqualTo("fine");
    }

    private SlowClients crowd(HttpServer server, String beginning, String drip) throws IOException {
        return closeLater(SlowClients.start(server.port(), CROWD, beginning, drip, PAUSE, false));
    }

    @Test
    void sendsClientsAwayWhoseHeadsDoNotEnd() throws Exception {
        HttpServer server = serve(FINE, options -> options.headerTimeout(SHORT));

        serveBeside(server, crowd(server, HALF_HEAD, "x"), Cause.HEADER_TIMEOUT);
    }

    @Test
    void sendsClientsAwayThatSayNothing() throws Exception {
        HttpServer server = serve(FINE, options -> options.headerTimeout(SHORT));

        serveBeside(server, crowd(server, "", ""), Cause.HEADER_TIMEOUT);
    }

    @Test
    void sendsClientsAwayWhoseBodiesStall() throws Exception {
        HttpServer server = serve(FINE, options -> options.bodyTimeout(SHORT));

        serveBeside(
                server,
                crowd(server, request("POST / HTTP/1.1", "Content-Length: 1000") + "x", ""),
                Cause.BODY_TIMEOUT);
    }

    @Test
    void sendsClientsAwayThatRestOnKeptConnections() throws Exception {
        HttpServer server = serve(FINE, options -> options.idleTimeout(SHORT));
        for (int i = 0; i < CROWD; i++) {
            connect(server).send(get("/")).read();
        }

        eventually(() -> assertThat(server.stats().closes()).containsEntry(Cause.IDLE_TIMEOUT, (long) CROWD));
        assertThat(server.stats().connectionsOpen()).isZero();
    }

    @Test
    void sendsClientsAwayThatDoNotReadTheirAnswers() throws Exception {
        int crowd = 20;
        Response large = Response.bytes(new byte[8 << 20]);
        HttpServer server = serve(
                request -> request.path().equals("/large") ? large : Response.text("fine"),
                options -> options.writeTimeout(SHORT));
        for (int i = 0; i < crowd; i++) {
            connect(server, 16 * 1024).send(get("/large"));
        }
        RawClient normal = connect(server);

        Awaitility.await().pollInterval(Duration.ofMillis(2)).untilAsserted(() -> {
            assertThat(normal.send(get("/")).read().text()).isEqualTo("fine");
            assertThat(server.stats().closes()).containsEntry(Cause.WRITE_TIMEOUT, (long) crowd);
        });
        assertThat(server.stats().connectionsOpen()).isOne();
    }

    // ---- how much a normal client feels of it

    private static final int ATTACKERS = 2000;
    private static final int ROUNDS = 3;
    private static final Duration ROUND = Duration.ofSeconds(12); // more than the header timeout

    /** Asks again and again for a round; returns what 99 of 100 requests took at most, in microseconds. */
    private static double p99Micros(RawClient client) throws IOException {
        byte[] request = get("/").getBytes(StandardCharsets.ISO_8859_1);
        long[] nanos = new long[1 << 21];
        int count = 0;
        long end = System.nanoTime() + ROUND.toNanos();
        long begun;
        while ((begun = System.nanoTime()) < end && count < nanos.length) {
            client.send(request).read();
            nanos[count++] = System.nanoTime() - begun;
        }
        Arrays.sort(nanos, 0, count);
        return nanos[count * 99 / 100] / 1000.0;
    }

    /**
     * The attackers come back as soon as they are sent away. Rounds without and with them alternate, and the median of their
     * ratios counts, since other programs come in between.
     */
    @Test
    @Timeout(240)
    void hardlySlowsANormalClientBeside2000SlowOnes() throws Exception {
        assumeTrue(Boolean.getBoolean("httpkit.long"), "Only with -Dhttpkit.long=true");
        HttpServer server = serve(FINE);
        RawClient normal = connect(server);
        p99Micros(normal); // until everything is compiled
        double[] ratios = new double[ROUNDS];
        long sentAway = 0;
        for (int round = 0; round < ROUNDS; round++) {
            double alone = p99Micros(normal);
            double beside;
            try (SlowClients crowd =
                    SlowClients.start(server.port(), ATTACKERS, HALF_HEAD, "x", Duration.ofSeconds(1), true)) {
                eventually(() -> assertThat(server.stats().connectionsOpen()).isGreaterThan(ATTACKERS * 9 / 10));
                beside = p99Micros(normal);
                Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> crowd.ended() >= ATTACKERS);
                sentAway += crowd.ended();
            }
            eventually(() -> assertThat(server.stats().connectionsOpen()).isOne());
            ratios[round] = beside / alone;
            System.out.printf(
                    "p99 alone %.0f us, beside %d slow clients %.0f us: %.2f times as much%n",
                    alone, ATTACKERS, beside, ratios[round]);
        }
        Arrays.sort(ratios);

        System.out.printf("Median %.2f; sent away: %d%n", ratios[ROUNDS / 2], sentAway);
        long atLeast = sentAway;
        eventually(() ->
                assertThat(server.stats().closes().get(Cause.HEADER_TIMEOUT)).isGreaterThanOrEqualTo(atLeast));
        assertThat(ratios[ROUNDS / 2]).isLessThanOrEqualTo(2);
    }
}
