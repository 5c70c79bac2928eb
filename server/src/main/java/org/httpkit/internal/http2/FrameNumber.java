package org.httpkit.internal.http2;

import java.nio.ByteBuffer;

/** Gathers a number of up to eight bytes, the first one highest, at any split of the input. Confined to its loop. */
final class FrameNumber {
    private long value;
    private int bytes;

    /**
     * Consumes input until the number has {@code length} bytes; returns whether it has. The next call then begins
     * another number.
     */
    boolean gather(ByteBuffer in, int length) {
        if (bytes == 0) {
            value = 0;
        }
        while (bytes < length) {
            if (!in.hasRemaining()) {
                return false;
            }
            value = value << 8 | (in.get() & 0xFF);
            bytes++;
        }
        bytes = 0;
        return true;
    }

    /** The number gathered last. */
    long value() {
        return value;
    }

    /** Its last four bytes. */
    int lowWord() {
        return (int) value;
    }

    /** The four bytes before them. */
    int highWord() {
        return (int) (value >>> 32);
    }

    /** Whether no number is incomplete. */
    boolean isUnbegun() {
        return bytes == 0;
    }
}
