package org.httpkit.internal.exchange;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An answer that the application has taken into its own hands. Safe from any thread. */
public interface BegunAnswer {
    /** Breaks it off, unless it has ended, after a failure of the application that the observer knows. */
    void cut(Throwable failure);

    /**
     * Is called when the connection closes before the answer ends. Returns true if that ends the answer.
     *
     * @param failure the connection's, or null if the server closed it
     */
    boolean connectionClosed(@Nullable IOException failure);

    /** The status of an answer that has begun, or 0. */
    int begunStatus();
}
