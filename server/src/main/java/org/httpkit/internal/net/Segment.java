package org.httpkit.internal.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A sequence of bytes that waits in an {@link OutboundQueue}. Used only by the holder of the queue's write claim,
 * except for {@link #remainingBytes} before it is handed over.
 */
public abstract class Segment {
    /** Most bytes written in one turn, so that one fast peer does not monopolize its loop. */
    static final int TURN_BYTES = 1 << 20;

    /**
     * The neighbour in the queue; it belongs to the producer before the segment is published, then to the claim holder.
     */
    @Nullable
    Segment next;

    /** Whether its bytes are in the server's {@link OutputBudget}; owned like {@link #next}. */
    boolean counted;

    /** Turns a chain of segments around, and returns its new first one. */
    static @Nullable Segment reversed(@Nullable Segment latest) {
        Segment oldest = null;
        while (latest != null) {
            Segment before = latest.next;
            latest.next = oldest;
            oldest = latest;
            latest = before;
        }
        return oldest;
    }

    /** How many bytes are still to be written. */
    public abstract long remainingBytes();

    /** How many bytes of heap the segment holds while it waits; a file's bytes take none. */
    public long heldBytes() {
        return remainingBytes();
    }

    /** How many bytes the system will copy into its buffers; of a file that it sends itself, it only notes the pages. */
    long copiedBytes(Transport wire) {
        return remainingBytes();
    }

    /** Whether it is large for the system's buffers, even as a short head with the rest behind it. */
    boolean isLargeFor(Transport wire) {
        Segment behind = next;
        long bytes = copiedBytes(wire) + (behind == null ? 0 : behind.copiedBytes(wire));
        return bytes >= Scratch.LARGE_ANSWER_BYTES;
    }

    /** Whether the next turn of writing may wait for a disk, so that it must not happen on a loop. */
    boolean mayBlock() {
        return false;
    }

    /** Whether {@link #done} may wait for a disk. */
    boolean mayBlockWhenDone() {
        return false;
    }

    /** Whether reading or writing its next bytes may wait for a disk, so that it must not happen on a loop. */
    public final boolean mayWait() {
        return mayBlock();
    }

    /** Whether {@link #settle} may wait for a disk. */
    public final boolean mayWaitWhenSettled() {
        return mayBlockWhenDone();
    }

    /**
     * Puts its next bytes into a buffer, for an output that frames them, instead of writing them.
     *
     * @throws IOException if they cannot be read: the segment can never be completed
     */
    public void read(ByteBuffer into) throws IOException {
        throw new UnsupportedOperationException(getClass() + " has no content");
    }

    /**
     * Reports, once, that all of it was read (null), or never will be (the cause). For the thread that has {@link
     * #read} it.
     */
    public final void settle(@Nullable IOException failure) {
        done(failure);
    }

    /** Writes as much as the wire takes now, at most {@link #TURN_BYTES}. */
    abstract void writeTo(Transport wire, Scratch scratch) throws IOException;

    /** Called once when the socket has taken all bytes (null), or never will (the cause). */
    protected void done(@Nullable IOException failure) {}
}
