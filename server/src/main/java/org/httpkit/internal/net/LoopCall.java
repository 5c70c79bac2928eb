package org.httpkit.internal.net;

/** A call of the application's code that a loop makes itself, because it will hardly take long. */
public interface LoopCall {

    /**
     * Calls the application. The thread is not on its loop meanwhile: it may block, and then another thread goes on with the
     * loop. Throws nothing.
     */
    void call();

    /**
     * Sends what came of it; on the same thread, and on the loop again unless that was lost.
     *
     * @param nanos how long the call took at most
     */
    void finish(Effect effect, long nanos);

    /** What the call has meant for the loop. */
    enum Effect {
        /** The thread has its loop again. */
        KEPT_LOOP,
        /** Another thread has it, since this one got no processor for a while, or needed it for too long. */
        LOST_LOOP,
        /** Another thread has it, since this one waited for something. */
        LOST_LOOP_WAITING
    }
}
