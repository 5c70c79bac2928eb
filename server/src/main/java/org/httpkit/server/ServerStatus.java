package org.httpkit.server;

/** The stages of a server's life; it only moves forward. */
public enum ServerStatus {
    /** Accepts connections and answers requests. */
    RUNNING,
    /** Accepts nothing new and finishes what is running. */
    STOPPING,
    /** Has closed all connections; all threads and descriptors are gone. */
    STOPPED
}
