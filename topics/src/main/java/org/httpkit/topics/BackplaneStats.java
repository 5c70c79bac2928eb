package org.httpkit.topics;

/**
 * How a backplane is doing. Immutable; for metrics.
 *
 * @param state whether this server reads the log at the moment
 * @param offset up to where it has read
 * @param lagMillis how long after its publication the newest message came here, by the two servers' clocks
 * @param failures sessions that could not be opened, or broke, for reading or writing
 * @param gaps times that this server could not go on where it was; its receivers learn of it then
 * @param waiting records that wait for the broker
 */
public record BackplaneStats(State state, long offset, long lagMillis, long failures, long gaps, int waiting) {
    /** Whether this server reads the log. */
    public enum State {
        /** Not yet since the start. */
        CONNECTING,
        /** It does. */
        CONNECTED,
        /** Not at the moment: local receivers stay, and what they miss comes when the broker is back. */
        DOWN
    }
}
