package org.httpkit.internal.net;

import org.jspecify.annotations.Nullable;

/**
 * A thread that runs loops: one at a time, for as long as it holds the loop's {@link Baton}. Between two loops it stands by at
 * the {@link Relay}.
 */
final class LoopThread extends Thread {
    private final Relay relay;

    /** The loop to go on with. Guarded by the relay. */
    @Nullable
    EventLoop given;

    /** Whether it was found waiting when its loop was given to another thread. Written before that can be known. */
    private volatile boolean waited;

    // Confined to this thread.
    private @Nullable EventLoop held;
    /** When the baton was put down last. */
    private long turn;

    LoopThread(Relay relay, String name) {
        super(name);
        this.relay = relay;
    }

    /** Whether the caller holds a loop: then it must not block. */
    static boolean callerHoldsAny() {
        return Thread.currentThread() instanceof LoopThread self && self.held != null;
    }

    /** Whether the caller holds this loop. */
    static boolean callerHolds(EventLoop loop) {
        return Thread.currentThread() instanceof LoopThread self && self.held == loop;
    }

    /** The caller as what it is known to be. */
    static LoopThread caller() {
        return (LoopThread) Thread.currentThread();
    }

    /** The thread's call takes so long that its loop is about to be given to another: has it remember why. Any thread. */
    void lookAtReason() {
        waited = getState() != State.RUNNABLE;
    }

    /** After a loop was lost: what it was lost for. */
    Call.Effect reasonForLoss() {
        return waited ? Call.Effect.LOST_LOOP_WAITING : Call.Effect.LOST_LOOP;
    }

    /** Lets go of the loop it holds, so that it may block. */
    void putDown(Baton baton) {
        held = null;
        turn = baton.putDown();
    }

    /** Takes the loop again; false if another thread has. */
    boolean pickUp(Baton baton, EventLoop loop) {
        if (!baton.pickUp(turn)) {
            return false;
        }
        held = loop;
        return true;
    }

    @Override
    public void run() {
        for (EventLoop loop = relay.awaitLoop(this); loop != null; loop = relay.awaitLoop(this)) {
            held = loop;
            loop.run();
            held = null;
        }
    }
}
