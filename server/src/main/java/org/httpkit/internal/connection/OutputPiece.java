package org.httpkit.internal.connection;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.httpkit.internal.http2.FrameEncoder;
import org.httpkit.internal.http2.StreamEvent;
import org.httpkit.internal.net.Segment;
import org.jspecify.annotations.Nullable;

/** Something that an HTTP/2 stream has to send, in order. Guarded by the lock of the {@link StreamScheduler}. */
abstract class OutputPiece {
    /** The piece that the stream sends next. */
    @Nullable
    OutputPiece next;

    /** Bytes of heap that it holds. */
    long heldBytes() {
        return 0;
    }

    /** Is called when the piece will never be sent. Not under the lock. */
    void dropped(IOException cause) {}

    /** Whole frames, which no window holds back. */
    static final class Frames extends OutputPiece {
        private byte[] bytes;
        private int end;
        /** The event that sending them means for the stream; null if they do not change its state. */
        final @Nullable StreamEvent event;
        /** Returns whether they are still wanted when their turn comes; null if they are in any case. */
        final @Nullable BooleanSupplier wanted;

        int position;

        Frames(byte[] bytes, int end, @Nullable StreamEvent event, @Nullable BooleanSupplier wanted) {
            this.bytes = bytes;
            this.end = end;
            this.event = event;
            this.wanted = wanted;
        }

        @Override
        long heldBytes() {
            return end;
        }

        int remaining() {
            return end - position;
        }

        /** Makes its field block begin with a size update; returns by how many bytes that has made it longer. */
        int beginWithSizeUpdate() {
            if (FrameEncoder.hasSizeUpdate(bytes)) {
                return 0;
            }
            bytes = FrameEncoder.withSizeUpdate(bytes, end);
            end++;
            return 1;
        }

        /** Puts as much into the buffer as fits; returns true if that was all. */
        boolean put(ByteBuffer into) {
            int length = Math.min(into.remaining(), remaining());
            into.put(bytes, position, length);
            position += length;
            return position == end;
        }
    }

    /** Content, which goes into DATA frames as the windows allow. */
    abstract static class Content extends OutputPiece {
        /** Whether the stream ends with it. */
        boolean endsStream;

        /** How much of it can be put into frames now. */
        abstract int ready();

        /** Whether all of it was put into frames. */
        abstract boolean isOver();

        /** Puts that many bytes into the buffer. */
        abstract void put(ByteBuffer into, int count);

        /** Is called when all of it was put into frames. */
        void sent() {}
    }

    /** Bytes in a private array. */
    static final class Bytes extends Content {
        /** Bytes of one stream gathered at most, for one frame. */
        private static final int MOST_GATHERED = 16 * 1024;

        private byte[] bytes;
        private int position;
        private int end;

        Bytes(byte[] bytes, int from, int to) {
            this.bytes = bytes;
            this.position = from;
            this.end = to;
        }

        /** Appends a copy; returns false if that would be too much. */
        boolean append(byte[] more, int offset, int count) {
            if (end - position + count > MOST_GATHERED) {
                return false;
            }
            byte[] joined = bytes;
            if (joined.length - end < count) {
                int length = end - position;
                joined = new byte[Math.min(MOST_GATHERED, Math.max(2 * length, length + count))];
                System.arraycopy(bytes, position, joined, 0, length);
                position = 0;
                end = length;
            }
            System.arraycopy(more, offset, joined, end, count);
            bytes = joined;
            end += count;
            return true;
        }

        @Override
        long heldBytes() {
            return ready();
        }

        @Override
        int ready() {
            return end - position;
        }

        @Override
        boolean isOver() {
            return position == end;
        }

        @Override
        void put(ByteBuffer into, int count) {
            into.put(bytes, position, count);
            position += count;
        }
    }

    /** A segment in memory. */
    static final class Large extends Content {
        private final Segment segment;

        Large(Segment segment) {
            this.segment = segment;
        }

        @Override
        long heldBytes() {
            return segment.heldBytes();
        }

        @Override
        int ready() {
            return (int) Math.min(Integer.MAX_VALUE, segment.remainingBytes());
        }

        @Override
        boolean isOver() {
            return segment.remainingBytes() == 0;
        }

        @Override
        void put(ByteBuffer into, int count) {
            int limit = into.limit();
            into.limit(into.position() + count);
            try {
                segment.read(into);
            } catch (IOException e) {
                throw new IllegalStateException("It is in memory", e);
            } finally {
                into.limit(limit);
            }
        }

        @Override
        void sent() {
            segment.settle(null);
        }

        @Override
        void dropped(IOException cause) {
            segment.settle(cause);
        }
    }

    /** A segment on a disk, which threads that may wait read piece by piece. */
    static final class OnDisk extends Content {
        private static final int PIECE_BYTES = 64 * 1024;

        private final Segment segment;
        private byte[] ahead = {};
        private int position;
        /** Bytes of the segment that have not been read. */
        private long left;

        private boolean reading;
        private @Nullable IOException abandoned;

        OnDisk(Segment segment) {
            this.segment = segment;
            this.left = segment.remainingBytes();
        }

        /** Returns whether the next piece is to be read now, and marks the read as begun. */
        boolean beginReading() {
            boolean begins = !reading && left > 0 && position == ahead.length;
            reading |= begins;
            return begins;
        }

        /** Reads a piece. Runs on a thread that may wait, without the lock. */
        byte[] read() throws IOException {
            ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE_BYTES, segment.remainingBytes()));
            while (piece.hasRemaining()) {
                segment.read(piece);
            }
            return piece.array();
        }

        /** Is called when nothing was read, or in vain: the caller that drops the segment may settle it. */
        void endReading() {
            reading = false;
        }

        /** Is called when a piece was read. */
        void arrived(byte[] piece) {
            reading = false;
            ahead = piece;
            position = 0;
            left -= piece.length;
        }

        /** Closes the file when no thread reads it. Runs on a thread that may wait, without the lock. */
        void settle(@Nullable IOException cause) {
            segment.settle(cause);
        }

        /**
         * The cause for which the segment was abandoned, so that its reader has to close the file; null if it was not.
         */
        @Nullable
        IOException abandoned() {
            return abandoned;
        }

        /** Abandons the segment; returns whether it can be settled right now, because no thread reads it. */
        boolean abandon(IOException cause) {
            abandoned = cause;
            return !reading;
        }

        @Override
        long heldBytes() {
            return ready();
        }

        @Override
        int ready() {
            return ahead.length - position;
        }

        @Override
        boolean isOver() {
            return left == 0 && position == ahead.length;
        }

        @Override
        void put(ByteBuffer into, int count) {
            into.put(ahead, position, count);
            position += count;
        }
    }

    /** A callback for when everything before it has left. */
    static final class Notice extends OutputPiece {
        final Consumer<@Nullable IOException> told;

        Notice(Consumer<@Nullable IOException> told) {
            this.told = told;
        }

        @Override
        void dropped(IOException cause) {
            told.accept(cause);
        }
    }
}
