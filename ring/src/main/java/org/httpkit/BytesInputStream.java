package org.httpkit;

import java.io.ByteArrayInputStream;

/** Bytes that are all there, as a stream: the {@code :body} of a request. Confined to one thread at a time. */
public class BytesInputStream extends ByteArrayInputStream {

    /** The first {@code length} bytes of an array, which is not copied. */
    public BytesInputStream(byte[] bytes, int length) {
        super(bytes, 0, length);
    }

    /** The array itself, whatever has been read of it. */
    public byte[] bytes() {
        return buf;
    }

    /** How many bytes the stream had at its beginning. */
    public int getCount() {
        return count;
    }
}
