package org.httpkit.internal.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Processes the bytes of a connection. The link's loop thread calls all methods, one at a time. */
public interface Protocol {

    /** There is no next check: no deadline runs. */
    long NO_DEADLINE = Long.MAX_VALUE;

    /** Takes all of the input, keeping what it cannot use yet; the buffer is array-backed and belongs to the loop. */
    void onInput(ByteBuffer input);

    /** The peer will send nothing more; it may still read. */
    void onInputEnd();

    /** The call given to {@link Link#callNext} was made, or has lost the loop and continues elsewhere. */
    default void onCalled() {}

    /**
     * The work on the input is over, and its output is about to leave: for protocols that gather output themselves. The
     * link may be closed.
     */
    default void onTurnEnd() {}

    /** Everything handed to the outbound queue has left. Called after the queue had to wait for the peer. */
    void onDrained();

    /** Checks the clock: acts on what is overdue and returns when to check again, or {@link #NO_DEADLINE}. */
    long onDeadline(long nowNanos);

    /**
     * The server holds too much received input, and this link has held most for longest: drop it, and close the
     * connection.
     *
     * @param heldBytes how much is held for this link, overhead included
     */
    default void onTooMuchHeld(long heldBytes) {}

    /**
     * Since when the connection has been idle between two requests, so that the server may give it up; {@link
     * #NO_DEADLINE} if it is not idle.
     */
    default long idleSinceNanos() {
        return NO_DEADLINE;
    }

    /** A new connection finds no room, and this one has been idle longest: close, if it is still idle. */
    default void giveUpIdle() {}

    /**
     * Whether the client will probably reconnect as soon as it learns that the server stops. Then the server informs
     * such clients one by one, so that they do not all reconnect at once.
     */
    default boolean endsInTurn() {
        return false;
    }

    /**
     * Whether a close now would break off output that only the end of the connection delimits. Then the peer must not take
     * the end for that of the output (RFC 9112 section 8).
     *
     * @param failure as for {@link #onClosed}
     */
    default boolean breaksOff(@Nullable IOException failure) {
        return false;
    }

    /** The server stops: finish the current work, begin nothing new, close when idle. */
    void onServerStopping();

    /**
     * The link is closed, by the server or by a failure; no call follows.
     *
     * @param failure the socket's failure, or null if the server closed it
     */
    void onClosed(@Nullable IOException failure);
}
