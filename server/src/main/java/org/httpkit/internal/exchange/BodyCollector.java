package org.httpkit.internal.exchange;

import java.util.Arrays;

/**
 * Collects a request body. Its memory grows with the bytes received, not with the declared length. Confined to its loop
 * thread.
 */
public final class BodyCollector {
    private static final int ARRAY_HEADER_BYTES = 16;
    /**
     * An array with its header has the size of a power of two: a few bytes more would occupy another region of the
     * heap.
     */
    private static final int FIRST_BYTES = 4096 - ARRAY_HEADER_BYTES;

    private final long declaredBytes;
    private byte[] bytes;
    private int length;

    /**
     * @param declaredBytes the declared length, or -1
     * @param atHandBytes how many bytes have arrived already
     */
    public BodyCollector(long declaredBytes, int atHandBytes) {
        this.declaredBytes = declaredBytes;
        int first = Math.max(FIRST_BYTES, atHandBytes);
        this.bytes = new byte[declaredBytes < 0 ? first : (int) Math.min(declaredBytes, first)];
    }

    public void append(byte[] source, int offset, int count) {
        if (bytes.length - length < count) {
            long wanted = Math.max(2L * bytes.length + ARRAY_HEADER_BYTES, (long) length + count);
            if (declaredBytes >= 0) {
                wanted = Math.min(wanted, declaredBytes);
            }
            bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, Integer.MAX_VALUE - 8));
        }
        System.arraycopy(source, offset, bytes, length, count);
        length += count;
    }

    /** Size of the array that holds the body, in bytes. */
    public int heldBytes() {
        return bytes.length;
    }

    public byte[] bytes() {
        return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }
}
