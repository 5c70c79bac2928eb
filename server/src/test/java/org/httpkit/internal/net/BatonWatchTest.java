package org.httpkit.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BatonWatchTest {
    private final Baton first = new Baton();
    private final Baton second = new Baton();
    private final BatonWatch watch = new BatonWatch(new Baton[] {first, second}, 0);
    private long nowNanos;

    /** Looks when it is time to. */
    private List<Integer> look() {
        return lookAfter(watch.intervalNanos());
    }

    private List<Integer> lookAfter(long nanos) {
        nowNanos += nanos;
        List<Integer> stuck = new ArrayList<>();
        watch.look(nowNanos, stuck::add);
        return stuck;
    }

    @Test
    void tellsOfABatonThatLiesThereAtTwoLooks() {
        second.putDown();

        assertThat(look()).isEmpty();
        assertThat(look()).containsExactly(1);
    }

    @Test
    void tellsNothingOfABatonThatIsPutDownAgainAndAgain() {
        for (int i = 0; i < 100; i++) {
            long turn = first.putDown();
            assertThat(look()).isEmpty();
            first.pickUp(turn);
        }
    }

    @Test
    void tellsAgainUntilSomebodyPicksItUp() {
        long turn = first.putDown();
        look();

        assertThat(look()).containsExactly(0);
        assertThat(look()).containsExactly(0);
        first.pickUp(turn);
        assertThat(look()).isEmpty();
    }

    @Test
    void doesNotBlameACallForALookThatComesLate() {
        first.putDown();
        look();

        assertThat(lookAfter(100 * BatonWatch.CALM_NANOS)).isEmpty();
        assertThat(look()).containsExactly(0);
    }

    @Test
    void tellsEvenIfEveryLookComesLate() {
        first.putDown();
        lookAfter(100 * BatonWatch.CALM_NANOS);

        assertThat(lookAfter(100 * BatonWatch.CALM_NANOS)).containsExactly(0);
    }

    @Test
    void looksAgainSoonAtABatonThatLiesThere() {
        look();
        assertThat(watch.intervalNanos()).isEqualTo(BatonWatch.CALM_NANOS);
        long turn = first.putDown();
        look();
        assertThat(watch.intervalNanos()).isEqualTo(BatonWatch.ALERT_NANOS);

        first.pickUp(turn);
        look();
        assertThat(watch.intervalNanos()).isEqualTo(BatonWatch.CALM_NANOS);
    }

    @Test
    void looksNoMoreOftenThanThatAtALoopThatMovesOn() {
        for (int i = 0; i < 10; i++) {
            long turn = first.putDown();
            look();
            assertThat(watch.intervalNanos()).isEqualTo(i % 2 == 0 ? BatonWatch.ALERT_NANOS : BatonWatch.CALM_NANOS);
            first.pickUp(turn);
        }
    }

    @Test
    void looksMoreOftenForAWhileAfterOneWasStuck() {
        long turn = first.putDown();
        look();
        assertThat(look()).containsExactly(0);
        first.pickUp(turn);
        for (int i = 0; i < 99; i++) {
            look();
            assertThat(watch.intervalNanos()).isEqualTo(BatonWatch.ALERT_NANOS);
        }
        look();
        assertThat(watch.intervalNanos()).isEqualTo(BatonWatch.CALM_NANOS);
    }

    @Test
    void isQuietOnceNothingHasMovedForAWhile() {
        first.pickUp(first.putDown());
        look();
        assertThat(watch.isQuiet()).isFalse();

        for (int i = 0; i < 50; i++) {
            look();
        }

        assertThat(watch.isQuiet()).isTrue();
        first.pickUp(first.putDown());
        look();
        assertThat(watch.isQuiet()).isFalse();
    }

    @Test
    void isNeverQuietWhileABatonLiesThere() {
        first.putDown();
        for (int i = 0; i < 100; i++) {
            look();
            assertThat(watch.isQuiet()).isFalse();
        }
    }
}
