package org.httpkit;

import java.io.ByteArrayInputStream;
import java.util.Arrays;
import java.util.Objects;

/** A stream over bytes in memory: the {@code :body} of a request. Confined to one thread at a time. */
public class BytesInputStream extends ByteArrayInputStream {

    /**
     * Reads the first {@code length} bytes of an array, without a copy.
     *
     * @throws IndexOutOfBoundsException if the array is shorter
     */
    public BytesInputStream(byte[] bytes, int length) {
        super(bytes, 0, requireLength(length, bytes));
    }

    private static int requireLength(int length, byte[] bytes) {
        Objects.checkFromIndexSize(0, length, bytes.length);
        return length;
    }

    /** Returns a copy of all bytes, whether read or not. */
    public byte[] bytes() {
        return Arrays.copyOf(buf, count);
    }

    /** The number of bytes that the stream had at its beginning. */
    public int getCount() {
        return count;
    }

    /** Returns 0 if asked for no bytes, even at the end of the stream. */
    @Override
    public synchronized int read(byte[] target, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, target.length);
        return length == 0 ? 0 : super.read(target, offset, length);
    }

    @Override
    public String toString() {
        return "BytesInputStream[len=" + count + "]";
    }
}
