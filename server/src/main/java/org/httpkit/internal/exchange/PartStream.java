package org.httpkit.internal.exchange;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A stream from a position on, to which the first read skips. Used by one thread. */
final class PartStream extends FilterInputStream {
    private long ahead;

    PartStream(InputStream stream, long first) {
        super(stream);
        ahead = first;
    }

    @Override
    public int read() throws IOException {
        goAhead();
        return in.read();
    }

    @Override
    public int read(byte[] target, int offset, int count) throws IOException {
        goAhead();
        return in.read(target, offset, count);
    }

    private void goAhead() throws IOException {
        long count = ahead;
        ahead = 0;
        in.skipNBytes(count);
    }
}
