package org.httpkit.internal.net;

/** Tells the relation of the calling thread to the loops, and so what it may do. Safe from any thread. */
public final class CallingThread {

    private CallingThread() {}

    /** Whether the caller is one of the loops' threads, even if it may block because it has put its loop down. */
    public static boolean isLoopThread() {
        return Thread.currentThread() instanceof LoopThread;
    }

    /** Whether the caller is on any loop, where nothing may block. */
    public static boolean isOnAnyLoop() {
        return LoopThread.callerHoldsAny();
    }

    /**
     * Makes a call of the application's code on this thread. If this is a loop, where the application wants its calls,
     * the server can interrupt the call when it stops, and no interrupt outlives the call.
     */
    public static void makeCall(Runnable call) {
        LoopThread.makeCall(call);
    }
}
