package org.httpkit.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ForecastTest {
    private static final int KIND = 0x1234_5678;
    private static final int OTHER = 0x2234_5678; // shares the slot
    private static final int GROUP = 0x0777_0001;
    private static final long QUICK = 1_000;
    private static final long SLOW = 1_000_000;

    private final Forecast forecast = new Forecast();

    private void take(int times, int kind, long nanos) {
        for (int i = 0; i < times; i++) {
            forecast.took(kind, 0, nanos);
        }
    }

    private boolean isQuick() {
        return forecast.isQuick(KIND, 0);
    }

    @Test
    void expectsNothingOfWhatIsNotKnown() {
        assertThat(isQuick()).isFalse();
        assertThat(forecast.isQuick(0, 0)).isFalse();
        assertThat(forecast.isQuick(KIND, GROUP)).isFalse();
    }

    @Test
    void expectsAQuickCallAfterThirtyTwoOfThem() {
        take(31, KIND, QUICK);
        assertThat(isQuick()).isFalse();

        take(1, KIND, Forecast.QUICK_NANOS);

        assertThat(isQuick()).isTrue();
        assertThat(forecast.isQuick(OTHER, 0)).isFalse();
    }

    @Test
    void halvesWhatWasEarnedWithEachCallOfAMillisecondOrMore() {
        take(128, KIND, QUICK);

        take(1, KIND, SLOW);
        take(1, KIND, 1000 * SLOW);
        assertThat(isQuick()).isTrue();

        take(1, KIND, SLOW);
        assertThat(isQuick()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {Forecast.QUICK_NANOS + 1, 100_000, 300_000, 1_000_000})
    void noticesThatAKindHasTurnedSlowWithinTenMillisecondsOfItsCalls(long nanos) {
        take(1_000_000, KIND, QUICK);

        long spent = 0;
        while (isQuick()) {
            take(1, KIND, nanos);
            spent += nanos;
        }

        assertThat(spent).isBetween(5_000_000L, 11_000_000L);
    }

    @Test
    void keepsExpectingAQuickCallIfOneInFortyGotNoProcessorForAMoment() {
        take(1000, KIND, QUICK);

        for (int i = 0; i < 10_000; i++) {
            take(1, KIND, i % 40 == 0 ? 2 * Forecast.QUICK_NANOS : QUICK);
            assertThat(isQuick()).isTrue();
        }
    }

    @Test
    void neverExpectsAKindToBeQuickThatIsSlowEveryFewCalls() {
        for (int i = 0; i < 10_000; i++) {
            take(1, KIND, i % 10 == 0 ? SLOW : QUICK);
            assertThat(isQuick()).isFalse();
        }
    }

    @Test
    void doublesTheWayBackWithEachWait() {
        for (int waits = 1; waits <= 11; waits++) {
            forecast.waited(KIND, 0);

            assertThat(callsUntilQuick()).isEqualTo((Forecast.PROVEN << waits) + Forecast.PROVEN);
        }
        forecast.waited(KIND, 0);
        assertThat(callsUntilQuick()).isEqualTo((Forecast.PROVEN << 11) + Forecast.PROVEN);
    }

    @Test
    void forgivesAWaitAfterThousandsOfQuickCalls() {
        forecast.waited(KIND, 0);
        forecast.waited(KIND, 0);
        callsUntilQuick();

        take(10_000, KIND, QUICK);
        forecast.waited(KIND, 0);

        assertThat(callsUntilQuick()).isEqualTo((Forecast.PROVEN << 1) + Forecast.PROVEN);
    }

    private int callsUntilQuick() {
        int calls = 0;
        while (!isQuick()) {
            take(1, KIND, QUICK);
            calls++;
        }
        return calls;
    }

    @Test
    void letsAGroupVouchForKindsItHasNotSeen() {
        for (int i = 0; i < Forecast.PROVEN_GROUP; i++) {
            forecast.took(i << 12, GROUP, QUICK); // like /users/1, /users/2 …
        }

        assertThat(forecast.isQuick(KIND, GROUP)).isTrue();
        assertThat(forecast.isQuick(KIND, GROUP + 1)).isFalse();
    }

    @Test
    void trustsAKindsOwnRecordMoreThanItsGroup() {
        forecast.waited(KIND, 0);
        for (int i = 0; i < Forecast.PROVEN_GROUP; i++) {
            forecast.took(i, GROUP, QUICK);
        }

        assertThat(forecast.isQuick(KIND, GROUP)).isFalse();
    }

    @Test
    void aWaitCostsTheGroupItsWord() {
        for (int i = 0; i < 1000; i++) {
            forecast.took(KIND, GROUP, QUICK);
        }

        forecast.waited(KIND + 1, GROUP);

        assertThat(forecast.isQuick(KIND + 2, GROUP)).isFalse();
        assertThat(forecast.isQuick(KIND, GROUP)).as("the kind's own record").isTrue();
    }

    @Test
    void wearsAKindDownBeforeAnotherOneTakesItsSlot() {
        take(100, KIND, QUICK);

        take(50, OTHER, QUICK);
        assertThat(isQuick()).isTrue();

        take(60, OTHER, QUICK);
        assertThat(isQuick()).isFalse();
        assertThat(callsUntilQuick()).isPositive();
    }

    @Test
    void survivesAFloodOfKindsThatComeOnce() {
        SplittableRandom random = new SplittableRandom(7);
        take(4096, KIND, QUICK);

        for (int i = 0; i < 100_000; i++) {
            forecast.took(random.nextInt(), 0, QUICK);
        }

        assertThat(isQuick()).isTrue();
    }
}
