package org.httpkit.internal.http2;

import java.nio.ByteBuffer;
import org.httpkit.internal.bytes.ByteQueue;

/** Writes a server's frames (RFC 9113 sections 4 and 6). Holds nothing; safe from any thread. */
public final class FrameEncoder {
    /** The length of a frame's head. */
    public static final int HEAD_BYTES = FrameType.HEAD_BYTES;

    private FrameEncoder() {}

    /**
     * Makes room for the head of a HEADERS frame; the caller then appends the field block. Returns where the frame
     * begins.
     */
    public static int beginHeaders(ByteQueue out) {
        int begin = out.length();
        appendHead(out, 0, FrameType.HEADERS, 0, 0);
        return begin;
    }

    /**
     * Ends the field block that follows {@link #beginHeaders}: writes the head, and splits a block that is longer than
     * the client's largest frame by the heads of CONTINUATION frames.
     */
    public static void endHeaders(ByteQueue out, int begin, int streamId, boolean endStream, int maxFrameBytes) {
        int block = begin + HEAD_BYTES;
        int length = out.length() - block;
        int endFlag = endStream ? FrameType.END_STREAM : 0;
        if (length <= maxFrameBytes) {
            putHead(out.array(), begin, length, FrameType.HEADERS, endFlag | FrameType.END_HEADERS, streamId);
            return;
        }
        byte[] rest = out.copyFrom(block + maxFrameBytes);
        out.truncate(block + maxFrameBytes);
        putHead(out.array(), begin, maxFrameBytes, FrameType.HEADERS, endFlag, streamId);
        for (int at = 0; at < rest.length; at += maxFrameBytes) {
            int piece = Math.min(maxFrameBytes, rest.length - at);
            int flags = at + piece == rest.length ? FrameType.END_HEADERS : 0;
            appendHead(out, piece, FrameType.CONTINUATION, flags, streamId);
            out.append(rest, at, piece);
        }
    }

    /** Whether the field block of HEADERS begins with a size update; no block of this server begins with another one. */
    public static boolean hasSizeUpdate(byte[] headers) {
        return headers[HEAD_BYTES] == HpackEncoder.SIZE_UPDATE_TO_0;
    }

    /**
     * Returns HEADERS, and the frames behind it, with a size update in front of the field block: one byte more (RFC 7541
     * section 4.2).
     *
     * @param end where the frames end in the array
     */
    public static byte[] withSizeUpdate(byte[] headers, int end) {
        byte[] longer = new byte[end + 1];
        System.arraycopy(headers, 0, longer, 0, HEAD_BYTES);
        System.arraycopy(headers, HEAD_BYTES, longer, HEAD_BYTES + 1, end - HEAD_BYTES);
        longer[HEAD_BYTES] = HpackEncoder.SIZE_UPDATE_TO_0;
        int length = (headers[0] & 0xFF) << 16 | (headers[1] & 0xFF) << 8 | (headers[2] & 0xFF);
        putLength(longer, 0, length + 1);
        return longer;
    }

    /** Appends the head of a DATA frame; the content follows. */
    public static void dataHead(ByteQueue out, int streamId, int length, boolean endStream) {
        appendHead(out, length, FrameType.DATA, endStream ? FrameType.END_STREAM : 0, streamId);
    }

    /** Puts the head of a DATA frame into a buffer at an index; the content follows. */
    public static void putDataHead(ByteBuffer into, int at, int streamId, int length, boolean endStream) {
        into.put(at, (byte) (length >>> 16));
        into.put(at + 1, (byte) (length >>> 8));
        into.put(at + 2, (byte) length);
        into.put(at + 3, (byte) FrameType.DATA.code());
        into.put(at + 4, (byte) (endStream ? FrameType.END_STREAM : 0));
        into.putInt(at + 5, streamId);
    }

