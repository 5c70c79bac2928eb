package org.httpkit.internal.net;

import java.io.IOException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The output for a peer: all of a link's, or one stream's share of it. Safe from any thread. */
public interface Outflow {

    /** Bytes of heap that wait for the peer. */
    long queuedBytes();

    /** Whether everything that was handed over has left. */
    boolean isDrained();

    /** How many bytes have left so far on a way that several outputs share, each at the others' expense; 0 if none do. */
    default long sharedBytes() {
        return 0;
    }

    /** Whether the peer must read before more can leave. */
    boolean waitsForPeer();

    /**
     * Blocks until everything that was handed over has left. Not on a loop.
     *
     * @throws IOException if the way out is closed
     */
    void awaitDrained() throws IOException, InterruptedException;

    /** Writes now what was to be sent soon. */
    void flushSoon();

    /** Calls back when everything handed over so far has left (null), or never will. The callback must neither block nor throw. */
    void whenSent(Consumer<@Nullable IOException> callback);

    /** Whether nothing can leave any more. */
    boolean isClosed();

    /** Closes the way out at the loop's next turn: bytes that have not left by then never do. */
    void closeSoon(@Nullable IOException cause);

    /** As {@link #closeSoon}, unless it is not wanted any more when the loop comes to it: by then the way may serve others. */
    default void closeSoonUnless(BooleanSupplier unwanted, IOException cause) {
        if (!unwanted.getAsBoolean()) {
            closeSoon(cause);
        }
    }

    /** The current time, on the scale of {@link System#nanoTime}. */
    long freshNanos();
}
