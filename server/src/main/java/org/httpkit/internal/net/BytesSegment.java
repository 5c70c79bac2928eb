package org.httpkit.internal.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** A part of an array, not copied: the caller must not change it until the segment is done. */
public final class BytesSegment extends Segment {
    /** Approximate heap of a waiting array beyond its content: this object, and the array's header. */
    private static final int OVERHEAD_BYTES = 48;

    private final byte[] bytes;
    private final int end;
    private int position;

    public BytesSegment(byte[] bytes, int offset, int length) {
        this.bytes = bytes;
        this.position = offset;
        this.end = Math.addExact(offset, length);
    }

    @Override
    public long remainingBytes() {
        return (long) end - position;
    }

    /** Includes the overhead, so that a limit on waiting bytes works for many tiny messages too. */
    @Override
    public long heldBytes() {
        return position == end ? 0 : remainingBytes() + OVERHEAD_BYTES;
    }

    /** Whether this array is shorter than the limit and followed by another array. */
    boolean isFollowedByBytes(int limit) {
        return remainingBytes() < limit && next instanceof BytesSegment;
    }

    /** Returns a segment with a copy of the bytes, because the array is needed elsewhere. */
    BytesSegment withBytesOfItsOwn() {
        BytesSegment own = new BytesSegment(Arrays.copyOfRange(bytes, position, end), 0, end - position);
        own.next = next;
        own.counted = counted;
        return own;
    }

    /** Whether this array is shorter than the limit and followed by a direct buffer. */
    boolean isFollowedByDirect(BufferSegment buffer, int limit) {
        return remainingBytes() < limit && remainingBytes() > 0 && buffer.isDirect();
    }

    /** Copies as much as fits. Returns true if that was everything. */
    boolean copyTo(ByteBuffer target) {
        int length = Math.min(target.remaining(), end - position);
        target.put(bytes, position, length);
        return position + length == end;
    }

    /** Skips at most {@code count} bytes, which were written; returns how many. */
    int skip(int count) {
        int length = Math.min(count, end - position);
        position += length;
        return length;
    }

    @Override
    public void read(ByteBuffer into) {
        int length = Math.min(into.remaining(), end - position);
        into.put(bytes, position, length);
        position += length;
    }

    /**
     * Writes through the direct buffer piece by piece, so that a large array never needs a direct buffer of its size.
     */
    @Override
    void writeTo(Transport wire, Scratch scratch) throws IOException {
        ByteBuffer direct = scratch.direct;
        int stop = (int) Math.min(end, position + (long) TURN_BYTES);
        while (position < stop) {
            int length = Math.min(direct.capacity(), stop - position);
            int written = wire.write(bytes, position, length, direct);
            position += written;
            if (written < length) {
                return;
            }
        }
    }
}
