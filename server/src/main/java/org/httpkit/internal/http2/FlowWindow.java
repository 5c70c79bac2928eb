package org.httpkit.internal.http2;

/**
 * How many bytes of DATA may still be sent in one direction of a stream or of the connection (RFC 9113 section 6.9). Used by one
 * thread at a time.
 *
 * <p>A sender charges the window before it writes, since the credit for what it writes may come back before the write has returned.
 */
public final class FlowWindow {
    /** The largest window there is (section 6.9.1). */
    public static final int LARGEST = Integer.MAX_VALUE;

    private final boolean connection;
    private int bytes;

    private FlowWindow(boolean connection, int bytes) {
        this.connection = connection;
        this.bytes = bytes;
    }

    /** The window of the whole connection. */
    public static FlowWindow ofConnection(int bytes) {
        return new FlowWindow(true, bytes);
    }

    /** The window of one stream. */
    public static FlowWindow ofStream(int bytes) {
        return new FlowWindow(false, bytes);
    }

    /** What may be sent now; negative if the client has made its window smaller than what was sent (section 6.9.2). */
    public int bytes() {
        return bytes;
    }

    /**
     * Takes off what we send.
     *
     * @throws IllegalArgumentException if the window has no room for it
     */
    public void charge(int sent) {
        if (sent < 0 || sent > Math.max(bytes, 0)) {
            throw new IllegalArgumentException("A window of " + bytes + " has no room for " + sent + " bytes");
        }
        bytes -= sent;
    }

    /** Takes off what the client sends, padding included. */
    public void receive(int received) throws Http2ViolationException {
        if (received > Math.max(bytes, 0)) {
            throw violation(Http2Violation.CONNECTION_WINDOW_EXCEEDED, Http2Violation.WINDOW_EXCEEDED);
        }
        bytes -= received;
    }

    /** Adds a WINDOW_UPDATE's increment, the client's or ours. */
    public void credit(int increment) throws Http2ViolationException {
        long grown = (long) bytes + increment;
        if (grown > LARGEST) {
            throw violation(Http2Violation.CONNECTION_WINDOW_OVERFLOW, Http2Violation.WINDOW_OVERFLOW);
        }
        bytes = (int) grown;
    }

    /** Follows a change of INITIAL_WINDOW_SIZE, which concerns streams alone (section 6.9.2). */
    public void resize(int change) throws Http2ViolationException {
        long resized = (long) bytes + change;
        if (resized > LARGEST) {
            throw Http2Violation.INITIAL_WINDOW_OVERFLOW.exception();
        }
        // Cannot fall below -(2^31-1): what was sent fitted into a window, and a change takes off no more than one.
        bytes = (int) Math.max(resized, -LARGEST);
    }

    private Http2ViolationException violation(Http2Violation ofConnection, Http2Violation ofStream) {
        return (connection ? ofConnection : ofStream).exception();
    }
}
