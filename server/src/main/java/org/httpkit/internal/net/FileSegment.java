package org.httpkit.internal.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A part of an open file, which the kernel sends without passing through the heap; releases the file when done. Its
 * disk may stall, so no loop writes it.
 */
public class FileSegment extends Segment {
    private static final int COPIED_BYTES = 64 * 1024;

    private final Path path;
    private final FileChannel file;
    private final long end;
    private final Runnable whenDone;
    private final Consumer<UnreadableFileException> faultListener;
    private long position;
    /** Whether the file goes through the heap because the system cannot send it, like some files below /proc. */
    private boolean copies;

    private @Nullable UnreadableFileException fault;

    FileSegment(
            Path path,
            FileChannel file,
            long offset,
            long length,
            Runnable whenDone,
            Consumer<UnreadableFileException> faultListener) {
        this.path = path;
        this.file = file;
        this.position = offset;
        this.end = Math.addExact(offset, length);
        this.whenDone = whenDone;
        this.faultListener = faultListener;
    }

    /** Sends a whole file in the way that suits its length, and closes it when done: see below. */
    public static FileSegment of(
            Path path, FileChannel file, long length, Consumer<UnreadableFileException> faultListener) {
        return of(path, file, 0, length, () -> close(file), faultListener);
    }

    /**
     * Sends a part of a file in the way that suits its length.
     *
     * @param path the file's path, for messages
     * @param offset where the part begins
     * @param whenDone called when this part no longer needs the file; must neither block for long nor throw
     * @param faultListener called if the file failed, not the network
     */
    public static FileSegment of(
            Path path,
            FileChannel file,
            long offset,
            long length,
            Runnable whenDone,
            Consumer<UnreadableFileException> faultListener) {
        return MappedFileSegment.suits(length)
                ? new MappedFileSegment(path, file, offset, length, whenDone, faultListener)
                : new FileSegment(path, file, offset, length, whenDone, faultListener);
    }

    private static void close(FileChannel file) {
        try {
            file.close();
        } catch (IOException ignored) {
            // The file was only read: nothing is lost.
        }
    }

    @Override
    public final long remainingBytes() {
        return end - position;
    }

    @Override
    public final long heldBytes() {
        return 0;
    }

    @Override
    long copiedBytes(Transport wire) {
        return wire.copies() ? remainingBytes() : 0;
    }

    @Override
    final boolean mayBlock() {
        return true;
    }

    @Override
    final boolean mayBlockWhenDone() {
        return true;
    }

    /** A file that cannot be read to its announced length cannot be completed: the connection must close. */
    @Override
    final void writeTo(Transport wire, Scratch scratch) throws IOException {
        try {
            position += write(wire, file, position, end - position);
        } catch (IOException e) {
            IOException failure = e instanceof UnreadableFileException ? e : blamed(e);
            fault = failure instanceof UnreadableFileException unreadable ? unreadable : null;
            throw failure;
        }
    }

    @Override
    public final void read(ByteBuffer into) throws IOException {
        int limit = into.limit();
        into.limit((int) Math.min(limit, into.position() + end - position));
        try {
            int read = file.read(into, position);
            if (read <= 0) {
                requireMoreThan(position);
            }
            position += Math.max(0, read);
        } catch (IOException e) {
            IOException failure = e instanceof UnreadableFileException ? e : unreadable(e);
            fault = (UnreadableFileException) failure;
            throw failure;
        } finally {
            into.limit(limit);
        }
    }

    /** Writes as much as the wire takes now, from a position; returns the count, 0 if it takes nothing. */
    long write(Transport wire, FileChannel file, long position, long count) throws IOException {
        long sent = copies ? copy(wire, file, position, count) : transfer(wire, file, position, count);
        if (sent == 0) {
            requireMoreThan(position);
        }
        return sent;
    }

    /**
     * If the system cannot send the file but it can be read, the kind of file is the reason; failures of the network
     * occur again.
     */
    private long transfer(Transport wire, FileChannel file, long position, long count) throws IOException {
        try {
            return wire.transfer(file, position, Math.min(TURN_BYTES, count));
        } catch (IOException e) {
            if (!file.isOpen() || e instanceof ClosedChannelException) {
                throw e;
            }
            copies = true;
            return copy(wire, file, position, count);
        }
    }

    private long copy(Transport wire, FileChannel file, long position, long count) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate((int) Math.min(COPIED_BYTES, count));
        int read;
        try {
            read = file.read(piece, position);
        } catch (IOException e) {
            throw unreadable(e);
        }
        return read <= 0 ? 0 : wire.write(piece.flip());
    }

    final void requireMoreThan(long position) throws UnreadableFileException {
        long length;
        try {
            length = file.size();
        } catch (IOException e) {
            throw unreadable(e);
        }
        if (length <= position) {
            throw new UnreadableFileException(
                    path + " was cut to " + length + " bytes while being sent up to " + end, null);
        }
    }

    final UnreadableFileException unreadable(IOException cause) {
        return new UnreadableFileException(
                path + " cannot be read from byte " + position + " of " + end + " on", cause);
    }

    /**
     * A failure may be the file's fault or the network's. It is the network's if the file has its full length and the
     * next byte can be read.
     */
    private IOException blamed(IOException failure) {
        if (!file.isOpen()) {
            return failure; // an interrupt has closed it
        }
        try {
            requireMoreThan(end - 1);
            boolean readable = file.read(ByteBuffer.allocate(1), position) > 0;
            return readable ? failure : new UnreadableFileException(path + " ends before byte " + position, failure);
        } catch (IOException e) {
            return e instanceof UnreadableFileException ? e : unreadable(e);
        }
    }

    @Override
    protected void done(@Nullable IOException failure) {
        whenDone.run();
        if (fault != null) {
            faultListener.accept(fault);
        }
    }
}
