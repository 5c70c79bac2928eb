package org.httpkit.internal.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A run of bytes waiting in an {@link OutboundQueue}. Used only by the holder of the queue's write claim, except
 * {@link #remainingBytes} before it is handed over.
 */
public abstract class Segment {
    /** Bytes written in one turn at most, so that one fast peer does not keep its loop for itself. */
    static final int TURN_BYTES = 1 << 20;

    /** The neighbour in the queue; before the segment is published its producer's, then the claim holder's. */
    @Nullable
    Segment next;

    /** Whether its bytes are in the server's {@link OutputBudget}; as above. */
    boolean counted;

    /** How many bytes are still to be written. */
    public abstract long remainingBytes();

    /** How many bytes of heap the segment holds while it waits; a file's bytes cost nothing. */
    public long heldBytes() {
        return remainingBytes();
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

    /** Says, once, that all of it was read (null), or never will be (what prevented it). For whoever has {@link #read} it. */
    public final void settle(@Nullable IOException failure) {
        done(failure);
    }

    /** Writes what the wire takes now, and no more than {@link #TURN_BYTES}. */
    abstract void writeTo(Transport wire, Scratch scratch) throws IOException;

    /** Called once when all bytes have been taken by the socket (null), or will never be (what prevented it). */
    protected void done(@Nullable IOException failure) {}
}
