package org.httpkit.internal.net;

import java.io.IOException;
import java.nio.ByteBuffer;

/** What a connection does with its bytes. All methods are called on the link's loop thread, one at a time. */
public interface Protocol {

    /** The next check is never: no deadline runs. */
    long NO_DEADLINE = Long.MAX_VALUE;

    /** Takes all of the input, keeping what it cannot use yet; the buffer is array-backed and belongs to the loop. */
    void onInput(ByteBuffer input);

    /** The peer will send nothing more; it may still read. */
    void onInputEnd();

    /** The call given to {@link Link#callNext} was made, or has lost the loop and goes on elsewhere. */
    default void onCalled() {}

    /** The work on the input is over, and what it has led to is about to leave: for who has gathered output by himself. The link may be closed. */
    default void onTurnEnd() {}

    /** Everything handed to the outbound queue has left. Called after the queue had to wait for the peer. */
    void onDrained();

    /** Looks at the clock: acts on what is overdue and returns when to look again, or {@link #NO_DEADLINE}. */
    long onDeadline(long nowNanos);

    /**
     * The server holds too much of what it received, and this link most for longest: let go of it, and of the connection.
     *
     * @param heldBytes how much is held for this link, with what that takes besides
     */
    default void onTooMuchHeld(long heldBytes) {}

    /** Since when the connection has been idle between two requests, so that it can be given up; {@link #NO_DEADLINE} if it is not. */
    default long idleSinceNanos() {
        return NO_DEADLINE;
    }

    /** A new connection finds no room, and this has been idle for longest: close, if it still is. */
    default void giveUpIdle() {}

    /**
     * Whether the client can be expected to come back as soon as it is told that the server stops. Then it is told in its turn, so
     * that not all come back at once.
     */
    default boolean endsInTurn() {
        return false;
    }

    /** The server stops: finish what runs, begin nothing new, close when idle. */
    void onServerStopping();

    /**
     * The link is closed, by us or by a failure; nothing is called after this.
     *
     * @param failure what the socket said, or null if we closed it
     */
    void onClosed(@org.jspecify.annotations.Nullable IOException failure);
}
