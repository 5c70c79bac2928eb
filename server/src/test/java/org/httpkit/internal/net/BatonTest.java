package org.httpkit.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class BatonTest {
    private final Baton baton = new Baton();

    @Test
    void isHeldUntilItIsPutDown() {
        assertThat(Baton.isDown(baton.turn())).isFalse();

        long turn = baton.putDown();

        assertThat(Baton.isDown(baton.turn())).isTrue();
        assertThat(baton.turn()).isEqualTo(turn);
    }

    @Test
    void isPickedUpOnceForEachPuttingDown() {
        long first = baton.putDown();

        assertThat(baton.pickUp(first)).isTrue();
        assertThat(baton.pickUp(first)).isFalse();
    }

    @Test
    void cannotBePickedUpWithATurnThatIsOver() {
        long first = baton.putDown();
        baton.pickUp(first);
        long second = baton.putDown();

        assertThat(baton.pickUp(first)).isFalse();
        assertThat(baton.pickUp(second)).isTrue();
    }

    /** The count is plain: it comes out right only if one thread at a time holds the baton and sees what the one before did. */
    @Test
    @Timeout(60)
    void isHeldByOneThreadAtATimeWhoSeesWhatTheLastHolderDid() throws InterruptedException {
        int rounds = 200_000;
        int[] count = {0};
        AtomicInteger picked = new AtomicInteger();
        CountDownLatch over = new CountDownLatch(3);
        List<Thread> threads = new ArrayList<>();
        baton.putDown();
        for (int i = 0; i < 3; i++) {
            threads.add(new Thread(() -> {
                while (count(count, rounds)) {
                    long turn = baton.turn();
                    if (Baton.isDown(turn) && baton.pickUp(turn)) {
                        count[0]++;
                        picked.incrementAndGet();
                        baton.putDown();
                    }
                }
                over.countDown();
            }));
        }

        threads.forEach(Thread::start);

        assertThat(over.await(50, TimeUnit.SECONDS)).isTrue();
        assertThat(count[0]).isEqualTo(picked.get());
    }

    private boolean count(int[] count, int rounds) {
        return baton.turn() >= 0 && count[0] < rounds; // the volatile read makes the plain one move
    }
}
