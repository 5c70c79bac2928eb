package org.httpkit.internal.net;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/**
 * One end of a byte stream that never blocks: a socket in the server, an array in tests.
 *
 * <p>{@link #read}, {@link #hasInput}, {@link #wantsFlush}, {@link #interest}, {@link #cut} and {@link #close} belong to the loop thread; {@link
 * #write}, {@link #writeMapped}, {@link #transfer}, {@link #flush}, {@link #heldChange}, {@link #discard}, {@link #limitSystemBuffer},
 * {@link #farewell} and {@link #shutdownOutput} to the thread that holds the write claim of the link's {@link OutboundQueue}. Only
 * {@link #writeMapped}, {@link #transfer} and the write of two buffers may wait, for a disk.
 *
 * <p>A transport may be a layer around another one that turns bytes into records, as TLS does. Then it may hold input that has been
 * read and cannot be handed on yet, and output that it has taken and the layer below has not.
 */
public interface Transport {

    /** Reads what is there: the count, 0 if there is nothing now, -1 at the end of the stream. */
    int read(ByteBuffer into) throws IOException;

    /** The room that {@link #read} needs beyond what it returns, because the layer hands on whole records: 0 if none. */
    default int mostBytesAtOnce() {
        return 0;
    }

    /**
     * Whether {@link #read} can return bytes, or the end, even if no more come in, which the selector would never report.
     * Checked after each read.
     */
    default boolean hasInput() {
        return false;
    }

    /** Whether reading has made the layer produce output, for {@link #flush} to send. Checked after each read. */
    default boolean wantsFlush() {
        return false;
    }

    /** Writes what the peer takes now: the count, 0 if it takes nothing. */
    int write(ByteBuffer bytes) throws IOException;

    /**
     * Writes what the peer takes now of a part of an array: the count, 0 if it takes nothing. Not more than fits into the buffer, through
     * which the bytes may go.
     */
    default int write(byte[] bytes, int offset, int length, ByteBuffer through) throws IOException {
        return write(through.clear()
                .put(bytes, offset, Math.min(length, through.capacity()))
                .flip());
    }

    /** Writes two buffers, one behind the other, in one go. */
    long write(ByteBuffer first, ByteBuffer second) throws IOException;

    /** Whether the JVM reads what is written, not the system alone: then a mapped file that is cut meanwhile is a fault of memory. */
    default boolean copies() {
        return false;
    }

    /** Writes a buffer that may be a mapped file, so that reading its pages may take as long as a disk takes. */
    default int writeMapped(ByteBuffer bytes) throws IOException {
        return write(bytes);
    }

    /** Writes a part of a file, without a copy where the transport can: the count, 0 if the peer takes nothing now. */
    long transfer(FileChannel file, long position, long count) throws IOException;

    /**
     * Sends what the layer holds, produced by it or written before; returns false if the peer does not take all of it
     * now.
     */
    default boolean flush() throws IOException {
        return true;
    }

    /** By how many bytes the output that the layer holds has grown since the last call; negative if it has shrunk. */
    default long heldChange() {
        return 0;
    }

    /** Drops what the layer holds of the output, since nothing can leave any more. */
    default void discard() {}

    /**
     * Limits how many bytes, roughly, the system takes ahead of the peer; by default it may take megabytes. Cannot be
     * undone.
     */
    void limitSystemBuffer(int bytes);

    /**
     * Sends the layer's own message that nothing more will come, if it has one; returns false if there is no room for
     * it now. Called once, at the end of a connection.
     */
    default boolean farewell() throws IOException {
        return true;
    }

    /**
     * Makes the following {@link #close} show the peer that the output was cut, where that is possible. Takes the place of {@link
     * #farewell}.
     */
    default void cut() {}

    /** Tells the peer that nothing more will come. What was written is still delivered. False if there is no room for that now. */
    boolean shutdownOutput() throws IOException;

    /** Asks the loop to say when there is something to read, when there is room to write, or neither. */
    void interest(boolean reading, boolean writing);

    /**
     * Ends both directions and frees the descriptor, also if the system reports an error. Idempotent. It does not wait for a write
     * that waits for a disk: then the descriptor is freed when that write returns.
     */
    void close() throws IOException;

    /** Whether the stream is encrypted. */
    default boolean isSecure() {
        return false;
    }

    /** How the stream is encrypted; null if it is not. */
    default @Nullable Security security() {
        return null;
    }

    /** Our address, or null if it has none. */
    @Nullable
    SocketAddress localAddress();

    /** The peer's address, or null if it has none. */
    @Nullable
    SocketAddress remoteAddress();
}
