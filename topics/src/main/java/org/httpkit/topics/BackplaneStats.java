package org.httpkit.topics;

/**
 * The state of a backplane. Immutable; for metrics.
 *
 * @param state whether this server reads the log at the moment
 * @param offset the offset up to which it has read
 * @param lagMillis how long after its publication the newest message arrived here, by the two servers' clocks
 * @param failures sessions that could not be opened, or broke, for reading or writing
 * @param gaps times that this server could not go on where it was, and its receivers got a notice
 * @param waiting records that wait for the broker
 */
public record BackplaneStats(State state, long offset, long lagMillis, long failures, long gaps, int waiting) {
    /** Whether this server reads the log. */
    public enum State {
        /** Not yet connected since the start. */
        CONNECTING,
        /** Connected: this server reads the log. */
        CONNECTED,
        /** Not connected at the moment: local receivers stay, and get missed messages when the broker is back. */
        DOWN
    }
}
