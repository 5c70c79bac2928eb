package org.httpkit.topics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** When a stream counts as idle, by a played clock. */
class IdleWheelTest {
    private static final long INTERVAL = 1600;

    private final IdleWheel wheel = new IdleWheel(INTERVAL);
    private final List<Receiver> idle = new ArrayList<>();

    private List<Receiver> at(long now) {
        idle.clear();
        wheel.advance(now, idle::add);
        return List.copyOf(idle);
    }

    private void sent(Receiver receiver) {
        receiver.sentTick = wheel.tick();
    }

    @Test
    void findsASilentReceiverBeforeTheIntervalIsOverAndAgainAnIntervalLater() {
        Receiver receiver = new PlayedReceiver();
        wheel.add(receiver, 10_000);
        assertThat(at(10_000 + 1499)).isEmpty();
        assertThat(at(10_000 + 1500)).containsExactly(receiver);
        assertThat(at(10_000 + 2999)).isEmpty();
        assertThat(at(10_000 + 3000)).containsExactly(receiver);
    }

    @Test
    void leavesAReceiverAloneThatIsSentTo() {
        Receiver busy = new PlayedReceiver();
        wheel.add(busy, 0);
        for (long now = 0; now < 10 * INTERVAL; now += INTERVAL / 2) {
            assertThat(at(now)).isEmpty();
            sent(busy);
        }
        long lastSent = 10 * INTERVAL - INTERVAL / 2;
        assertThat(at(lastSent + INTERVAL * 14 / 16 - 1)).isEmpty();
        assertThat(at(lastSent + INTERVAL * 15 / 16)).containsExactly(busy);
    }

    @Test
    void goesOnThoughItHasTurnedForLong() {
        Receiver silent = new PlayedReceiver();
        Receiver busy = new PlayedReceiver();
        wheel.add(silent, 0);
        wheel.add(busy, 0);
        int found = 0;
        for (int tick = 1; tick <= 15 * 5000; tick++) {
            List<Receiver> now = at(tick * (INTERVAL / 16));
            assertThat(now).doesNotContain(busy);
            found += now.size();
            sent(busy);
        }
        assertThat(found).isEqualTo(5000);
    }

    @Test
    void forgetsAReceiverThatIsGone() {
        Receiver receiver = new PlayedReceiver();
        wheel.add(receiver, 0);
        receiver.end();
        assertThat(wheel.isEmpty()).isFalse();
        assertThat(at(INTERVAL)).isEmpty();
        assertThat(wheel.isEmpty()).isTrue();
    }

    @Test
    void looksAtABoundedNumberInATurnAndAtTheOthersNext() {
        for (int i = 0; i < 2500; i++) {
            wheel.add(new PlayedReceiver(), 0);
        }
        List<Receiver> found = new ArrayList<>(at(1500));
        assertThat(found).hasSize(1024);
        assertThat(wheel.dueInNanos(1500)).isZero();
        found.addAll(at(1500));
        found.addAll(at(1500));
        assertThat(found).hasSize(2500).doesNotHaveDuplicates();
        assertThat(wheel.dueInNanos(1500)).isEqualTo(100);
    }

    @Test
    void catchesUpAfterALongPauseWithoutCountingEveryTickOfIt() {
        Receiver receiver = new PlayedReceiver();
        wheel.add(receiver, 0);
        long late = 1_000_000 * INTERVAL;
        int turns = 0;
        while (at(late + 100L * turns).isEmpty()) {
            turns++;
        }
        assertThat(turns).isLessThanOrEqualTo(15);
    }

    @Test
    void findsNobodyIfNobodyWantsToKnow() {
        IdleWheel none = new IdleWheel(0);
        none.add(new PlayedReceiver(), 0);
        assertThat(none.isEmpty()).isTrue();
    }

    /** Receivers come, go and get messages at random: no silence exceeds the interval, and the wheel finds none too early. */
    @Test
    void keepsEverySilenceWithinTheInterval() {
        long seed = System.nanoTime();
        for (long each : new long[] {1, seed}) {
            Random random = new Random(each);
            IdleWheel played = new IdleWheel(INTERVAL);
            Map<Receiver, Long> lastHeard = new HashMap<>();
            for (long now = 0; now < 60 * INTERVAL; now += 100) {
                long at = now;
                played.advance(now, receiver -> {
                    assertThat(at - lastHeard.get(receiver)).as("seed " + each).isGreaterThan(INTERVAL * 13 / 16);
                    lastHeard.put(receiver, at);
                });
                if (random.nextInt(4) == 0) {
                    Receiver come = new PlayedReceiver();
                    played.add(come, now);
                    lastHeard.put(come, now);
                }
                for (Receiver receiver : List.copyOf(lastHeard.keySet())) {
                    switch (random.nextInt(60)) {
                        case 0 -> {
                            receiver.end();
                            lastHeard.remove(receiver);
                        }
                        case 1, 2, 3 -> {
                            receiver.sentTick = played.tick();
                            lastHeard.put(receiver, now);
                        }
                        default ->
                            assertThat(now - lastHeard.get(receiver))
                                    .as("seed " + each)
                                    .isLessThanOrEqualTo(INTERVAL);
                    }
                }
            }
        }
    }
}
