package org.httpkit.internal.http2;

/**
 * Decides when the client gets back the credit for its bytes: as the application takes them, in portions of half a
 * window, so that there are few WINDOW_UPDATE frames and the client need never stop (RFC 9113 section 6.9). Used by one
 * thread at a time.
 */
public final class WindowCredit {
    private final int portionBytes;
    private int takenBytes;

    /** Makes the credit for a window of this size. */
    public WindowCredit(int windowBytes) {
        portionBytes = Math.max(1, windowBytes / 2);
    }

    /** Counts bytes that the application has taken, padding included; returns the increment to send now, or 0. */
    public int take(int bytes) {
        takenBytes += bytes;
        return takenBytes >= portionBytes ? flush() : 0;
    }

    /** Returns all credit that is due, however little. */
    public int flush() {
        int due = takenBytes;
        takenBytes = 0;
        return due;
    }
}
