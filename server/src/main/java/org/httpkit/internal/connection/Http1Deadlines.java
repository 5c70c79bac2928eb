package org.httpkit.internal.connection;

import org.httpkit.internal.context.Timeouts;

/**
 * Since when an HTTP/1.1 connection waits for what, and until when it does. It has no clock: the time is handed in. Confined to its
 * loop thread.
 */
final class Http1Deadlines {
    /** How long a client that is refused waits for the page of an application. */
    private static final long PAGE_NANOS = 1_000_000_000L;

    /** When what is awaited now began: the connection, a head, a body, the rest. */
    private long sinceNanos;
    /** When input last came. */
    private long inputNanos;

    Http1Deadlines(long openedNanos, long nowNanos) {
        sinceNanos = openedNanos;
        inputNanos = nowNanos;
    }

    /** Input has come. */
    void input(long nowNanos) {
        inputNanos = nowNanos;
    }

    /** When input last came. */
    long inputNanos() {
        return inputNanos;
    }

    /** The connection rests since then. */
    void rests(long sinceNanos) {
        this.sinceNanos = sinceNanos;
    }

    /** With the input that came last, something has begun: a head, a body, or the first bytes of that. */
    void begins() {
        sinceNanos = inputNanos;
    }

    /** Since when the connection rests; what the peer takes of its last answer counts. */
    long restsSince(long progressNanos) {
        return Math.max(sinceNanos, progressNanos);
    }

    /** For the first byte on a new connection. */
    long first(Timeouts timeouts) {
        return Math.min(timeouts.header(sinceNanos), timeouts.idle(inputNanos));
    }

    /** For the page of a refusal, since which nothing has begun. */
    long page() {
        return sinceNanos + PAGE_NANOS;
    }

    long head(Timeouts timeouts) {
        return timeouts.header(sinceNanos);
    }

    /** When to look first at a body that has begun now. */
    long bodyBegun(Timeouts timeouts) {
        return Math.min(timeouts.body(inputNanos), inputNanos + Timeouts.RATE_GRACE_NANOS);
    }

    /**
     * When to look at a body again; that time has come if it is overdue, or came too slowly so far.
     *
     * @param bodyBytes how much of it has come
     * @param readerIsSlow whether its reader wants no more now, so that it is not the client who is slow
     */
    long body(Timeouts timeouts, long bodyBytes, boolean readerIsSlow, long nowNanos) {
        if (readerIsSlow) {
            inputNanos = nowNanos;
            sinceNanos = nowNanos;
        }
        sinceNanos = timeouts.rateSince(bodyBytes, sinceNanos, nowNanos);
        // A body that has not begun may take that long to begin, whatever comes of its framing meanwhile.
        long deadline = timeouts.body(bodyBytes == 0 ? sinceNanos : inputNanos);
        if (timeouts.isBodyTooSlow(bodyBytes, sinceNanos, nowNanos)) {
            return nowNanos;
        }
        return Math.min(deadline, nowNanos + Timeouts.RATE_GRACE_NANOS);
    }
}
