package org.httpkit.internal.context;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.httpkit.internal.net.Protocol;
import org.httpkit.server.HttpServer;
import org.junit.jupiter.api.Test;

/** Until when each thing is waited for. The times are made up: nobody waits here. */
class TimeoutsTest {
    private static final long SECOND = 1_000_000_000;
    private static final long SINCE = -3 * SECOND; // a clock of nanoseconds may be anywhere

    private static Timeouts of(UnaryOperator<HttpServer.Builder> options) throws IOException {
        HttpServer.Builder builder =
                HttpServer.builder().address("127.0.0.1", 0).eventLoops(1).handler(request -> null);
        try (HttpServer server = options.apply(builder).start()) {
            return new Timeouts(server.options());
        }
    }

    /** A megabyte at once would be good for more than an hour of a byte every now and then. */
    @Test
    void judgesABodyThatWasQuickAtFirstByWhatComesAfterwards() throws IOException {
        Timeouts timeouts = of(options -> options.minBodyRate(240));
        long now = 100_000_000_000L;

        long since = timeouts.rateSince(1 << 20, now, now);
        assertThat(timeouts.isBodyTooSlow(1 << 20, since, now + 29_000_000_000L))
                .isFalse();
        assertThat(timeouts.isBodyTooSlow((1 << 20) + 2, since, now + 31_000_000_000L))
                .isTrue();

        assertThat(timeouts.rateSince(500, now, now + 2_000_000_000L)).isEqualTo(now);
        assertThat(of(options -> options.minBodyRate(0)).rateSince(1 << 20, now, now))
                .isEqualTo(now);
    }

    @Test
    void countsEachTimeoutFromItsOwnBeginning() throws IOException {
        Timeouts timeouts = of(options -> options.headerTimeout(Duration.ofSeconds(1))
                .bodyTimeout(Duration.ofSeconds(2))
                .idleTimeout(Duration.ofSeconds(3))
                .writeTimeout(Duration.ofSeconds(4))
                .closeTimeout(Duration.ofSeconds(5))
                .pingInterval(Duration.ofSeconds(6)));

        assertThat(timeouts.header(SINCE)).isEqualTo(SINCE + SECOND);
        assertThat(timeouts.body(SINCE)).isEqualTo(SINCE + 2 * SECOND);
        assertThat(timeouts.idle(SINCE)).isEqualTo(SINCE + 3 * SECOND);
        assertThat(timeouts.write(SINCE)).isEqualTo(SINCE + 4 * SECOND);
        assertThat(timeouts.close(SINCE, false)).isEqualTo(SINCE + 5 * SECOND);
        assertThat(timeouts.ping(SINCE, 0)).isEqualTo(SINCE + 6 * SECOND);
        assertThat(timeouts.ping(SINCE, 2)).as("after two pings").isEqualTo(SINCE + 18 * SECOND);
    }

    @Test
    void neverEndsWhatIsSwitchedOff() throws IOException {
        Timeouts timeouts = of(options -> options.headerTimeout(Duration.ZERO)
                .bodyTimeout(Duration.ZERO)
                .idleTimeout(Duration.ZERO)
                .writeTimeout(Duration.ZERO)
                .pingInterval(Duration.ZERO)
                .minBodyRate(0));

        assertThat(timeouts.header(SINCE)).isEqualTo(Protocol.NO_DEADLINE);
        assertThat(timeouts.body(SINCE)).isEqualTo(Protocol.NO_DEADLINE);
        assertThat(timeouts.idle(SINCE)).isEqualTo(Protocol.NO_DEADLINE);
        assertThat(timeouts.write(SINCE)).isEqualTo(Protocol.NO_DEADLINE);
        assertThat(timeouts.ping(SINCE, 0)).isEqualTo(Protocol.NO_DEADLINE);
        assertThat(timeouts.ping(SINCE, 2)).isEqualTo(Protocol.NO_DEADLINE);
        assertThat(timeouts.isBodyTooSlow(1, SINCE, SINCE + 1000 * SECOND)).isFalse();
    }

    @Test
    void doesNotWaitForAnEndIfTheCloseTimeoutIsSwitchedOff() throws IOException {
        Timeouts timeouts = of(options -> options.closeTimeout(Duration.ZERO));

        assertThat(timeouts.waitsForClose()).isFalse();
        assertThat(timeouts.close(SINCE, false)).isEqualTo(SINCE);
    }

    @Test
    void waitsASecondAtMostForAnEndWhileTheServerStops() throws IOException {
        assertThat(of(options -> options.closeTimeout(Duration.ofSeconds(5))).close(SINCE, true))
                .isEqualTo(SINCE + SECOND);
        assertThat(of(options -> options.closeTimeout(Duration.ofMillis(10))).close(SINCE, true))
                .isEqualTo(SINCE + SECOND / 100);
    }

    @Test
    void judgesTheRateOfABodyAfterFiveSecondsByItsAverage() throws IOException {
        Timeouts timeouts = of(options -> options.minBodyRate(100));

        assertThat(timeouts.isBodyTooSlow(1, SINCE, SINCE + 5 * SECOND))
                .as("too early")
                .isFalse();
        assertThat(timeouts.isBodyTooSlow(0, SINCE, SINCE + 10 * SECOND))
                .as("not begun: the body timeout's matter")
                .isFalse();
        assertThat(timeouts.isBodyTooSlow(999, SINCE, SINCE + 10 * SECOND)).isTrue();
        assertThat(timeouts.isBodyTooSlow(1000, SINCE, SINCE + 10 * SECOND)).isFalse();
    }

    @Test
    void doesNotOverflowWithTheLongestTimesAndRates() throws IOException {
        Timeouts timeouts =
                of(options -> options.idleTimeout(Duration.ofDays(3650)).minBodyRate(Integer.MAX_VALUE));
        long now = Duration.ofDays(3650).toNanos();

        assertThat(timeouts.idle(now)).isEqualTo(2 * now);
        assertThat(timeouts.isBodyTooSlow(Long.MAX_VALUE, 0, now)).isFalse();
        assertThat(timeouts.isBodyTooSlow(1L << 40, 0, now)).isTrue();
    }
}
