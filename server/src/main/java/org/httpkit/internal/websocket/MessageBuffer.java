package org.httpkit.internal.websocket;

import java.util.Arrays;

/**
 * Collects the payload of one message that did not arrive in one piece. Confined to its loop thread.
 *
 * <p>It grows by doubling with what was received, never with what a frame declares. With its header the array has the size of a power of
 * two: one that is a few bytes larger would take up another region of the heap.
 */
final class MessageBuffer {
    private static final int ARRAY_HEADER_BYTES = 16;
    private static final int SMALLEST_CAPACITY = 256 - ARRAY_HEADER_BYTES;
    private static final int LARGEST_CAPACITY = Integer.MAX_VALUE - 8;
    private static final byte[] NOTHING = new byte[0];

    private byte[] bytes = NOTHING;
    private int length;

    /** @param expectedLength how long the message will be if all goes well; no room is made beyond it */
    void append(byte[] source, int offset, int count, long expectedLength) {
        reserve(count, expectedLength);
        System.arraycopy(source, offset, bytes, length, count);
        length += count;
    }

    /** Makes room for {@code count} more bytes, and for as many again as there are, but not beyond {@code largest}. */
    void reserve(int count, long largest) {
        int needed = Math.addExact(length, count);
        if (needed > bytes.length) {
            long doubled = Math.max(SMALLEST_CAPACITY, 2L * bytes.length + ARRAY_HEADER_BYTES);
            long capacity = Math.max(needed, Math.min(doubled, Math.min(largest, LARGEST_CAPACITY)));
            bytes = Arrays.copyOf(bytes, (int) capacity);
        }
    }

    /** Gives back what room there is. */
    void trim() {
        if (length < bytes.length) {
            bytes = Arrays.copyOf(bytes, length);
        }
    }

    /** The bytes, from index 0; valid until room is made. */
    byte[] array() {
        return bytes;
    }

    int length() {
        return length;
    }

    int room() {
        return bytes.length - length;
    }

    /** Counts bytes that somebody wrote into {@link #array} behind the end. */
    void wrote(int count) {
        length += count;
    }
}
