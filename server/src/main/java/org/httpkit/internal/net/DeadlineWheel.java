package org.httpkit.internal.net;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The pending checks of one loop, sorted coarsely by time in a ring of slots. Confined to the loop thread.
 *
 * <p>Moving a deadline further away does nothing: the entry stays in its slot, and when the slot comes up, the entry
 * returns when to check again. So a busy connection needs one check per timeout, not one per request.
 */
public final class DeadlineWheel {
    /** Width of a slot: a check is late by at most about this much. */
    static final long TICK_NANOS = 1L << 25; // about 34 ms

    private static final int SLOTS = 512;
    private static final int MASK = SLOTS - 1;
    private static final long UNSCHEDULED = Long.MIN_VALUE;

    /** Something with a deadline, linked into the wheel. */
    public abstract static class Entry {
        private @Nullable Entry previous;
        private @Nullable Entry next;
        private long tick = UNSCHEDULED;

        /** Acts on what is overdue; returns when to check again, or {@link Protocol#NO_DEADLINE}. */
        protected abstract long check(long nowNanos);
    }

    private final long originNanos;
    private final @Nullable Entry[] slots = new @Nullable Entry[SLOTS];
    private final List<Entry> due = new ArrayList<>();
    private long lastTick;
    /** No slot before this tick has an entry. */
    private long earliestTick = Long.MAX_VALUE;

    private int size;

    public DeadlineWheel(long nowNanos) {
        this.originNanos = nowNanos;
    }

    /** Schedules a check of the entry at this time or a tick later; an earlier check stays scheduled. */
    public void checkBy(Entry entry, long nanos) {
        if (nanos == Protocol.NO_DEADLINE) {
            return;
        }
        long tick = Math.max(lastTick, tickOf(nanos)) + 1;
        if (entry.tick != UNSCHEDULED) {
            if (entry.tick <= tick) {
                return;
            }
            remove(entry);
        }
        insert(entry, tick);
    }

    /** Removes the entry, if it is present. */
    public void remove(Entry entry) {
        if (entry.tick == UNSCHEDULED) {
            return;
        }
        Entry previous = entry.previous;
        Entry next = entry.next;
        if (previous == null) {
            slots[(int) entry.tick & MASK] = next;
        } else {
            previous.next = next;
        }
        if (next != null) {
            next.previous = previous;
        }
        entry.previous = null;
        entry.next = null;
        entry.tick = UNSCHEDULED;
        size--;
    }

    /** Checks every entry whose time has come. */
    public void run(long nowNanos) {
        long now = tickOf(nowNanos);
        if (now < earliestTick) {
            lastTick = Math.max(lastTick, now);
            return;
        }
        // After a long pause one visit to every slot covers all ticks in between.
        for (long tick = Math.max(earliestTick, now - MASK); tick <= now; tick++) {
            takeDue((int) tick & MASK, now);
        }
        lastTick = now;
        earliestTick = size == 0 ? Long.MAX_VALUE : firstOccupiedAfter(now);
        for (int i = 0; i < due.size(); i++) {
            Entry entry = due.get(i);
            checkBy(entry, entry.check(nowNanos));
        }
        due.clear();
    }

    /** How long the loop may sleep, in milliseconds; 0 means without limit. */
    public long sleepMillis(long nowNanos) {
        if (size == 0) {
            return 0;
        }
        long nanos = originNanos + earliestTick * TICK_NANOS - nowNanos;
        return nanos <= 0 ? 1 : nanos / 1_000_000 + 1;
    }

    private void insert(Entry entry, long tick) {
        int slot = (int) tick & MASK;
        Entry first = slots[slot];
        entry.next = first;
        if (first != null) {
            first.previous = entry;
        }
        slots[slot] = entry;
        entry.tick = tick;
        earliestTick = Math.min(earliestTick, tick);
        size++;
    }

    private void takeDue(int slot, long now) {
        for (Entry entry = slots[slot]; entry != null; ) {
            Entry next = entry.next;
            if (entry.tick <= now) { // else it is due in a later round of the ring
                remove(entry);
                due.add(entry);
            }
            entry = next;
        }
    }

    /** The slot may hold only entries of a later round: then the loop wakes once for nothing, which is harmless. */
    private long firstOccupiedAfter(long tick) {
        for (long candidate = tick + 1; candidate <= tick + SLOTS; candidate++) {
            if (slots[(int) candidate & MASK] != null) {
                return candidate;
            }
        }
        return Long.MAX_VALUE;
    }

    private long tickOf(long nanos) {
        return (nanos - originNanos) / TICK_NANOS;
    }
}
