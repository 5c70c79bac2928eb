package org.httpkit.internal.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import org.httpkit.internal.bytes.ByteQueue;

/**
 * Writes a server's frames (RFC 6455 section 5.2): whole messages, fragments of streams, control frames. Holds nothing;
 * safe from any thread.
 *
 * <p>A server's frames are not masked, so one frame can go to any number of clients: encode once and share the array.
 */
public final class FrameEncoder {
    /** The longest head of a server's frame: two bytes and an eight-byte length. */
    public static final int MAX_HEAD_BYTES = 10;

    private static final int FIN = 0x80;
    private static final int RSV1 = 0x40;

    private FrameEncoder() {}

    /** Encodes a text message in one frame; an unpaired surrogate becomes a question mark. */
    public static byte[] text(String text) {
        return message(Opcode.TEXT, text.getBytes(UTF_8));
    }

    /** Encodes a message in one frame; its opcode is {@code TEXT} or {@code BINARY}, and a text payload is UTF-8. */
    public static byte[] message(Opcode opcode, byte[] payload) {
        return frame(opcode, true, payload, 0, payload.length);
    }

    /** A binary message in one frame. */
    public static byte[] binary(byte[] bytes, int offset, int length) {
        return frame(Opcode.BINARY, true, bytes, offset, length);
    }

    /** Encodes the bytes between the buffer's position and limit as a binary message in one frame; neither moves. */
    public static byte[] binary(ByteBuffer bytes) {
        int length = bytes.remaining();
        byte[] frame = withHead(Opcode.BINARY, true, length);
        bytes.get(bytes.position(), frame, frame.length - length, length);
        return frame;
    }

    /** Appends a message, encoded as by {@link #message}. */
    public static void append(ByteQueue out, Opcode opcode, byte[] payload) {
        int headLength = headLength(payload.length);
        out.ensureFree(Math.addExact(headLength, payload.length));
        out.append((byte) (opcode.code() | FIN));
        out.append(secondByte(headLength, payload.length));
        for (int shift = 8 * (headLength - 3); shift >= 0; shift -= 8) {
            out.append((byte) ((long) payload.length >>> shift));
        }
        out.append(payload);
    }

    /**
     * Encodes one frame of a message sent piece by piece (RFC 6455 section 5.4): {@code TEXT} or {@code BINARY} for the
     * first, {@code CONTINUATION} for the others, {@code fin} for the last.
     */
    public static byte[] fragment(Opcode opcode, boolean fin, byte[] bytes, int offset, int length) {
        if (opcode.isControl()) {
            throw new IllegalArgumentException("A " + opcode + " frame is not part of a message");
        }
        return frame(opcode, fin, bytes, offset, length);
    }

    /**
     * Encodes a ping, which the client answers with the same payload (RFC 6455 section 5.5.2).
     *
     * @throws IllegalArgumentException if the payload has more than 125 bytes
     */
    public static byte[] ping(byte[] payload, int offset, int length) {
        return control(Opcode.PING, payload, offset, length);
    }

    /**
     * Encodes the answer to a ping, with the ping's payload (RFC 6455 section 5.5.3).
     *
     * @throws IllegalArgumentException if the payload has more than 125 bytes
     */
    public static byte[] pong(byte[] payload, int offset, int length) {
        return control(Opcode.PONG, payload, offset, length);
    }

    /**
     * Encodes a close frame: empty for code 1005, else the code and as many whole characters of the reason as fit into
     * 123 bytes.
     *
     * @throws IllegalArgumentException if the code may not be sent
     */
    public static byte[] close(ClosePayload close) {
        byte[] payload = close.encode();
        return control(Opcode.CLOSE, payload, 0, payload.length);
    }

    /** The length of the head of a frame with this payload: 2, 4 or 10 bytes. */
    static int headLength(long payloadLength) {
        return payloadLength <= 125 ? 2 : payloadLength <= 0xFFFF ? 4 : MAX_HEAD_BYTES;
    }

    /** Writes a frame's head so that it ends before index {@code end}; returns where it begins. */
    static int putHeadBefore(byte[] out, int end, Opcode opcode, boolean fin, boolean compressed, long payloadLength) {
        int begin = end - headLength(payloadLength);
        out[begin] = (byte) (opcode.code() | (fin ? FIN : 0) | (compressed ? RSV1 : 0));
        out[begin + 1] = secondByte(end - begin, payloadLength);
        for (int i = 0; i < end - begin - 2; i++) {
            out[end - 1 - i] = (byte) (payloadLength >>> (8 * i));
        }
        return begin;
    }

    /** The length itself, or the code for the size of the extended length. */
    private static byte secondByte(int headLength, long payloadLength) {
        return (byte) (headLength == 2 ? payloadLength : headLength == 4 ? 126 : 127);
    }

    private static byte[] control(Opcode opcode, byte[] payload, int offset, int length) {
        if (length > FrameHeadDecoder.MAX_CONTROL_PAYLOAD_BYTES) {
            throw new IllegalArgumentException(
                    "The payload of a " + opcode + " frame has " + length + " bytes; 0 to 125 are allowed");
        }
        return frame(opcode, true, payload, offset, length);
    }

    private static byte[] frame(Opcode opcode, boolean fin, byte[] bytes, int offset, int length) {
        byte[] frame = withHead(opcode, fin, length);
        System.arraycopy(bytes, offset, frame, frame.length - length, length);
        return frame;
    }

    private static byte[] withHead(Opcode opcode, boolean fin, int payloadLength) {
        int headLength = headLength(payloadLength);
        byte[] frame = new byte[Math.addExact(headLength, payloadLength)];
        putHeadBefore(frame, headLength, opcode, fin, false, payloadLength);
        return frame;
    }
}
