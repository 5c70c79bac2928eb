package org.httpkit.internal.net;

import java.io.IOException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of one conversation, both ways: those of a whole {@link Link}, or of a stream within one. A protocol on top of it need not know
 * which. What takes bytes out is for any thread, the rest for the loop.
 */
public interface Tunnel extends Outflow, Executor {

    // ---- any thread

    /** Buffers to gather what is to be sent, for {@link #send(Scratch)} right afterwards. */
    Scratch scratch();

    /** Sends what was gathered and takes the buffers back; false if the way out is closed. */
    boolean send(Scratch scratch);

    /** Sends a segment, which is not copied, behind everything handed over before; false if the way out is closed. */
    boolean send(Segment segment);

    /** Sends bytes that are left unchanged and need not leave at once; false if the way out is closed. */
    boolean sendSoon(byte[] bytes);

    /** The loop's clock. */
    long nanos();

    /** When the peer last took something of what waits. */
    long progressNanos();

    // ---- loop thread

    /** Stops reading: the peer is held. */
    void pauseInput();

    void resumeInput();

    /** Whether the peer has ended its side. */
    boolean isInputEnded();

    /** See {@link Link#holds}. */
    boolean holds(long bytes, boolean canBeLetGo);

    /** Nothing of what was received is held any more. */
    void holdsNothing();

    /** Runs work that may answer: what it sends leaves in one write at the end. */
    void batch(Runnable work);

    /** Has the protocol look at the clock at that time, or earlier. */
    void checkBy(long nanos);

    /** Closes at once: what was not written yet is told so. */
    void close(@Nullable IOException cause);
}
