package org.httpkit.internal.net;

import java.util.function.IntConsumer;

/** Finds batons that lie there for too long, by looking at them again and again. Confined to the relay's thread. */
final class BatonWatch {
    /** How often to look while anything happens. */
    static final long INTERVAL_NANOS = 1_000_000;

    /** A look that comes so late says more about this thread, or the whole JVM, having been held up. */
    private static final long LATE_NANOS = 4 * INTERVAL_NANOS;

    /** Looks at which nothing has moved before it is worth resting. */
    private static final int QUIET_LOOKS = 50;

    private final Baton[] batons;
    private final long[] seen;
    private long lookedNanos;
    private boolean wasLate;
    private int quietLooks;

    BatonWatch(Baton[] batons, long nowNanos) {
        this.batons = batons;
        this.seen = new long[batons.length];
        this.lookedNanos = nowNanos;
    }

    /** Tells of each baton that has lain there since the last look at least. */
    void look(long nowNanos, IntConsumer stuck) {
        boolean late = nowNanos - lookedNanos > LATE_NANOS && !wasLate;
        wasLate = late;
        lookedNanos = nowNanos;
        boolean quiet = true;
        for (int i = 0; i < batons.length; i++) {
            long turn = batons[i].turn();
            if (turn == seen[i] && Baton.isDown(turn) && !late) {
                stuck.accept(i);
            }
            quiet &= turn == seen[i] && !Baton.isDown(turn);
            seen[i] = turn;
        }
        quietLooks = quiet ? quietLooks + 1 : 0;
    }

    /** Whether nothing has moved for so long that one may stop looking until something does. */
    boolean isQuiet() {
        return quietLooks >= QUIET_LOOKS;
    }
}
