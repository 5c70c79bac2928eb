package org.httpkit.internal.net;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A part of an array, not copied: whoever hands it over leaves it unchanged until it is done. */
public class BytesSegment extends Segment {
    private final byte[] bytes;
    private final int end;
    private int position;

    public BytesSegment(byte[] bytes, int offset, int length) {
        this.bytes = bytes;
        this.position = offset;
        this.end = Math.addExact(offset, length);
    }

    @Override
    public final long remainingBytes() {
        return (long) end - position;
    }

    /** Through the direct buffer piece by piece, so that a large array never needs a direct buffer of its size. */
    @Override
    final void writeTo(Wire wire, Scratch scratch) throws IOException {
        ByteBuffer direct = scratch.direct;
        int stop = (int) Math.min(end, position + (long) TURN_BYTES);
        while (position < stop) {
            int length = Math.min(direct.capacity(), stop - position);
            direct.clear().put(bytes, position, length).flip();
            int written = wire.write(direct);
            position += written;
            if (written < length) {
                return;
            }
        }
    }
}
