package org.httpkit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What an event says. */
final class EventTest {
    @Test
    void saysInWholeMillisecondsHowLongToWait() {
        Event event = Event.of("a").retry(Duration.ofNanos(1_500_999_999));

        assertThat(event.encoded()).isEqualTo("retry: 1500\ndata: a\n\n");
    }

    @Test
    void mayTellClientsNotToWait() {
        assertThat(Event.of("a").retry(Duration.ZERO).encoded()).isEqualTo("retry: 0\ndata: a\n\n");
    }

    @Test
    void refusesATimeToWaitThatClientsWouldIgnore() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Event.of("a").retry(Duration.ofMillis(-1)))
                .withMessage("retry is PT-0.001S; it must be from 0 to 3650 days");
    }
}
