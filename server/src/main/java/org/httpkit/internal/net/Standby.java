package org.httpkit.internal.net;

/** The threads that stand by for loops whose own gets stuck in a call, as a loop sees them. Safe from any thread. */
interface Standby {

    /**
     * Whether a loop may make a call: only while a thread stands by for each loop, so that none gets stuck. If not, that is
     * seen to.
     */
    boolean isReady();

    /** To be called after a loop's baton was put down. */
    void rouse();
}
