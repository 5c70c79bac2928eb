package org.httpkit.internal.websocket;

import static org.httpkit.internal.websocket.WebSocketViolation.CONTROL_FRAME_FRAGMENTED;
import static org.httpkit.internal.websocket.WebSocketViolation.CONTROL_FRAME_TOO_LONG;
import static org.httpkit.internal.websocket.WebSocketViolation.LENGTH_NOT_MINIMAL;
import static org.httpkit.internal.websocket.WebSocketViolation.LENGTH_TOO_LARGE;
import static org.httpkit.internal.websocket.WebSocketViolation.NOT_MASKED;
import static org.httpkit.internal.websocket.WebSocketViolation.RESERVED_BIT;
import static org.httpkit.internal.websocket.WebSocketViolation.RESERVED_OPCODE;

import java.nio.ByteBuffer;

/**
 * Reads the head of a client's frame: two bytes, the extended length, the masking key (RFC 6455 section 5.2). Confined
 * to its loop thread.
 *
 * <p>It applies the rules that concern the head alone; the {@link MessageDecoder} applies those that depend on earlier
 * frames.
 */
final class FrameHeadDecoder {
    static final int MAX_CONTROL_PAYLOAD_BYTES = 125;

    private enum State {
        FIRST_BYTE,
        SECOND_BYTE,
        LENGTH_OF_16_BITS,
        LENGTH_OF_64_BITS,
        MASKING_KEY
    }

    private final boolean deflate;
    private State state = State.FIRST_BYTE;
    private int bytesMissing; // of the length or the masking key
    private Opcode opcode = Opcode.CONTINUATION;
    private boolean fin;
    private boolean compressed;
    private long length;
    private int maskingKey;

    /** @param deflate whether permessage-deflate was agreed, so that the first reserved bit has a meaning */
    FrameHeadDecoder(boolean deflate) {
        this.deflate = deflate;
    }

    /** Consumes bytes of the head. Returns true once it is complete and its parts can be read. */
    boolean advance(ByteBuffer in) throws ViolationException {
        while (in.hasRemaining()) {
            switch (state) {
                case FIRST_BYTE -> firstByte(in.get());
                case SECOND_BYTE -> secondByte(in.get());
                case LENGTH_OF_16_BITS -> {
                    length = length << 8 | (in.get() & 0xFF);
                    if (--bytesMissing == 0) {
                        lengthKnown(MAX_CONTROL_PAYLOAD_BYTES);
                    }
                }
                case LENGTH_OF_64_BITS -> {
                    length = length << 8 | (in.get() & 0xFF);
                    if (--bytesMissing == 0) {
                        lengthKnown(0xFFFF);
                    }
                }
                case MASKING_KEY -> {
                    if (bytesMissing == 4 && in.remaining() >= 4) {
                        maskingKey = in.getInt();
                        bytesMissing = 0;
                    } else {
                        maskingKey = maskingKey << 8 | (in.get() & 0xFF);
                        bytesMissing--;
                    }
                    if (bytesMissing == 0) {
                        state = State.FIRST_BYTE;
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** Whether no byte of the next head has arrived. */
    boolean isUnbegun() {
        return state == State.FIRST_BYTE;
    }

    private void firstByte(byte b) throws ViolationException {
        fin = (b & 0x80) != 0;
        compressed = (b & 0x40) != 0;
        if ((b & 0x30) != 0 || (compressed && !deflate)) {
            throw ViolationException.of(RESERVED_BIT);
        }
        Opcode known = Opcode.of(b & 0x0F);
        if (known == null) {
            throw ViolationException.of(RESERVED_OPCODE);
        }
        opcode = known;
        if (compressed && (opcode.isControl() || opcode == Opcode.CONTINUATION)) {
            throw ViolationException.of(RESERVED_BIT); // RFC 7692 section 6.1: on the first frame of a message only
        }
        if (opcode.isControl() && !fin) {
            throw ViolationException.of(CONTROL_FRAME_FRAGMENTED);
        }
        state = State.SECOND_BYTE;
    }

    private void secondByte(byte b) throws ViolationException {
        if ((b & 0x80) == 0) {
            throw ViolationException.of(NOT_MASKED);
        }
        int shortLength = b & 0x7F;
        if (opcode.isControl() && shortLength > MAX_CONTROL_PAYLOAD_BYTES) {
            throw ViolationException.of(CONTROL_FRAME_TOO_LONG);
        }
        if (shortLength <= MAX_CONTROL_PAYLOAD_BYTES) {
            length = shortLength;
            expectMaskingKey();
        } else {
            length = 0;
            state = shortLength == 126 ? State.LENGTH_OF_16_BITS : State.LENGTH_OF_64_BITS;
            bytesMissing = shortLength == 126 ? 2 : 8;
        }
    }

    /** Refuses a length that a shorter form can express: {@code largestShorter} is the largest such length. */
    private void lengthKnown(int largestShorter) throws ViolationException {
        if (length < 0) {
            throw ViolationException.of(LENGTH_TOO_LARGE);
        }
        if (length <= largestShorter) {
            throw ViolationException.of(LENGTH_NOT_MINIMAL);
        }
        expectMaskingKey();
    }

    private void expectMaskingKey() {
        state = State.MASKING_KEY;
        bytesMissing = 4;
        maskingKey = 0;
    }

    Opcode opcode() {
        return opcode;
    }

    /** Whether this is the last frame of its message. */
    boolean fin() {
        return fin;
    }

    /** Whether this frame begins a compressed message (RFC 7692 section 6). */
    boolean compressed() {
        return compressed;
    }

    /** The length of the payload in bytes: 0 to 2<sup>63</sup> - 1. */
    long length() {
        return length;
    }

    /** The masking key, its first byte highest. */
    int maskingKey() {
        return maskingKey;
    }
}
