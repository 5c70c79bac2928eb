package org.httpkit.internal.net;

import java.util.function.IntConsumer;

/**
 * Finds batons that stay down for too long, by polling. Confined to the relay's thread.
 *
 * <p>It looks again a millisecond after it finds a baton down. It looks less often while no baton is down and none was
 * stuck lately: where timers are virtual, waking a thousand times a second can take a tenth of a core. It also looks
 * less often if the second look finds that the loop makes progress, however often its baton is put down.
 */
final class BatonWatch {
    /** The interval while a baton is down, or was stuck lately. */
    static final long ALERT_NANOS = 1_000_000;

    /** The interval otherwise. */
    static final long CALM_NANOS = 5_000_000;

    /** How long a stuck baton makes others likely. */
    private static final long ALERT_FOR_NANOS = 100_000_000;

    /** A look that comes this late shows only that this thread, or the whole JVM, was delayed. */
    private static final long LATE_NANOS = 3_000_000;

    /** How many looks without any change justify a rest. */
    private static final int QUIET_LOOKS = 20;

    private final Baton[] batons;
    private final long[] seen;
    private long lookedNanos;
    private long intervalNanos = ALERT_NANOS;
    private long calmFromNanos;
    private boolean wasLate;
    /** Whether the next look is the second at a baton that was down. */
    private boolean looksAgain;

    private int quietLooks;

    BatonWatch(Baton[] batons, long nowNanos) {
        this.batons = batons;
        this.seen = new long[batons.length];
        this.lookedNanos = nowNanos;
        this.calmFromNanos = nowNanos;
    }

    /** Reports each baton that has been down at least since the last look. */
    void look(long nowNanos, IntConsumer stuck) {
        boolean late = nowNanos - lookedNanos > intervalNanos + LATE_NANOS && !wasLate;
        wasLate = late;
        lookedNanos = nowNanos;
        boolean quiet = true;
        boolean down = false;
        for (int i = 0; i < batons.length; i++) {
            long turn = batons[i].turn();
            boolean isDown = Baton.isDown(turn);
            if (turn == seen[i] && isDown && !late) {
                calmFromNanos = nowNanos + ALERT_FOR_NANOS;
                stuck.accept(i);
            }
            quiet &= turn == seen[i] && !isDown;
            down |= isDown;
            seen[i] = turn;
        }
        looksAgain = down && !looksAgain;
        intervalNanos = looksAgain || nowNanos - calmFromNanos < 0 ? ALERT_NANOS : CALM_NANOS;
        quietLooks = quiet ? quietLooks + 1 : 0;
    }

    /** How soon to look again. */
    long intervalNanos() {
        return intervalNanos;
    }

    /** Whether nothing has changed for so long that looking may stop until something does. */
    boolean isQuiet() {
        return quietLooks >= QUIET_LOOKS;
    }
}
