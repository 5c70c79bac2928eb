package org.httpkit.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.httpkit.internal.context.Timeouts;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.junit.jupiter.api.Test;

/** When a connection is looked at next, by a clock that is handed in. */
final class Http1DeadlinesTest {
    private static final long SECOND = 1_000_000_000L;

    private final Timeouts timeouts = new Timeouts(HttpServer.builder()
            .handler(request -> Response.of(200))
            .headerTimeout(Duration.ofSeconds(10))
            .bodyTimeout(Duration.ofSeconds(30))
            .idleTimeout(Duration.ofSeconds(60))
            .minBodyRate(100)
            .options());
    private final Http1Deadlines deadlines = new Http1Deadlines(0, 0);

    @Test
    void waitsForTheFirstHeadAsLongAsForAnyHead() {
        assertThat(deadlines.first(timeouts)).isEqualTo(10 * SECOND);
    }

    @Test
    void restsSinceTheClientHasTakenItsLastAnswer() {
        deadlines.rests(5 * SECOND);

        assertThat(deadlines.restsSince(3 * SECOND)).isEqualTo(5 * SECOND);
        assertThat(deadlines.restsSince(8 * SECOND)).isEqualTo(8 * SECOND);
    }

    @Test
    void countsAHeadFromItsFirstBytes() {
        deadlines.input(7 * SECOND);
        deadlines.begins();
        deadlines.input(9 * SECOND);

        assertThat(deadlines.head(timeouts)).isEqualTo(17 * SECOND);
    }

    @Test
    void waitsForMoreOfABodySinceItsLastBytes() {
        deadlines.input(SECOND);
        deadlines.begins();

        assertThat(deadlines.body(timeouts, 10_000, false, 2 * SECOND)).isEqualTo(7 * SECOND);
        assertThat(deadlines.body(timeouts, 10_000, false, 30 * SECOND)).isEqualTo(31 * SECOND);
        assertThat(deadlines.body(timeouts, 10_000, false, 31 * SECOND)).isEqualTo(31 * SECOND);
    }

    @Test
    void endsABodyThatComesTooSlowly() {
        deadlines.input(0);
        deadlines.begins();
        deadlines.input(9 * SECOND);

        assertThat(deadlines.body(timeouts, 950, false, 9 * SECOND)).isGreaterThan(9 * SECOND);
        assertThat(deadlines.body(timeouts, 950, false, 10 * SECOND)).isEqualTo(10 * SECOND);
    }

    @Test
    void givesABodyThatHasNotBegunTheWholeTime() {
        deadlines.input(0);
        deadlines.begins();
        deadlines.input(20 * SECOND); // of its framing

        assertThat(deadlines.body(timeouts, 0, false, 29 * SECOND)).isEqualTo(30 * SECOND);
        assertThat(deadlines.body(timeouts, 0, false, 30 * SECOND)).isEqualTo(30 * SECOND);
    }

    @Test
    void blamesNoClientForASlowReader() {
        deadlines.input(0);
        deadlines.begins();

        assertThat(deadlines.body(timeouts, 1, true, 1000 * SECOND)).isEqualTo(1005 * SECOND);
    }
}
