package org.httpkit.internal.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * Compresses the messages of one connection (RFC 7692 section 7.2.1). Used by one thread at a time; if the server keeps
 * its context, messages must be deflated in the order in which they are sent.
 *
 * <p>A message below the threshold stays uncompressed. So does one that compression would not shorten, unless the
 * server keeps a context: then the compressor has the message in its window, so the client must receive it compressed.
 * The first message that needs it creates the native deflater; without a context it is freed after each message, else
 * by {@link #release}.
 */
public final class MessageDeflater {
    private static final int TAIL_BYTES = 4; // 00 00 FF FF, which the receiver restores
    private static final int FLUSH_BYTES = 16; // with less room than a flush marker needs, a second marker could follow

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

    /** Encodes a text message in one frame. */
    public byte[] text(String text) {
        byte[] utf8 = text.getBytes(UTF_8);
        return frame(Opcode.TEXT, utf8, 0, utf8.length);
    }

    /** Encodes a binary message in one frame. */
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

    /** A growing array into which a deflater writes. */
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
