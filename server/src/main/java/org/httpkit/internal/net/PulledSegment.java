package org.httpkit.internal.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that are chosen when the socket has room for them, not when they are handed over: so urgent bytes go first, and
 * unwanted bytes never leave. It lasts until its source has nothing more; later the source hands over another one.
 */
public final class PulledSegment extends Segment {
    /** Chooses the bytes to leave next. The holder of the link's write claim calls its methods. */
    public interface Source {
        /**
         * Puts the next bytes into the buffer.
         *
         * @return whether more may follow; if not, the segment is over
         */
        boolean pull(ByteBuffer into);

        /** Is called when all pulled bytes have left: the transport holds none of them. */
        void written();

        /** Is called when pulled bytes will never be written. */
        void unwritten(IOException cause);
    }

    private static final byte[] NOTHING = {};

    private final Source source;
    /** The pulled bytes that the socket has not taken, from {@link #position} on. */
    private byte[] rest = NOTHING;

    private int position;
    /** Whether the transport has taken all pulled bytes, and still holds some of them. */
    private boolean unflushed;

    private boolean over;

    public PulledSegment(Source source) {
        this.source = source;
    }

    /** Always one byte, because the number is unknown before they are pulled. */
    @Override
    public long remainingBytes() {
        return over && position == rest.length && !unflushed ? 0 : 1;
    }

    @Override
    public long heldBytes() {
        return (long) rest.length - position;
    }

    @Override
    void writeTo(Transport wire, Scratch scratch) throws IOException {
        if (unflushed && !hasLeft(wire)) {
            return;
        }
        ByteBuffer direct = scratch.direct;
        if (position < rest.length) {
            direct.clear().put(rest, position, rest.length - position).flip();
            int written = wire.write(direct);
            position += written;
            scratch.taken += written;
            if (position < rest.length) {
                return;
            }
            rest = NOTHING;
            position = 0;
            if (!hasLeft(wire)) {
                return;
            }
        }
        long begun = scratch.taken;
        while (!over && scratch.taken - begun < TURN_BYTES) {
            over = !source.pull(direct.clear());
            int length = direct.flip().remaining();
            int written = length == 0 ? 0 : wire.write(direct);
            scratch.taken += written;
            if (written < length) {
                keep(direct);
                return;
            }
            if (!hasLeft(wire)) {
                return;
            }
        }
    }

    /** Tells the source that all pulled bytes have left, unless the transport still holds some. */
    private boolean hasLeft(Transport wire) throws IOException {
        unflushed = !wire.flush();
        if (!unflushed) {
            source.written();
        }
        return !unflushed;
    }

    private void keep(ByteBuffer direct) {
        rest = new byte[direct.remaining()];
        direct.get(rest);
    }

    @Override
    protected void done(@Nullable IOException failure) {
        rest = NOTHING;
        position = 0;
        if (failure != null) {
            source.unwritten(failure);
        }
    }
}
