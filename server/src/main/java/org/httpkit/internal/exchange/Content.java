package org.httpkit.internal.exchange;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.httpkit.internal.net.BufferSegment;
import org.httpkit.internal.net.BytesSegment;
import org.httpkit.internal.net.FileSegment;
import org.httpkit.internal.net.Segment;
import org.httpkit.internal.net.UnreadableFileException;

/** The content of a response that is available as a whole, to be sent whole or in parts. Used by one thread. */
interface Content {

    /** Its length in bytes. */
    long length();

    /** Parts up to this length are copied; longer ones become segments. */
    int copiedBytes();

    /** Copies a part. */
    void copy(long from, int count, byte[] into, int at) throws IOException;

    /** Returns a part without copying it. The caller must hand it over. */
    Segment segment(long from, long count);

    /** Is called when no more parts will be taken. */
    default void release() {}

    /** Is called when nothing was handed over, or when everything handed over is lost. */
    default void discard() {}

    /** Returns a copy of a part, which is at most {@link #copiedBytes} long. */
    default byte[] copyOf(long from, int count) throws IOException {
        byte[] copy = new byte[count];
        copy(from, count, copy, 0);
        return copy;
    }

    /** Parts up to this length leave together with their head in one write. */
    int TOGETHER_BYTES = 32 * 1024;

    /** An array, which must stay unchanged until it has been sent. */
    final class OfBytes implements Content {
        private final byte[] bytes;

        OfBytes(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public long length() {
            return bytes.length;
        }

        @Override
        public int copiedBytes() {
            return TOGETHER_BYTES;
        }

        @Override
        public void copy(long from, int count, byte[] into, int at) {
            System.arraycopy(bytes, (int) from, into, at, count);
        }

        @Override
        public byte[] copyOf(long from, int count) throws IOException {
            return count == bytes.length ? bytes : Content.super.copyOf(from, count);
        }

        @Override
        public Segment segment(long from, long count) {
            return new BytesSegment(bytes, (int) from, (int) count);
        }
    }

    /** The remaining bytes of a buffer. */
    final class OfBuffer implements Content {
        private final ByteBuffer bytes;

        OfBuffer(ByteBuffer bytes) {
            this.bytes = bytes.slice();
        }

        @Override
        public long length() {
            return bytes.capacity();
        }

        @Override
        public int copiedBytes() {
            return TOGETHER_BYTES;
        }

        @Override
        public void copy(long from, int count, byte[] into, int at) {
            bytes.duplicate().position((int) from).get(into, at, count);
        }

        @Override
        public Segment segment(long from, long count) {
            return bytes.hasArray()
                    ? new BytesSegment(bytes.array(), bytes.arrayOffset() + (int) from, (int) count)
                    : new BufferSegment(bytes.slice((int) from, (int) count));
        }
    }

    /** An open file, closed when all its parts are done. */
    final class OfFile implements Content {
        /** The system sends longer parts, bypassing the heap. */
        private static final int COPIED_BYTES = 8 * 1024;

        private final Path path;
        private final FileChannel file;
        private final long length;
        private final Consumer<UnreadableFileException> faultListener;
        /** The writer counts as one user. */
        private final AtomicInteger users = new AtomicInteger(1);

        OfFile(Path path, FileChannel file, long length, Consumer<UnreadableFileException> faultListener) {
            this.path = path;
            this.file = file;
            this.length = length;
            this.faultListener = faultListener;
        }

        @Override
        public long length() {
            return length;
        }

        @Override
        public int copiedBytes() {
            return COPIED_BYTES;
        }

        @Override
        public void copy(long from, int count, byte[] into, int at) throws IOException {
            ByteBuffer target = ByteBuffer.wrap(into, at, count);
            while (target.hasRemaining()) {
                if (file.read(target, from + target.position() - at) < 0) {
                    throw new IOException(path + " was cut off before byte " + (from + count) + " was read");
                }
            }
        }

        @Override
        public Segment segment(long from, long count) {
            users.incrementAndGet();
            return FileSegment.of(path, file, from, count, this::release, faultListener);
        }

        @Override
        public void release() {
            if (users.decrementAndGet() == 0) {
                discard();
            }
        }

        @Override
        public void discard() {
            try {
                file.close();
            } catch (IOException ignored) {
                // The file was only read: nothing is lost.
            }
        }
    }
}
