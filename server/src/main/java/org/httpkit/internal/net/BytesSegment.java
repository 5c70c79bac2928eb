package org.httpkit.internal.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** A part of an array, not copied: whoever hands it over leaves it unchanged until it is done. */
public final class BytesSegment extends Segment {
    /** Heap of a waiting array beyond its content, roughly: this object, and the array's head. */
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

    /** With the overhead, so that a limit on what waits holds for many tiny messages, too. */
    @Override
    public long heldBytes() {
        return position == end ? 0 : remainingBytes() + OVERHEAD_BYTES;
    }

    /** Whether there is another array behind this one, which is shorter than that. */
    boolean isFollowedByBytes(int limit) {
        return remainingBytes() < limit && next instanceof BytesSegment;
    }

    /** The same bytes, copied out of an array that somebody else needs. */
    BytesSegment withBytesOfItsOwn() {
        BytesSegment own = new BytesSegment(Arrays.copyOfRange(bytes, position, end), 0, end - position);
        own.next = next;
        own.counted = counted;
        return own;
    }

    /** Whether a direct buffer is behind this array, which is shorter than that. */
    boolean isFollowedByDirect(BufferSegment buffer, int limit) {
        return remainingBytes() < limit && remainingBytes() > 0 && buffer.isDirect();
    }

    /** Copies as much as there is room for; true if that was all. */
    boolean copyTo(ByteBuffer target) {
        int length = Math.min(target.remaining(), end - position);
        target.put(bytes, position, length);
        return position + length == end;
    }

    /** Takes off at most so many bytes that were written; returns how many. */
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

    /** Through the direct buffer piece by piece, so that a large array never needs a direct buffer of its size. */
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
