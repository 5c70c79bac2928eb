package org.httpkit.internal.net;

import org.jspecify.annotations.Nullable;

/** A thread that runs loops: one at a time, for as long as it holds the loop's {@link Baton}. */
abstract class LoopThread extends Thread {
    /** Whether it was found waiting when its loop was given to another thread. Written before that can be known. */
    private volatile boolean waited;

    /** Whether it makes a call of the application's while it holds its loop, so that an interrupt is for that call. */
    private volatile boolean inCall;

    // Confined to this thread.
    private @Nullable Loop held;
    /** When the baton was put down last. */
    private long turn;

    LoopThread(String name) {
        super(name);
    }

    /** Whether the caller holds a loop: then it must not block. */
    static boolean callerHoldsAny() {
        return Thread.currentThread() instanceof LoopThread self && self.held != null;
    }

    /** Whether the caller holds this loop. */
    static boolean callerHolds(Loop loop) {
        return Thread.currentThread() instanceof LoopThread self && self.held == loop;
    }

    /** The caller as what it is known to be. */
    static LoopThread caller() {
        return (LoopThread) Thread.currentThread();
    }

    /** Makes a call of the application's on the caller's thread, which may be a loop that the application wants its calls made on. */
    static void makeCall(Runnable call) {
        if (!(Thread.currentThread() instanceof LoopThread self) || self.inCall) {
            call.run();
            return;
        }
        self.inCall = true;
        try {
            call.run();
        } finally {
            self.inCall = false;
            Thread.interrupted(); // meant for the call
        }
    }

    /** Interrupts the call of the application's that is made on the loop, if there is one. Any thread. */
    void interruptCall() {
        if (inCall) {
            interrupt(); // if the call ends right now, the loop clears it
        }
    }

    /** The loop it holds, as far as another thread can tell. */
    @Nullable
    Loop held() {
        return held;
    }

    /** Holds that loop, or none, from now on. This thread only. */
    final void hold(@Nullable Loop loop) {
        assert Thread.currentThread() == this;
        held = loop;
    }

    /** Whether a call of the application's is made on the loop. Any thread. */
    boolean isInCall() {
        return inCall;
    }

    /** The thread's call takes so long that its loop is about to be given to another: has it remember why. Any thread. */
    void lookAtReason() {
        waited = getState() != State.RUNNABLE;
    }

    /** After a loop was lost: what it was lost for. */
    LoopCall.Effect reasonForLoss() {
        return waited ? LoopCall.Effect.LOST_LOOP_WAITING : LoopCall.Effect.LOST_LOOP;
    }

    /** Lets go of the loop it holds, so that it may block. */
    void putDown(Baton baton) {
        assert Thread.currentThread() == this;
        held = null;
        turn = baton.putDown();
    }

    /** Takes the loop again; false if another thread has. */
    boolean pickUp(Baton baton, Loop loop) {
        assert Thread.currentThread() == this;
        if (!baton.pickUp(turn)) {
            return false;
        }
        held = loop;
        return true;
    }
}
