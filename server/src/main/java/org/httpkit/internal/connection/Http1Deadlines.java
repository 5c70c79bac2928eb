package org.httpkit.internal.connection;

import org.httpkit.internal.context.Timeouts;

/**
 * Tracks what an HTTP/1.1 connection waits for, since when, and until when. It has no clock: callers pass the time.
 * Confined to its loop thread.
 */
final class Http1Deadlines {
    /** How long a refused client waits for the application's page. */
    private static final long PAGE_NANOS = 1_000_000_000L;

    /** When the connection began to wait for its current part: its first byte, a head, a body, rest. */
    private long sinceNanos;
    /** When input last came, or could be used after it had waited. */
    private long inputNanos;

    Http1Deadlines(long openedNanos, long nowNanos) {
        sinceNanos = openedNanos;
        inputNanos = nowNanos;
    }

    /** Notes that input has come, or that what had waited can be used. */
    void input(long nowNanos) {
        inputNanos = nowNanos;
    }

    /** When input last came, or could be used. */
    long inputNanos() {
        return inputNanos;
    }

    /** Notes that the connection has rested since then. */
    void rests(long sinceNanos) {
        this.sinceNanos = sinceNanos;
    }

    /** Notes that the last input began something: a head, a body, or the first bytes of a body. */
    void begins() {
        sinceNanos = inputNanos;
    }

    /** Since when the connection has rested; the peer's progress with its last answer counts as activity. */
    long restsSince(long progressNanos) {
        return Math.max(sinceNanos, progressNanos);
    }

    /** The deadline for the first byte on a new connection. */
    long first(Timeouts timeouts) {
        return Math.min(timeouts.header(sinceNanos), timeouts.idle(inputNanos));
    }

    /** The deadline for the page of a refusal; nothing has begun since the refusal. */
    long page() {
        return sinceNanos + PAGE_NANOS;
    }

    long head(Timeouts timeouts) {
        return timeouts.header(sinceNanos);
    }

    /** When to check first on a body that has just begun. */
    long bodyBegun(Timeouts timeouts) {
        return Math.min(timeouts.body(inputNanos), inputNanos + Timeouts.RATE_GRACE_NANOS);
    }

    /**
     * When to check on a body again; not later than now if it is overdue, or has come too slowly so far.
     *
     * @param bodyBytes how much of it has come
     * @param readerIsSlow whether its reader wants no more now, so that the client is not to blame for the delay
     */
    long body(Timeouts timeouts, long bodyBytes, boolean readerIsSlow, long nowNanos) {
        if (readerIsSlow) {
            inputNanos = nowNanos;
            sinceNanos = nowNanos;
        }
        sinceNanos = timeouts.rateSince(bodyBytes, sinceNanos, nowNanos);
        // A body that has not begun may take that long to begin, even if parts of its framing come meanwhile.
        long deadline = timeouts.body(bodyBytes == 0 ? sinceNanos : inputNanos);
        if (timeouts.isBodyTooSlow(bodyBytes, sinceNanos, nowNanos)) {
            return nowNanos;
        }
        return Math.min(deadline, nowNanos + Timeouts.RATE_GRACE_NANOS);
    }
}
