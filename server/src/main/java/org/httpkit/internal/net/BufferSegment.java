package org.httpkit.internal.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;

/**
 * A buffer's bytes, not copied; the position and limit of the caller's buffer do not change. If the buffer is a mapped
 * file, its pages may have to be read from a disk.
 */
public class BufferSegment extends Segment {
    private final ByteBuffer bytes;

    public BufferSegment(ByteBuffer bytes) {
        this.bytes = bytes.duplicate();
    }

    @Override
    public final long remainingBytes() {
        return bytes.remaining();
    }

    /** Whether the system can take the bytes in place. */
    final boolean isDirect() {
        return bytes.isDirect();
    }

    /** A direct buffer that does not map a file counts as loaded. */
    @Override
    final boolean mayBlock() {
        int begin = bytes.position();
        return bytes.slice(begin, endOfTurn() - begin) instanceof MappedByteBuffer mapped && !mapped.isLoaded();
    }

    @Override
    public final void read(ByteBuffer into) {
        int length = Math.min(into.remaining(), bytes.remaining());
        into.put(bytes.duplicate().limit(bytes.position() + length));
        bytes.position(bytes.position() + length);
    }

    @Override
    final void writeTo(Transport wire, Scratch scratch) throws IOException {
        int end = bytes.limit();
        int stop = endOfTurn();
        if (bytes.isDirect()) {
            if (bytes.hasRemaining()) {
                try {
                    wire.writeMapped(bytes.limit(stop));
                } finally {
                    bytes.limit(end);
                }
            }
            return;
        }
        while (bytes.position() < stop) {
            int length = Math.min(scratch.direct.capacity(), stop - bytes.position());
            scratch.direct
                    .clear()
                    .put(bytes.duplicate().limit(bytes.position() + length))
                    .flip();
            int written = wire.write(scratch.direct);
            bytes.position(bytes.position() + written);
            if (written < length) {
                return;
            }
        }
    }

    /** Writes other bytes and then its own, which must be direct, in one write. */
    final void writeBehind(ByteBuffer others, Transport wire) throws IOException {
        int end = bytes.limit();
        try {
            wire.write(others, bytes.limit(endOfTurn()));
        } finally {
            bytes.limit(end);
        }
    }

    private int endOfTurn() {
        return (int) Math.min(bytes.limit(), (long) bytes.position() + TURN_BYTES);
    }
}
