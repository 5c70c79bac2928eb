package org.httpkit.internal.dispatch;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Guesses which calls will be quick, by how long calls of the same kind took lately. Safe from any thread; concurrent reports
 * may overwrite each other, which costs a little precision and nothing else.
 *
 * <p>A kind is a hash. A call is expected to be quick once so many of its kind have been so. A slow one takes a part of what was
 * earned that grows with its time, up to half: so a kind that turns slow costs a loop about ten milliseconds until that is
 * known, whether its calls take a tenth of a millisecond or ten tenths, while one that is quick but for a call now and then
 * that got no processor keeps its good name. One that was found waiting on a loop brings a debt, which doubles with each time and
 * is forgiven slowly. Nobody who does not know how kinds are hashed can choose whom to displace from the table.
 */
public class Forecast {
    /** A call that takes longer gains little by running on a loop, and holds up others. */
    static final long QUICK_NANOS = 50_000;

    /** A call that takes so long costs its kind half of what it has earned. */
    static final long HALVING_NANOS = 1_000_000;

    /** Quick calls after which the next one is expected to be quick. */
    static final int PROVEN = 32;

    /** What a whole group of kinds needs to vouch for a kind that is not known by itself. */
    static final int PROVEN_GROUP = 256;

    private static final int MAX_SCORE = 4096;
    private static final int MAX_WAITS = 11;
    private static final int SLOTS = 4096;

    /** A kind (32 bits), how often it was found waiting and not forgiven (8 bits), its score (24 bits, with a sign). */
    private final AtomicLongArray slots = new AtomicLongArray(SLOTS);

    /** Whether a call of this kind may be expected to be quick; a group of 0 is none. */
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
            note(kind, nanos); // a kind for which its group vouches needs no slot of its own
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
            return; // as good as it gets: no need to write
        }
        slots.setOpaque(index, slot(kind, waits, score));
    }

    private static int loss(int score, long nanos) {
        return (int) Math.max(1, score * Math.min(nanos, HALVING_NANOS) / (2 * HALVING_NANOS));
    }

    /** Another kind holds the slot: it has to be worn down first. */
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
