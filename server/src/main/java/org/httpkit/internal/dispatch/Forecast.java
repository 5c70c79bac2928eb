package org.httpkit.internal.dispatch;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Predicts which calls will be quick, from the recent times of calls of the same kind. Safe from any thread; concurrent
 * reports may overwrite each other, which loses only a little precision.
 *
 * <p>A kind is a hash. A call counts as quick after {@link #PROVEN} quick calls of its kind, each of which adds to the
 * kind's score. A slow call takes away a part of the score that grows with its time, up to half. So a kind that turns
 * slow takes about ten milliseconds of a loop until the forecast notices, whether its calls take 0.1 or 1 millisecond;
 * a quick kind whose calls occasionally had to wait for a processor keeps its score. A call found waiting on a loop
 * puts its kind into debt, which doubles each time and is forgiven slowly. Only those who know how kinds are hashed can
 * choose which kind to displace from the table.
 */
public class Forecast {
    /** A call that takes longer gains little from running on a loop, and delays others. */
    static final long QUICK_NANOS = 50_000;

    /** A call that takes this long halves the score of its kind. */
    static final long HALVING_NANOS = 1_000_000;

    /** Quick calls after which the next one is expected to be quick. */
    static final int PROVEN = 32;

    /** The score at which a group of kinds makes an unknown kind of the group count as quick. */
    static final int PROVEN_GROUP = 256;

    private static final int MAX_SCORE = 4096;
    private static final int MAX_WAITS = 11;
    private static final int SLOTS = 4096;

    /**
     * For each slot: a kind (32 bits), how often it was found waiting and not yet forgiven (8 bits), its score (24
     * bits, signed).
     */
    private final AtomicLongArray slots = new AtomicLongArray(SLOTS);

    /** Whether a call of this kind will probably be quick; a group of 0 means no group. */
    public boolean isQuick(int kind, int group) {
        long own = slots.getOpaque(slotOf(kind));
        if (kindOf(own) == kind && own != 0) {
            int score = scoreOf(own);
            if (score >= PROVEN || score <= 0) {
                return score > 0;
            }
        }
        return group != 0 && vouchesFor(group);
    }

    /** Notes how long a call took. */
    public void took(int kind, int group, long nanos) {
        boolean known = kindOf(slots.getOpaque(slotOf(kind))) == kind;
        if (known || group == 0 || nanos > QUICK_NANOS || !vouchesFor(group)) {
            note(kind, nanos); // a kind that is quick by its group needs no slot
        }
        if (group != 0) {
            note(group, nanos);
        }
    }

    /** Notes that a call on a loop was found waiting for something. */
    public void waited(int kind, int group) {
        noteWait(kind);
        if (group != 0) {
            noteWait(group);
        }
    }

    private boolean vouchesFor(int group) {
        long slot = slots.getOpaque(slotOf(group));
        return kindOf(slot) == group && scoreOf(slot) >= PROVEN_GROUP;
    }

    private void note(int kind, long nanos) {
        int index = slotOf(kind);
        long slot = slots.getOpaque(index);
        boolean quick = nanos <= QUICK_NANOS;
        if (kindOf(slot) != kind || slot == 0) {
            slots.setOpaque(index, contest(slot, kind, quick));
            return;
        }
        int score = scoreOf(slot);
        int waits = waitsOf(slot);
        if (!quick) {
            score = score <= 0 ? score : score - loss(score, nanos);
        } else if (score < MAX_SCORE) {
            score++;
        } else if (waits > 0) {
            waits--;
            score = MAX_SCORE / 2;
        } else {
            return; // at its maximum: no need to write
        }
        slots.setOpaque(index, slot(kind, waits, score));
    }

    private static int loss(int score, long nanos) {
        return (int) Math.max(1, score * Math.min(nanos, HALVING_NANOS) / (2 * HALVING_NANOS));
    }

    /** Wears down the score of another kind that holds the slot. */
    private static long contest(long holder, int kind, boolean quick) {
        int score = scoreOf(holder);
        if (score == 0) {
            return slot(kind, 0, quick ? 1 : 0);
        }
        return slot(kindOf(holder), waitsOf(holder), score > 0 ? score - 1 : score + 1);
    }

    private void noteWait(int kind) {
        int index = slotOf(kind);
        long slot = slots.getOpaque(index);
        int waits = kindOf(slot) == kind ? Math.min(waitsOf(slot) + 1, MAX_WAITS) : 1;
        slots.setOpaque(index, slot(kind, waits, -(PROVEN << waits)));
    }

    private static int slotOf(int kind) {
        return kind & (SLOTS - 1);
    }

    private static long slot(int kind, int waits, int score) {
        return ((long) kind << 32) | ((long) waits << 24) | (score & 0xff_ffff);
    }

    private static int kindOf(long slot) {
        return (int) (slot >> 32);
    }

    private static int waitsOf(long slot) {
        return (int) (slot >> 24) & 0xff;
    }

    private static int scoreOf(long slot) {
        return (int) slot << 8 >> 8;
    }
}
