package org.httpkit.internal.net;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The right to run one loop. At most one thread holds it; the holder may put it down, and then whoever is first to pick it up
 * is the holder: the same thread or another. Safe from any thread.
 *
 * <p>The turn counts every change: even while the baton is held, odd while it lies there. So an odd turn names one putting
 * down, and only one thread can pick up what was put down then. All that the last holder did before is seen by the next.
 */
final class Baton {
    private static final VarHandle TURN;

    static {
        try {
            TURN = MethodHandles.lookup().findVarHandle(Baton.class, "turn", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile long turn;

    /** Puts the baton down. For the holder alone; returns the turn to pick it up with. */
    long putDown() {
        assert !isDown(turn);
        long odd = turn + 1; // nobody else changes an even turn
        turn = odd;
        return odd;
    }

    /** Picks up the baton that was put down at this turn; false if somebody else was first. */
    boolean pickUp(long putDownTurn) {
        return TURN.compareAndSet(this, putDownTurn, putDownTurn + 1);
    }

    /** The turn as it is now. */
    long turn() {
        return turn;
    }

    /** Whether the baton lies there at this turn. */
    static boolean isDown(long turn) {
        return (turn & 1) != 0;
    }
}
