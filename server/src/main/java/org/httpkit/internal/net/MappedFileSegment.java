package org.httpkit.internal.net;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/** A large file, mapped into memory window by window and unmapped when each is sent; closes the file when done. */
public final class MappedFileSegment extends Segment {
    private static final String THRESHOLD_PROPERTY = "org.http-kit.memmap-file-threshold";
    private static final long DEFAULT_THRESHOLD_MB = 20;
    private static final long WINDOW_BYTES = 64L << 20;

    private final FileChannel file;
    private final long end;
    private long position;
    private @Nullable MappedWindow window;

    public MappedFileSegment(FileChannel file, long length) {
        this.file = file;
        this.end = length;
    }

    /**
     * Whether a file of this length shall be mapped: if it is larger than the JVM property {@code
     * org.http-kit.memmap-file-threshold} says, in MB, 20 by default.
     */
    public static boolean suits(long length) {
        return length > Math.max(0, Long.getLong(THRESHOLD_PROPERTY, DEFAULT_THRESHOLD_MB)) << 20;
    }

    @Override
    public long remainingBytes() {
        return end - position;
    }

    @Override
    public long heldBytes() {
        return 0;
    }

    /** A file that was cut while it is sent cannot be completed: the connection has to go. */
    @Override
    void writeTo(Wire wire, Scratch scratch) throws IOException {
        if (position >= file.size()) {
            throw new EOFException("The file was cut to " + file.size() + " bytes while being sent up to " + end);
        }
        MappedWindow mapped = window;
        if (mapped == null) {
            mapped = MappedWindow.map(file, position, Math.min(WINDOW_BYTES, end - position));
            window = mapped;
        }
        ByteBuffer bytes = mapped.bytes();
        int windowEnd = bytes.limit();
        bytes.limit(Math.min(windowEnd, bytes.position() + TURN_BYTES));
        int written = wire.write(bytes);
        bytes.limit(windowEnd);
        position += written;
        if (!bytes.hasRemaining()) {
            window = null;
            mapped.unmap();
        }
    }

    @Override
    protected void done(@Nullable IOException failure) {
        if (window != null) {
            window.unmap();
            window = null;
        }
        try {
            file.close();
        } catch (IOException ignored) {
            // It was only read from: nothing is lost.
        }
    }
}
