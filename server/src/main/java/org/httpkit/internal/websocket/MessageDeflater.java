package org.httpkit.internal.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * Writes the messages of one connection compressed (RFC 7692 section 7.2.1). Not safe from two threads at once: where the
 * server keeps its context, messages must be deflated in the order in which they are sent.
 *
 * <p>A message below the threshold goes out as it is; so does one that would not get shorter, unless a context is kept: then the
 * compressor has it in its window, so the client must see it compressed. The native deflater is made for the first
 * message that needs it; without a context it is freed after each message, else by {@link #release}.
 */
public final class MessageDeflater {
    private static final int TAIL_BYTES = 4; // 00 00 FF FF, which the receiver puts back
    private static final int FLUSH_BYTES = 16; // with less room than a flush marker needs, a second marker could come

    private final boolean keepsContext;
    private final int windowBytes;
    private final boolean smallWindow;
    private final int level;
    private final int thresholdBytes;
    private @Nullable Deflater deflater;

    MessageDeflater(DeflateAgreement agreement, DeflateOptions options) {
        int windowBits = agreement.serverMaxWindowBits().orElse(DeflateAgreement.MAX_WINDOW_BITS);
        this.keepsContext = agreement.serverKeepsContext();
        this.windowBytes = 1 << windowBits;
        this.smallWindow = windowBits < DeflateAgreement.MAX_WINDOW_BITS;
        this.level = options.level();
        this.thresholdBytes = options.thresholdBytes();
    }

    /** A text message in one frame. */
    public byte[] text(String text) {
        byte[] utf8 = text.getBytes(UTF_8);
        return frame(Opcode.TEXT, utf8, 0, utf8.length);
    }

    /** A binary message in one frame. */
    public byte[] binary(byte[] bytes, int offset, int length) {
        return frame(Opcode.BINARY, bytes, offset, length);
    }

    private byte[] frame(Opcode opcode, byte[] bytes, int offset, int length) {
        if (length == 0 || length < thresholdBytes) {
            return FrameEncoder.fragment(opcode, true, bytes, offset, length);
        }
        Deflater current = deflater;
        if (current == null) {
            current = new Deflater(level, true);
            deflater = current;
        }
        Output out = new Output(FrameEncoder.MAX_HEAD_BYTES, length / 2);
        int chunk = smallWindow ? windowBytes : length;
        for (int done = 0; done < length; done += chunk) {
            current.setInput(bytes, offset + done, Math.min(chunk, length - done));
            out.flushFrom(current, smallWindow ? Deflater.FULL_FLUSH : Deflater.SYNC_FLUSH);
        }
        if (!keepsContext) {
            release();
        }
        int end = out.length - TAIL_BYTES;
        int compressedLength = end - FrameEncoder.MAX_HEAD_BYTES;
        if (compressedLength >= length && !keepsContext) {
            return FrameEncoder.fragment(opcode, true, bytes, offset, length);
        }
        int begin = FrameEncoder.putHeadBefore(
                out.bytes, FrameEncoder.MAX_HEAD_BYTES, opcode, true, true, compressedLength);
        return Arrays.copyOfRange(out.bytes, begin, end);
    }

    /** Frees the native memory; may be called more than once. */
    public void release() {
        if (deflater != null) {
            deflater.end();
            deflater = null;
        }
    }

    /** A growing array that a deflater writes into. */
    private static final class Output {
        private byte[] bytes;
        private int length;

        Output(int reserved, int expected) {
            bytes = new byte[reserved + expected + 2 * FLUSH_BYTES];
            length = reserved;
        }

        void flushFrom(Deflater deflater, int flush) {
            int room;
            int written;
            do {
                if (bytes.length - length < FLUSH_BYTES) {
                    bytes = Arrays.copyOf(bytes, Math.multiplyExact(bytes.length, 2));
                }
                room = bytes.length - length;
                written = deflater.deflate(bytes, length, room, flush);
                length += written;
            } while (written == room);
        }
    }
}
