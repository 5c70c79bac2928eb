package org.httpkit.internal.net;

/**
 * The threads that stand by for loops whose own thread gets stuck in a call, as a loop sees them. Safe from any thread.
 */
interface Standby {

    /**
     * Whether a loop may make a call: only while a thread stands by for each loop, so that none gets stuck. If not,
     * wakes the watcher, which starts threads.
     */
    boolean isReady();

    /** Must be called after a loop's baton was put down. */
    void rouse();
}
