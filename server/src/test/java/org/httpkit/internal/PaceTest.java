package org.httpkit.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How steps are spread over time. */
class PaceTest {
    private static final long SECOND = 1_000_000_000;
    private static final long NOW = -7 * SECOND; // a clock of nanoseconds may be anywhere

    @Test
    void keepsTheRateIfThereIsTime() {
        Pace pace = Pace.of(10, 5, NOW, NOW + 60 * SECOND);

        assertThat(pace.dueNanos(0)).isEqualTo(NOW);
        assertThat(pace.dueNanos(1)).isEqualTo(NOW + SECOND / 5);
        assertThat(pace.dueNanos(9)).isEqualTo(NOW + 9 * SECOND / 5);
    }

    @Test
    void isFasterIfTheLastWouldElseBeTooLate() {
        Pace pace = Pace.of(1000, 5, NOW, NOW + SECOND);

        assertThat(pace.dueNanos(1)).isEqualTo(NOW + SECOND / 1000);
        assertThat(pace.dueNanos(999)).isLessThan(NOW + SECOND);
    }

    @Test
    void doesAllAtOnceIfThereIsNoTimeLeftOrNoRate() {
        assertThat(Pace.of(1000, 5, NOW, NOW - SECOND).dueNanos(999)).isEqualTo(NOW);
        assertThat(Pace.of(1000, 0, NOW, NOW + SECOND).dueNanos(999)).isEqualTo(NOW);
    }

    @Test
    void hasNothingToSpreadWithoutSteps() {
        assertThat(Pace.of(0, 5, NOW, NOW + SECOND).stepNanos()).isZero();
    }
}
