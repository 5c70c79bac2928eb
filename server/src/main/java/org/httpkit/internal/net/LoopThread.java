package org.httpkit.internal.net;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A thread that runs loops: one at a time, for as long as it holds the loop's {@link Baton}. Between two loops it stands by at
 * the {@link StandbyThreads}.
 */
final class LoopThread extends Thread {
    private static final long FAULT_PAUSE_NANOS = 10_000_000;

    private final StandbyThreads relay;

    /** The loop to go on with. Guarded by the relay. */
    @Nullable
    EventLoop given;

    /** Whether it was found waiting when its loop was given to another thread. Written before that can be known. */
    private volatile boolean waited;

    /** Whether it makes a call of the application's while it holds its loop, so that an interrupt is for that call. */
    private volatile boolean inCall;

    // Confined to this thread.
    private @Nullable EventLoop held;
    /** When the baton was put down last. */
    private long turn;

    LoopThread(StandbyThreads relay, String name) {
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
    EventLoop held() {
        return held;
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
        EventLoop loop = null;
        boolean over = false;
        while (!over) {
            try {
                if (loop == null) {
                    loop = relay.awaitLoop(this);
                    over = loop == null;
                }
                if (loop != null) {
                    held = loop;
                    loop.run();
                    held = null;
                    loop = null;
                }
            } catch (Throwable e) { // for want of memory, most likely: no loop is to be left without its thread
                LockSupport.parkNanos(this, FAULT_PAUSE_NANOS);
            }
        }
    }
}
