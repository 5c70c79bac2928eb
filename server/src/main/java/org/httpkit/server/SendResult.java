package org.httpkit.server;

/** What became of data given to a channel. */
public enum SendResult {
    /** The network has taken all of it. */
    SENT,
    /**
     * It waits: for the client to take what came before, or for the server's next turn, since the same data has just gone to several
     * channels and what comes behind it may leave in the same write.
     */
    QUEUED,
    /** Too much waits already ({@link WhenFull#REJECT}); nothing was sent and the channel stays open. */
    REJECTED,
    /** The channel is closed. */
    CLOSED
}
