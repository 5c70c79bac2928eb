package org.httpkit.internal.http2;

/**
 * A flow-control window: how many more bytes of DATA may be sent in one direction of a stream or of the connection (RFC
 * 9113 section 6.9). Used by one thread at a time.
 *
 * <p>A sender charges the window before it writes, because the credit for the bytes may arrive before the write
 * returns.
 */
public final class FlowWindow {
    /** The largest legal window (section 6.9.1). */
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

    /**
     * How many bytes may be sent now; negative if the client has shrunk its window below what was sent (section 6.9.2).
     */
    public int bytes() {
        return bytes;
    }

    /**
     * Subtracts the bytes that this server sends.
     *
     * @throws IllegalArgumentException if the window has no room for them
     */
    public void charge(int sent) {
        if (sent < 0 || sent > Math.max(bytes, 0)) {
            throw new IllegalArgumentException("A window of " + bytes + " has no room for " + sent + " bytes");
        }
        bytes -= sent;
    }

    /** Subtracts the bytes that the client sends, padding included. */
    public void receive(int received) throws Http2ViolationException {
        if (received > Math.max(bytes, 0)) {
            throw violation(Http2Violation.CONNECTION_WINDOW_EXCEEDED, Http2Violation.WINDOW_EXCEEDED);
        }
        bytes -= received;
    }

    /** Adds the increment of a WINDOW_UPDATE, from either side. */
    public void credit(int increment) throws Http2ViolationException {
        long grown = (long) bytes + increment;
        if (grown > LARGEST) {
            throw violation(Http2Violation.CONNECTION_WINDOW_OVERFLOW, Http2Violation.WINDOW_OVERFLOW);
        }
        bytes = (int) grown;
    }

    /** Applies a change of INITIAL_WINDOW_SIZE, which affects only streams (section 6.9.2). */
    public void resize(int change) throws Http2ViolationException {
        long resized = (long) bytes + change;
        if (resized > LARGEST) {
            throw Http2Violation.INITIAL_WINDOW_OVERFLOW.exception();
        }
        // Cannot fall below -(2^31-1): the bytes sent fitted into a window, and a change subtracts at most one window.
        bytes = (int) Math.max(resized, -LARGEST);
    }

    private Http2ViolationException violation(Http2Violation ofConnection, Http2Violation ofStream) {
        return (connection ? ofConnection : ofStream).exception();
    }
}
