package org.httpkit.internal.net;

import java.util.function.IntConsumer;

/**
 * Finds batons that lie there for too long, by looking at them again and again. Confined to the relay's thread.
 *
 * <p>A baton that is found lying there is looked at again a millisecond later. While none is, and none was stuck lately, looks are
 * rarer: to wake up a thousand times a second can cost a core a tenth of its time where timers are virtual. So they are if the second
 * look finds that the loop moves on, however often its baton is put down.
 */
final class BatonWatch {
    /** How soon to look again while a baton lies there, or was stuck lately. */
    static final long ALERT_NANOS = 1_000_000;

    /** How soon otherwise. */
    static final long CALM_NANOS = 5_000_000;

    /** How long one that was stuck makes others likely. */
    private static final long ALERT_FOR_NANOS = 100_000_000;

    /** A look that comes so late says more about this thread, or the whole JVM, having been held up. */
    private static final long LATE_NANOS = 3_000_000;

    /** Looks at which nothing has moved before it is worth resting. */
    private static final int QUIET_LOOKS = 20;

    private final Baton[] batons;
    private final long[] seen;
    private long lookedNanos;
    private long intervalNanos = ALERT_NANOS;
    private long calmFromNanos;
    private boolean wasLate;
    /** Whether the next look is the second one at a baton that lay there. */
    private boolean looksAgain;

    private int quietLooks;

    BatonWatch(Baton[] batons, long nowNanos) {
        this.batons = batons;
        this.seen = new long[batons.length];
        this.lookedNanos = nowNanos;
        this.calmFromNanos = nowNanos;
    }

    /** Tells of each baton that has lain there since the last look at least. */
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

    /** Whether nothing has moved for so long that one may stop looking until something does. */
    boolean isQuiet() {
        return quietLooks >= QUIET_LOOKS;
    }
}
