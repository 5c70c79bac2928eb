package org.httpkit.internal.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A large part of a file, mapped into memory window by window and unmapped when each is sent. */
final class MappedFileSegment extends FileSegment {
    private static final String THRESHOLD_PROPERTY = "org.http-kit.memmap-file-threshold";
    private static final long DEFAULT_THRESHOLD_MB = 20;
    private static final long WINDOW_BYTES = 64L << 20;

    private @Nullable MappedWindow window;

    MappedFileSegment(
            Path path,
            FileChannel file,
            long offset,
            long length,
            Runnable whenDone,
            Consumer<UnreadableFileException> faultListener) {
        super(path, file, offset, length, whenDone, faultListener);
    }

    /**
     * Whether a file of this length shall be mapped: if it is larger than the JVM property {@code
     * org.http-kit.memmap-file-threshold} says, in MB, 20 by default.
     */
    static boolean suits(long length) {
        return length > Math.max(0, Long.getLong(THRESHOLD_PROPERTY, DEFAULT_THRESHOLD_MB)) << 20;
    }

    @Override
    long copiedBytes(Transport wire) {
        return remainingBytes();
    }

    /** A part of a file that was cut off must not be touched. */
    @Override
    long write(Transport wire, FileChannel file, long position, long count) throws IOException {
        if (wire.copies()) {
            return super.write(wire, file, position, count);
        }
        requireMoreThan(position);
        MappedWindow mapped = window;
        if (mapped == null) {
            mapped = map(file, position, Math.min(WINDOW_BYTES, count));
            window = mapped;
        }
        if (mapped == null) {
            return super.write(wire, file, position, count);
        }
        ByteBuffer bytes = mapped.bytes();
        int windowEnd = bytes.limit();
        bytes.limit(Math.min(windowEnd, bytes.position() + TURN_BYTES));
        int written;
        try {
            written = wire.writeMapped(bytes);
        } finally {
            bytes.limit(windowEnd);
        }
        if (!bytes.hasRemaining()) {
            unmap();
        }
        return written;
    }

    /** Null if the file is of a file system whose files cannot be mapped, such as an archive. */
    private @Nullable MappedWindow map(FileChannel file, long position, long length) throws UnreadableFileException {
        requireMoreThan(position + length - 1);
        try {
            return MappedWindow.map(file, position, length);
        } catch (UnsupportedOperationException e) {
            return null;
        } catch (IOException e) {
            requireMoreThan(position + length - 1); // it may have been cut just now
            throw unreadable(e);
        }
    }

    private void unmap() {
        if (window != null) {
            window.unmap();
            window = null;
        }
    }

    @Override
    protected void done(@Nullable IOException failure) {
        unmap();
        super.done(failure);
    }
}
