package org.httpkit.internal.net;

import java.io.IOException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one conversation, in both directions: a whole {@link Link}, or a stream within one. A protocol on top
 * need not know which. Methods that send are safe from any thread; the others belong to the loop.
 */
public interface Tunnel extends Outflow, Executor {

    // ---- any thread

    /** Returns buffers in which to gather output, for {@link #send(Scratch)} right afterwards. */
    Scratch scratch();

    /** Sends the gathered bytes and takes the buffers back. Returns false if the way out is closed. */
    boolean send(Scratch scratch);

    /** Sends a segment, without a copy, after everything handed over before. Returns false if the way out is closed. */
    boolean send(Segment segment);

    /**
     * Sends bytes that need not leave at once; the caller must not change them. Returns false if the way out is closed.
     */
    boolean sendSoon(byte[] bytes);

    /** The loop's clock. */
    long nanos();

    /** When the peer last took waiting bytes. */
    long progressNanos();

    // ---- loop thread

    /** Stops reading, which holds the peer back. */
    void pauseInput();

    void resumeInput();

    /** Whether the peer has ended its side. */
    boolean isInputEnded();

    /** See {@link Link#holds}. */
    boolean holds(long bytes, boolean canBeLetGo);

    /**
     * Keeps what is held from being let go until {@link #holds} says otherwise, as it is about to be used elsewhere.
     * Returns false if the server has no room for that, whereupon {@link Protocol#onTooMuchHeld} follows.
     */
    boolean tryKeep();

    /** Reports that no received input is held any more. */
    void holdsNothing();

    /** Runs work that may answer: its output leaves in one write at the end. */
    void batch(Runnable work);

    /** Makes the protocol check its deadlines at this time, or earlier. */
    void checkBy(long nanos);

    /** Closes at once; unwritten segments receive the cause. */
    void close(@Nullable IOException cause);
}