    /** Appends this server's settings: alternating ids of {@link Settings} and values. */
    public static void settings(ByteQueue out, int... idsAndValues) {
        if ((idsAndValues.length & 1) != 0) {
            throw new IllegalArgumentException("Settings are ids and values in turn, not " + idsAndValues.length);
        }
        appendHead(out, idsAndValues.length / 2 * FrameRules.SETTING_BYTES, FrameType.SETTINGS, 0, 0);
        for (int i = 0; i < idsAndValues.length; i += 2) {
            out.append((byte) (idsAndValues[i] >>> 8));
            out.append((byte) idsAndValues[i]);
            appendInt(out, idsAndValues[i + 1]);
        }
    }

    /** Appends the acknowledgement of the client's settings. */
    public static void settingsAck(ByteQueue out) {
        appendHead(out, 0, FrameType.SETTINGS, FrameType.ACK, 0);
    }

    /** Appends a PING with eight bytes, the first one highest. */
    public static void ping(ByteQueue out, long opaque) {
        appendPing(out, 0, opaque);
    }

    /** Appends the answer to the client's PING, with the same bytes. */
    public static void pingAck(ByteQueue out, long opaque) {
        appendPing(out, FrameType.ACK, opaque);
    }

    /** Appends a frame that resets a stream. */
    public static void rstStream(ByteQueue out, int streamId, ErrorCode code) {
        appendHead(out, FrameRules.WORD_BYTES, FrameType.RST_STREAM, 0, streamId);
        appendInt(out, code.code());
    }

    /** Appends a GOAWAY: the last stream that the server processes, the reason, and a short text for people. */
    public static void goAway(ByteQueue out, int lastStreamId, ErrorCode code, String debug) {
        appendHead(out, FrameRules.LEAST_GOAWAY_BYTES + debug.length(), FrameType.GOAWAY, 0, 0);
        appendInt(out, lastStreamId);
        appendInt(out, code.code());
        out.appendLatin1(debug);
    }

    /**
     * Gives the client credit, for a stream or, with stream 0, for the connection.
     *
     * @throws IllegalArgumentException if the increment is not 1 to 2<sup>31</sup> - 1
     */
    public static void windowUpdate(ByteQueue out, int streamId, int increment) {
        if (increment <= 0) {
            throw new IllegalArgumentException("An increment of " + increment + "; legal are 1 to 2^31-1");
        }
        appendHead(out, FrameRules.WORD_BYTES, FrameType.WINDOW_UPDATE, 0, streamId);
        appendInt(out, increment);
    }

    private static void appendPing(ByteQueue out, int flags, long opaque) {
        appendHead(out, FrameRules.PING_BYTES, FrameType.PING, flags, 0);
        appendInt(out, (int) (opaque >>> 32));
        appendInt(out, (int) opaque);
    }

    private static void appendHead(ByteQueue out, int length, FrameType type, int flags, int streamId) {
        out.ensureFree(HEAD_BYTES);
        putHead(out.array(), out.length(), length, type, flags, streamId);
        out.appended(HEAD_BYTES);
    }

    private static void putLength(byte[] bytes, int at, int length) {
        bytes[at] = (byte) (length >>> 16);
        bytes[at + 1] = (byte) (length >>> 8);
        bytes[at + 2] = (byte) length;
    }

    private static void putHead(byte[] bytes, int at, int length, FrameType type, int flags, int streamId) {
        putLength(bytes, at, length);
        bytes[at + 3] = (byte) type.code();
        bytes[at + 4] = (byte) flags;
        putInt(bytes, at + 5, streamId);
    }

    private static void appendInt(ByteQueue out, int number) {
        out.ensureFree(4);
        putInt(out.array(), out.length(), number);
        out.appended(4);
    }

    private static void putInt(byte[] bytes, int at, int number) {
        bytes[at] = (byte) (number >>> 24);
        bytes[at + 1] = (byte) (number >>> 16);
        bytes[at + 2] = (byte) (number >>> 8);
        bytes[at + 3] = (byte) number;
    }
}
