package org.httpkit.internal.http2;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Recognizes the 24 bytes that begin a client's HTTP/2 connection (RFC 9113 section 3.4). Confined to its loop thread.
 */
public final class ConnectionPreface {
    /** The result for the input so far. */
    public enum Match {
        /** All input so far belongs to the preface, which is incomplete. */
        NEED_INPUT,
        /** The whole preface was consumed. */
        COMPLETE,
        /** The next byte of the input does not belong to the preface; {@link #matched} holds the bytes that did. */
        OTHER
    }

    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private int length;

    public ConnectionPreface() {}

    /** Consumes input as far as it matches the preface. */
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

    /**
     * Returns a copy of the consumed bytes, for the other protocol: methods of HTTP/1.1 can also begin with {@code P}.
     */
    public byte[] matched() {
        return Arrays.copyOf(PREFACE, length);
    }

    /** The violation for a client that has already chosen HTTP/2 and then sends something else. */
    public static Http2Violation violation() {
        return Http2Violation.INVALID_PREFACE;
    }
}
