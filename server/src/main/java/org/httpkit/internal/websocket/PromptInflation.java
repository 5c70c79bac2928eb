package org.httpkit.internal.websocket;

/** How much of a message a loop inflates by itself before it leaves the rest to others. Stateless. */
final class PromptInflation {
    /** At most so many bytes: some 50 microseconds. */
    static final int MOST_BYTES = 16 * 1024;
    /** At least so many, */
    private static final int LEAST_BYTES = 2 * 1024;
    /** and as many as a message has that is not compressed more than so many times. */
    private static final int USUAL_RATIO = 16;

    private PromptInflation() {}

    /**
     * How many bytes that are.
     *
     * @param most {@link #MOST_BYTES}, or what somebody wants instead
     * @param received how much of the message has come, as it was sent
     */
    static long bytes(long most, long received) {
        return most != MOST_BYTES ? most : Math.min(MOST_BYTES, Math.max(LEAST_BYTES, USUAL_RATIO * received));
    }
}
