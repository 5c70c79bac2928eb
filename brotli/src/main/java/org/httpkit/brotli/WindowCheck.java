package org.httpkit.brotli;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Passes on a Brotli stream unless the window in its first byte (RFC 7932 section 9.1) is too large. For one thread at a time. */
final class WindowCheck extends FilterInputStream {
    /** 4 MiB: the default of encoders. */
    private static final int MOST_BITS = 22;

    private boolean isChecked;

    WindowCheck(InputStream coded) {
        super(coded);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        int length = read(one, 0, 1);
        return length < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int read = super.read(target, offset, length);
        if (read > 0 && !isChecked) {
            isChecked = true;
            check(target[offset] & 0xFF);
        }
        return read;
    }

    private static void check(int first) throws IOException {
        int bits = windowBits(first);
        if (bits > MOST_BITS) {
            throw new IOException(
                    "The Brotli stream has a window of 2^" + bits + " bytes; at most 2^" + MOST_BITS + " are accepted");
        }
    }

    /** WBITS by the first byte; that of large windows, which the RFC does not know, counts as too large. */
    static int windowBits(int first) {
        if ((first & 1) == 0) {
            return 16;
        }
        int upper = (first >> 1) & 7;
        if (upper != 0) {
            return 17 + upper;
        }
        int lower = (first >> 4) & 7;
        return lower == 0 ? 17 : lower == 1 ? Integer.MAX_VALUE : 8 + lower;
    }
}
