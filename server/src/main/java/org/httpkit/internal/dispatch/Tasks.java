package org.httpkit.internal.dispatch;

/** What the pools do alike with a task that throws. Immutable. */
final class Tasks {

    private Tasks() {}

    /** Gives it to the current thread's handler for uncaught exceptions; the thread itself goes on. */
    static void reportUncaught(Throwable thrown) {
        Thread thread = Thread.currentThread();
        try {
            thread.getUncaughtExceptionHandler().uncaughtException(thread, thrown);
        } catch (Throwable alsoThrown) {
            // Nobody is left to tell, and the pool needs its thread.
        }
    }
}
