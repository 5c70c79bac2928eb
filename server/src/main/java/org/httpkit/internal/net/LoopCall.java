package org.httpkit.internal.net;

/** A call of the application's code that a loop makes itself, because it will probably be quick. */
public interface LoopCall {

    /**
     * Calls the application. During the call the thread is not on its loop: it may block, and then another thread
     * continues with the loop. Throws nothing.
     */
    void call();

    /**
     * Sends the result, on the thread that made the call; on the loop again unless the loop was lost.
     *
     * @param nanos the most time that the call can have taken
     */
    void finish(Effect effect, long nanos);

    /** The effect of the call on the loop. */
    enum Effect {
        /** The thread has its loop again. */
        KEPT_LOOP,
        /** Another thread has it, because this one got no processor for a while, or used it for too long. */
        LOST_LOOP,
        /** Another thread has it, because this one waited for something. */
        LOST_LOOP_WAITING
    }
}
