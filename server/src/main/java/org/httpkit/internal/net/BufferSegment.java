package org.httpkit.internal.net;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A buffer's bytes, not copied; the caller's own position and limit are left alone. */
public class BufferSegment extends Segment {
    private final ByteBuffer bytes;

    public BufferSegment(ByteBuffer bytes) {
        this.bytes = bytes.duplicate();
    }

    @Override
    public final long remainingBytes() {
        return bytes.remaining();
    }

    @Override
    final void writeTo(Wire wire, Scratch scratch) throws IOException {
        int end = bytes.limit();
        int stop = (int) Math.min(end, (long) bytes.position() + TURN_BYTES);
        while (bytes.position() < stop) {
            int length = Math.min(Scratch.WRITE_BYTES, stop - bytes.position());
            bytes.limit(bytes.position() + length);
            int written;
            if (bytes.isDirect()) {
                written = wire.write(bytes);
            } else {
                scratch.direct.clear().put(bytes.duplicate()).flip();
                written = wire.write(scratch.direct);
                bytes.position(bytes.position() + written);
            }
            bytes.limit(end);
            if (written < length) {
                return;
            }
        }
    }
}
