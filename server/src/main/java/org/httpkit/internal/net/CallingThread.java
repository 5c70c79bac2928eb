package org.httpkit.internal.net;

/** What the calling thread is to the loops, and what it may do therefore. From any thread. */
public final class CallingThread {

    private CallingThread() {}

    /** Whether it is one of the loops' threads, even if it may block because it has put its loop down. */
    public static boolean isLoopThread() {
        return Thread.currentThread() instanceof LoopThread;
    }

    /** Whether it is on any loop, where nothing may block. */
    public static boolean isOnAnyLoop() {
        return LoopThread.callerHoldsAny();
    }

    /**
     * Makes a call of the application's right here. If that is on a loop, because the application wants its calls made there, the call
     * can be interrupted when the server stops, and no interrupt outlives it.
     */
    public static void makeCall(Runnable call) {
        LoopThread.makeCall(call);
    }
}
