package org.httpkit.internal.http2;

import java.nio.ByteBuffer;

/** Reads the nine bytes that begin a frame (RFC 9113 section 4.1). Confined to its loop. */
final class FrameHead {
    /** A stream's number, without the reserved bit. */
    static final int STREAM_ID = 0x7FFF_FFFF;

    private static final int LENGTH_AND_TYPE_BYTES = 4;
    private static final int FLAGS_AND_STREAM_BYTES = 5;

    private final FrameNumber number;
    private boolean typeKnown;
    private FrameType type = FrameType.UNKNOWN;
    private int length;
    private int flags;
    private int streamId;

    FrameHead(FrameNumber number) {
        this.number = number;
    }

    /** Consumes input up to the end of the head; returns whether it is complete. */
    boolean read(ByteBuffer in) {
        if (!typeKnown) {
            if (!number.gather(in, LENGTH_AND_TYPE_BYTES)) {
                return false;
            }
            length = number.lowWord() >>> 8;
            type = FrameType.of(number.lowWord() & 0xFF);
            typeKnown = true;
        }
        if (!number.gather(in, FLAGS_AND_STREAM_BYTES)) {
            return false;
        }
        flags = number.highWord();
        streamId = number.lowWord() & STREAM_ID;
        typeKnown = false;
        return true;
    }

    /** Whether no byte of the next head has arrived. */
    boolean isUnbegun() {
        return !typeKnown && number.isUnbegun();
    }

    FrameType type() {
        return type;
    }

    /** The length of the payload. */
    int length() {
        return length;
    }

    int flags() {
        return flags;
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    int streamId() {
        return streamId;
    }
}
