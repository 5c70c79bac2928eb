package org.httpkit.internal.net;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/** A part of an open file, sent by the kernel without passing through the heap; closes the file when done. */
public class FileSegment extends Segment {
    private final FileChannel file;
    private final long end;
    private long position;

    public FileSegment(FileChannel file, long offset, long length) {
        this.file = file;
        this.position = offset;
        this.end = offset + length;
    }

    @Override
    public final long remainingBytes() {
        return end - position;
    }

    @Override
    public final long heldBytes() {
        return 0;
    }

    /** A file that became shorter than its announced length cannot be completed: the connection has to go. */
    @Override
    final void writeTo(Wire wire, Scratch scratch) throws IOException {
        long sent = wire.transfer(file, position, Math.min(TURN_BYTES, end - position));
        if (sent == 0 && position >= file.size()) {
            throw new EOFException("The file was cut to " + file.size() + " bytes while being sent up to " + end);
        }
        position += sent;
    }

    @Override
    protected void done(@Nullable IOException failure) {
        try {
            file.close();
        } catch (IOException ignored) {
            // It was only read from: nothing is lost.
        }
    }
}
