package org.httpkit.internal.net;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A thread that runs loops: one at a time, for as long as it holds the loop's {@link Baton}. */
abstract class LoopThread extends Thread {
    /** Whether it was found waiting when another thread received its loop. Written before this thread can notice. */
    private volatile boolean waited;

    /**
     * Whether it makes a call of the application's code while it holds its loop, so that an interrupt is for that call.
     */
    private volatile boolean inCall;

    // Confined to this thread.
    /** Only ever compared, so any executor of commands serves as a loop here. */
    private @Nullable Executor held;
    /** The turn of the last putting down of the baton. */
    private long turn;

    LoopThread(String name) {
        super(name);
    }

    /** Whether the caller holds a loop, so that it must not block. */
    static boolean callerHoldsAny() {
        return Thread.currentThread() instanceof LoopThread self && self.held != null;
    }

    /** Whether the caller holds this loop. */
    static boolean callerHolds(Executor loop) {
        return Thread.currentThread() instanceof LoopThread self && self.held == loop;
    }

    /** Returns the caller, which must be a loop's thread. */
    static LoopThread caller() {
        return (LoopThread) Thread.currentThread();
    }

    /**
     * Makes a call of the application's code on the caller's thread, which may be a loop, where the application wants
     * its calls.
     */
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

    /** Interrupts the call of the application's code on the loop, if there is one. Any thread. */
    void interruptCall() {
        if (inCall) {
            interrupt(); // if the call ends at this moment, the loop clears the interrupt
        }
    }

    /** The loop that it holds; for other threads only a hint. */
    @Nullable
    Executor held() {
        return held;
    }

    /** Sets the loop, or none, that it holds from now on. This thread only. */
    final void hold(@Nullable Executor loop) {
        assert Thread.currentThread() == this;
        held = loop;
    }

    /** Whether a call of the application's code is running on the loop. Any thread. */
    boolean isInCall() {
        return inCall;
    }

    /** Remembers why the thread's call takes so long, before another thread receives its loop. Any thread. */
    void lookAtReason() {
        waited = getState() != State.RUNNABLE;
    }

    /** Returns why a loop was lost. */
    LoopCall.Effect reasonForLoss() {
        return waited ? LoopCall.Effect.LOST_LOOP_WAITING : LoopCall.Effect.LOST_LOOP;
    }

    /** Puts down the loop that it holds, so that it may block. */
    void putDown(Baton baton) {
        assert Thread.currentThread() == this;
        held = null;
        turn = baton.putDown();
    }

    /** Takes the loop again. Returns false if another thread has it. */
    boolean pickUp(Baton baton, Executor loop) {
        assert Thread.currentThread() == this;
        if (!baton.pickUp(turn)) {
            return false;
        }
        held = loop;
        return true;
    }
}
