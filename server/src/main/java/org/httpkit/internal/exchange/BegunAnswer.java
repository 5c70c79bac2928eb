package org.httpkit.internal.exchange;

/** An answer that the application has taken into its own hands. Safe from any thread. */
public interface BegunAnswer {
    /** Breaks it off, unless it has ended, after a failure of the application that the observer knows. */
    void cut(Throwable failure);

    /** Is called when the connection closes before the answer ends. Returns true if that ends the answer. */
    boolean connectionClosed();

    /** The status of an answer that has begun, or 0. */
    int begunStatus();
}
