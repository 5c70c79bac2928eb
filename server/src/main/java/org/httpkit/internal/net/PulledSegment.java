package org.httpkit.internal.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that are chosen when the socket has room for them, not when they are handed over: so what is urgent goes first, and what is no
 * longer wanted never leaves. It lasts until its source has nothing more; when that has something again, it hands over another one.
 */
public final class PulledSegment extends Segment {
    /** Who chooses what leaves next. Its methods are called by the holder of the link's write claim. */
    public interface Source {
        /**
         * Puts what is to leave next into the buffer.
         *
         * @return whether there may be more; if not, the segment is over
         */
        boolean pull(ByteBuffer into);

        /** The socket has taken everything that was pulled. */
        void written();

        /** What was pulled and not written never will be. */
        void unwritten(IOException cause);
    }

    private static final byte[] NOTHING = {};

    private final Source source;
    /** What was pulled and the socket has not taken, behind {@link #position}. */
    private byte[] rest = NOTHING;

    private int position;
    private boolean over;

    public PulledSegment(Source source) {
        this.source = source;
    }

    /** How many bytes there are is not known before they are pulled: one stands for all. */
    @Override
    public long remainingBytes() {
        return over && position == rest.length ? 0 : 1;
    }

    @Override
    public long heldBytes() {
        return (long) rest.length - position;
    }

    @Override
    void writeTo(Transport wire, Scratch scratch) throws IOException {
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
            source.written();
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
            source.written();
        }
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
