package org.httpkit;

import java.io.ByteArrayInputStream;
import java.util.Arrays;
import java.util.Objects;

/** Bytes that are all there, as a stream: the {@code :body} of a request. Confined to one thread at a time. */
public class BytesInputStream extends ByteArrayInputStream {

    /**
     * The first {@code length} bytes of an array, which is not copied.
     *
     * @throws IndexOutOfBoundsException if the array does not have so many
     */
    public BytesInputStream(byte[] bytes, int length) {
        super(bytes, 0, requireLength(length, bytes));
    }

    private static int requireLength(int length, byte[] bytes) {
        Objects.checkFromIndexSize(0, length, bytes.length);
        return length;
    }

    /** A copy of all bytes, whatever has been read of them. */
    public byte[] bytes() {
        return Arrays.copyOf(buf, count);
    }

    /** How many bytes the stream had at its beginning. */
    public int getCount() {
        return count;
    }

    /** To ask for no bytes is no end of the stream, not even at its end. */
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
