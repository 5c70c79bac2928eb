package org.httpkit.internal.websocket;

import java.util.Arrays;

/**
 * Collects the payload of a message that arrives in several pieces. Confined to its loop thread.
 *
 * <p>It doubles as bytes arrive, and never grows because of a declared length. The array with its header has the size
 * of a power of two: a few bytes more would occupy another region of the heap.
 */
final class MessageBuffer {
    private static final int ARRAY_HEADER_BYTES = 16;
    private static final int SMALLEST_CAPACITY = 256 - ARRAY_HEADER_BYTES;
    private static final int LARGEST_CAPACITY = Integer.MAX_VALUE - 8;
    private static final byte[] NOTHING = new byte[0];

    private byte[] bytes = NOTHING;
    private int length;

    /** @param expectedLength the expected length of the message; the buffer makes no room beyond it */
    void append(byte[] source, int offset, int count, long expectedLength) {
        reserve(count, expectedLength);
        System.arraycopy(source, offset, bytes, length, count);
        length += count;
    }

    /**
     * Makes room for {@code count} more bytes, and doubles the array if it must grow, but not beyond {@code largest}.
     */
    void reserve(int count, long largest) {
        int needed = Math.addExact(length, count);
        if (needed > bytes.length) {
            long doubled = Math.max(SMALLEST_CAPACITY, 2L * bytes.length + ARRAY_HEADER_BYTES);
            long capacity = Math.max(needed, Math.min(doubled, Math.min(largest, LARGEST_CAPACITY)));
            bytes = Arrays.copyOf(bytes, (int) capacity);
        }
    }

    /** Releases unused room. */
    void trim() {
        if (length < bytes.length) {
            bytes = Arrays.copyOf(bytes, length);
        }
    }

    /** The bytes, from index 0; valid until the buffer grows. */
    byte[] array() {
        return bytes;
    }

    int length() {
        return length;
    }

    int room() {
        return bytes.length - length;
    }

    /** Counts bytes that the caller wrote into {@link #array} after the end. */
    void wrote(int count) {
        length += count;
    }
}
