package org.httpkit.internal.http2;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Recognizes the 24 bytes that a client's HTTP/2 connection begins with (RFC 9113 section 3.4). Confined to its loop thread. */
public final class ConnectionPreface {
    /** What the input has come to. */
    public enum Match {
        /** All of the input was the preface, and there is more to come. */
        NEED_INPUT,
        /** The whole preface was consumed. */
        COMPLETE,
        /** The next byte of the input is not that of the preface; what matched before is {@link #matched}. */
        OTHER
    }

    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private int length;

    public ConnectionPreface() {}

    /** Consumes input as far as it is the preface. */
    public Match advance(ByteBuffer in) {
        while (length < PREFACE.length) {
            if (!in.hasRemaining()) {
                return Match.NEED_INPUT;
            }
            if (in.get(in.position()) != PREFACE[length]) {
                return Match.OTHER;
            }
            in.get();
            length++;
        }
        return Match.COMPLETE;
    }

    /** A copy of the bytes that were consumed, for the protocol that it is instead: {@code P} begins methods of HTTP/1.1, too. */
    public byte[] matched() {
        return Arrays.copyOf(PREFACE, length);
    }

    /** The violation of a client that has chosen HTTP/2 already and sends something else. */
    public static Http2Violation violation() {
        return Http2Violation.INVALID_PREFACE;
    }
}
