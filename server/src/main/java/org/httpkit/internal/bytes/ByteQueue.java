package org.httpkit.internal.bytes;

import java.util.Arrays;

/** A growing sequence of bytes in one array, from index 0. Used by one thread at a time. */
public final class ByteQueue {
    /** Most bytes in one queue; a caller that gathers more lacks a limit. */
    public static final int MAX_BYTES = 1 << 30;

    private static final byte[] DIGITS = new byte[200];
    private static final byte[] HEX_DIGITS = {
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
    };

    static {
        for (int i = 0; i < 100; i++) {
            DIGITS[2 * i] = (byte) ('0' + i / 10);
            DIGITS[2 * i + 1] = (byte) ('0' + i % 10);
        }
    }

    private byte[] array;
    private int length;

    /** Makes an empty queue with room for {@code capacity} bytes before it grows. */
    public ByteQueue(int capacity) {
        array = new byte[capacity];
    }

    /** The bytes, from index 0 to {@link #length}. The array changes when the queue grows. */
    public byte[] array() {
        return array;
    }

    public int length() {
        return length;
    }

    public boolean isEmpty() {
        return length == 0;
    }

    /** Removes the bytes; keeps the array. */
    public void clear() {
        length = 0;
    }

    /** Removes the bytes from index {@code length} on. */
    public void truncate(int length) {
        if (length < 0 || length > this.length) {
            throw new IllegalArgumentException("Length " + length + " is outside 0 to " + this.length);
        }
        this.length = length;
    }

    /** How many bytes fit before the queue grows. */
    public int capacity() {
        return array.length;
    }

    /** A copy of the bytes. */
    public byte[] toByteArray() {
        return copyFrom(0);
    }

    /** A copy of the bytes from an index on. */
    public byte[] copyFrom(int index) {
        return Arrays.copyOfRange(array, index, length);
    }

    /**
     * Makes room for {@code bytes} more bytes.
     *
     * @throws IllegalStateException if the queue would hold more than {@link #MAX_BYTES}
     */
    public void ensureFree(int bytes) {
        if (array.length - length < bytes) {
            grow(bytes);
        }
    }

    private void grow(int bytes) {
        long needed = (long) length + bytes;
        if (needed > MAX_BYTES) {
            throw new IllegalStateException("A queue of " + needed + " bytes; at most " + MAX_BYTES + " are allowed");
        }
        array = Arrays.copyOf(array, (int) Math.min(MAX_BYTES, Math.max(needed, Math.max(64L, 2L * array.length))));
    }

    /**
     * Adds {@code bytes} bytes that the caller has written into {@link #array} after the others, where {@link
     * #ensureFree} made room.
     */
    public void appended(int bytes) {
        if (bytes < 0 || bytes > array.length - length) {
            throw new IllegalArgumentException(
                    bytes + " bytes behind " + length + " are outside of an array of " + array.length);
        }
        length += bytes;
    }

    public void append(byte b) {
        ensureFree(1);
        array[length++] = b;
    }

    public void append(byte[] bytes) {
        append(bytes, 0, bytes.length);
    }

    public void append(byte[] bytes, int offset, int count) {
        ensureFree(count);
        System.arraycopy(bytes, offset, array, length, count);
        length += count;
    }

    /**
     * Appends the low eight bits of each character as a byte: correct for ISO-8859-1, the encoding of header fields.
     */
    @SuppressWarnings(
            "deprecation") // String.getBytes(int, int, byte[], int) does exactly this, without an array between.
    public void appendLatin1(String text) {
        int count = text.length();
        ensureFree(count);
        text.getBytes(0, count, array, length);
        length += count;
    }

    /** Appends the decimal digits of a number that is not negative. */
    public void appendDecimal(long number) {
        if (number < 0) {
            throw new IllegalArgumentException("Number " + number + " is negative");
        }
        ensureFree(19);
        int count = 1;
        for (long rest = number; rest >= 10; rest /= 10) {
            count++;
        }
        int end = length + count;
        long rest = number;
        int at = end;
        while (rest >= 100) {
            int pair = 2 * (int) (rest % 100);
            rest /= 100;
            array[--at] = DIGITS[pair + 1];
            array[--at] = DIGITS[pair];
        }
        if (rest >= 10) {
            array[--at] = DIGITS[2 * (int) rest + 1];
            array[--at] = DIGITS[2 * (int) rest];
        } else {
            array[--at] = (byte) ('0' + rest);
        }
        length = end;
    }

    /** Appends the hexadecimal digits of an unsigned number, without leading zeros. */
    public void appendHex(long number) {
        ensureFree(16);
        int count = Math.max(1, (67 - Long.numberOfLeadingZeros(number)) >>> 2);
        long rest = number;
        for (int at = length + count - 1; at >= length; at--) {
            array[at] = HEX_DIGITS[(int) rest & 15];
            rest >>>= 4;
        }
        length += count;
    }
}
