package org.httpkit.internal.http2;

/**
 * The state of a stream (RFC 9113 section 5.1). A server that does not push has no reserved streams. There are several
 * closed states, because frames may still be on their way.
 *
 * <pre>
 *                         IDLE ───────────────────── SKIPPED (a later stream was opened)
 *                  HEADERS │
 *            ┌──────────── OPEN ────────────┐
 *  END_STREAM│of the client     END_STREAM  │of ours
 *  HALF_CLOSED_REMOTE               HALF_CLOSED_LOCAL
 *            └──────────── ENDED ───────────┘
 *   RST_STREAM in any of the three: RESET_BY_CLIENT, RESET_BY_SERVER
 * </pre>
 */
public enum StreamState {
    IDLE,
    OPEN,
    /** The client has ended its side. */
    HALF_CLOSED_REMOTE,
    /** The server has ended its side. */
    HALF_CLOSED_LOCAL,
    /** Both sides have ended. */
    ENDED,
    /** The client has reset it. */
    RESET_BY_CLIENT,
    /** The server has reset it, and drops the frames that the client sent before it knew. */
    RESET_BY_SERVER,
    /** Never used, and no longer usable (section 5.1.1). */
    SKIPPED;

    /** Whether the stream counts towards MAX_CONCURRENT_STREAMS (section 5.1.2). */
    public boolean isActive() {
        return this == OPEN || this == HALF_CLOSED_REMOTE || this == HALF_CLOSED_LOCAL;
    }

    /** Whether the client may still send on it. */
    public boolean receives() {
        return this == OPEN || this == HALF_CLOSED_LOCAL;
    }

    /** Whether the server may still send on it. */
    public boolean sends() {
        return this == OPEN || this == HALF_CLOSED_REMOTE;
    }
}
