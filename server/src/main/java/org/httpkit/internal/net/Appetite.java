package org.httpkit.internal.net;

/**
 * How much of a peer's input one read takes: little at first, and as much as can be worked on in a short time once it
 * is known how long that takes. A byte, of which each link has one: the number of doublings.
 */
final class Appetite {
    /** How often the least can be doubled. */
    private static final int MOST_DOUBLINGS = 6;

    private static final int LEAST_BYTES = 1024;
    /** Up to this, requests that need two reads let it grow, because many requests are a little larger than the least. */
    private static final int SMALL_BYTES = 4 * 1024;
    /** A read that took less may take twice as much the next time. */
    private static final long QUICK_NANOS = 25_000;
    /** A read that took more takes half as much the next time. */
    private static final long SLOW_NANOS = 75_000;

    private Appetite() {}

    /** The bytes that one read takes at most: 1 to 64 KiB. */
    static int bytes(byte appetite) {
        return LEAST_BYTES << appetite;
    }

    /** Whether a read that took less than it was allowed changes it, too. */
    static boolean isSmall(byte appetite) {
        return bytes(appetite) < SMALL_BYTES;
    }

    /** The appetite after a read that took as much as it was allowed, and this long with the work on it. */
    static byte after(byte appetite, long nanos) {
        if (nanos < QUICK_NANOS) {
            return (byte) Math.min(MOST_DOUBLINGS, appetite + 1);
        }
        return nanos > SLOW_NANOS ? (byte) Math.max(0, appetite - 1) : appetite;
    }
}
