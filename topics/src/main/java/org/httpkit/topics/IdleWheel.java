package org.httpkit.topics;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds receivers to which nothing was sent for an interval. Confined to the thread of topics; no clock: the caller says
 * what time it is.
 *
 * <p>A receiver stands in the slot of the tick at which it would have been idle for long enough. A send only notes the
 * tick, so it takes one store; when the slot's tick comes, the receiver moves on to the slot of its last send.
 */
final class IdleWheel {
    private static final int SLOTS = 16;
    private static final int TICKS = SLOTS - 1;

    /** Receivers looked at in one turn, so that messages are not kept waiting. */
    private static final int MOST_IN_A_TURN = 1024;

    private final @Nullable Receiver[] slots = new Receiver[SLOTS];
    private final long tickNanos;
    /** It begins anew after the greatest; the wheel compares only ticks of one turn. */
    private short tick;

    private long tickedNanos;
    private int count;

    /** Those of this tick that have not been looked at. */
    private @Nullable Receiver due;

    /** @param intervalNanos 0 if nobody wants to know */
    IdleWheel(long intervalNanos) {
        this.tickNanos = intervalNanos / SLOTS;
    }

    /** The time as receivers note it. */
    short tick() {
        return tick;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Takes in a receiver that has just come; it leaves by being {@link Receiver.State#GONE}. */
    void add(Receiver receiver, long nowNanos) {
        if (tickNanos == 0) {
            return;
        }
        if (count == 0) {
            tickedNanos = nowNanos;
        }
        count++;
        receiver.sentTick = tick;
        put(receiver);
    }

    private void put(Receiver receiver) {
        int slot = (receiver.sentTick + TICKS) & (SLOTS - 1);
        receiver.nextIdle = slots[slot];
        slots[slot] = receiver;
    }

    /** How long until the next call of {@link #advance}; not to be asked while the wheel is empty. */
    long dueInNanos(long nowNanos) {
        return due != null ? 0 : tickedNanos + tickNanos - nowNanos;
    }

    /** Moves on to this time, or as far as one turn goes, and hands over those that are idle. */
    void advance(long nowNanos, Consumer<Receiver> idle) {
        for (int looked = 0; looked < MOST_IN_A_TURN && count > 0; ) {
            Receiver next = due;
            if (next != null) {
                due = next.nextIdle;
                look(next, idle);
                looked++;
            } else if (nowNanos - tickedNanos >= tickNanos) {
                beginTick(nowNanos);
            } else {
                return;
            }
        }
    }

    private void beginTick(long nowNanos) {
        boolean late = nowNanos - tickedNanos > SLOTS * tickNanos;
        tickedNanos = late ? nowNanos : tickedNanos + tickNanos;
        tick++;
        due = slots[tick & (SLOTS - 1)];
        slots[tick & (SLOTS - 1)] = null;
    }

    private void look(Receiver receiver, Consumer<Receiver> idle) {
        receiver.nextIdle = null;
        if (receiver.state() == Receiver.State.GONE) {
            count--;
            return;
        }
        if ((short) (tick - receiver.sentTick) >= TICKS) {
            idle.accept(receiver);
            receiver.sentTick = tick;
        }
        put(receiver);
    }
}
