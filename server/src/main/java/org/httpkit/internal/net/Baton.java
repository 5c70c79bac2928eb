package org.httpkit.internal.net;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The right to run one loop. At most one thread holds it. The holder may put it down; then the first thread to pick it
 * up, that one or another, is the holder. Safe from any thread.
 *
 * <p>The turn counts every change: it is even while a thread holds the baton, odd while the baton is down. So an odd
 * turn identifies one putting down, and only one thread can pick the baton up at that turn. The next holder sees
 * everything that the last holder did.
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

    /** Puts the baton down. Only the holder may call this; returns the turn with which to pick it up. */
    long putDown() {
        assert !isDown(turn);
        long odd = turn + 1; // no other thread changes an even turn
        turn = odd;
        return odd;
    }

    /** Picks up the baton that was put down at this turn. Returns false if another thread was first. */
    boolean pickUp(long putDownTurn) {
        return TURN.compareAndSet(this, putDownTurn, putDownTurn + 1);
    }

    /** The current turn. */
    long turn() {
        return turn;
    }

    /** Whether the baton is down at this turn. */
    static boolean isDown(long turn) {
        return (turn & 1) != 0;
    }
}
