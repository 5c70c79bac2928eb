package org.httpkit.internal.net;

/** A call of the application's code that a loop makes itself, because it will hardly take long. */
public interface Call {

    /**
     * Calls the application. The thread is not on its loop meanwhile: it may block, and then another thread goes on with the
     * loop. Throws nothing.
     */
    void call();

    /**
     * Sends what came of it; on the same thread, and on the loop again unless that has gone on without it.
     *
     * @param nanos how long the call took at most
     */
    void finish(long nanos);
}
