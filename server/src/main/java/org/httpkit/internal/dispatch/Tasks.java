package org.httpkit.internal.dispatch;

/** Handles a task that throws, for all pools. Immutable. */
final class Tasks {

    private Tasks() {}

    /** Passes the exception to the current thread's handler for uncaught exceptions; the thread continues. */
    static void reportUncaught(Throwable thrown) {
        Thread thread = Thread.currentThread();
        try {
            thread.getUncaughtExceptionHandler().uncaughtException(thread, thrown);
        } catch (Throwable alsoThrown) {
            // There is no one left to report to, and the pool needs its thread.
        }
    }
}
