package org.httpkit.internal.http2;

/**
 * When the client gets back the credit for what it sent: as the application takes it, in portions of half a window, so that there are
 * few WINDOW_UPDATE frames and the client need never stop (RFC 9113 section 6.9). Used by one thread at a time.
 */
public final class WindowCredit {
    private final int portionBytes;
    private int takenBytes;

    /** The credit for a window of that size. */
    public WindowCredit(int windowBytes) {
        portionBytes = Math.max(1, windowBytes / 2);
    }

    /** Notes bytes that are taken, padding included; returns the increment to send now, or 0. */
    public int take(int bytes) {
        takenBytes += bytes;
        return takenBytes >= portionBytes ? flush() : 0;
    }

    /** All that is due, however little; 0 if nothing is. */
    public int flush() {
        int due = takenBytes;
        takenBytes = 0;
        return due;
    }
}
