package org.httpkit.internal.connection;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Who may use a handshake: its loop, or the thread that computes for it. Neither waits for the other, and the thread calls
 * the loop only if the loop has input. The next holder sees everything that the last one did. Safe from both threads.
 *
 * <pre>
 *            the loop gives it   the loop has input   the thread gives it back   the thread's call comes
 * LOOP       THREAD              -                    -                          -
 * THREAD     -                   AWAITED              LOOP                       LOOP
 * AWAITED    -                   -                    -: it calls the loop       LOOP
 * </pre>
 */
final class HandshakeHolder {
    private enum Holder {
        LOOP,
        THREAD,
        /** As THREAD, and the loop has input for which it waits. */
        AWAITED
    }

    private static final VarHandle HOLDER;

    static {
        try {
            HOLDER = MethodHandles.lookup().findVarHandle(HandshakeHolder.class, "holder", Holder.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile Holder holder = Holder.LOOP;

    // ---- the loop

    /** The loop gives the handshake to a thread. */
    void giveToThread() {
        assert holder == Holder.LOOP;
        holder = Holder.THREAD;
    }

    /** Is called when there is input. Returns whether the loop has the handshake; if not, the thread will call. */
    boolean tryTake() {
        Holder before = (Holder) HOLDER.compareAndExchange(this, Holder.THREAD, Holder.AWAITED);
        return before == Holder.LOOP;
    }

    /** The loop has the handshake again, since the thread has called. */
    void take() {
        assert holder != Holder.LOOP;
        holder = Holder.LOOP;
    }

    // ---- the thread

    /** The thread gives the handshake back. Returns false if the loop waits for a call instead. */
    boolean tryGiveBack() {
        return HOLDER.compareAndSet(this, Holder.THREAD, Holder.LOOP);
    }
}
