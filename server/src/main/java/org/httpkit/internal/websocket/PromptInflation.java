package org.httpkit.internal.websocket;

/** Computes how much of a message a loop inflates before it leaves the rest to other threads. Stateless. */
final class PromptInflation {
    /** The most bytes: about 50 microseconds. */
    static final int MOST_BYTES = 16 * 1024;
    /** The fewest bytes. */
    private static final int LEAST_BYTES = 2 * 1024;
    /** In between, a message with up to this compression ratio is inflated as a whole. */
    private static final int USUAL_RATIO = 16;

    private PromptInflation() {}

    /**
     * Returns how many bytes to inflate on the loop.
     *
     * @param most {@link #MOST_BYTES}, or another limit
     * @param received how many bytes of the message have arrived, counted on the wire
     */
    static long bytes(long most, long received) {
        return most != MOST_BYTES ? most : Math.min(MOST_BYTES, Math.max(LEAST_BYTES, USUAL_RATIO * received));
    }
}
