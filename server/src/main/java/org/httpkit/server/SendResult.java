package org.httpkit.server;

/** What a channel did with data. */
public enum SendResult {
    /** The network has taken all of it. */
    SENT,
    /**
     * The data waits: for the client to take earlier data, or for the server's next turn, because the same data has
     * just gone to several channels and later data may leave in the same write.
     */
    QUEUED,
    /** Too much is already waiting ({@link WhenFull#REJECT}). Nothing was sent, and the channel stays open. */
    REJECTED,
    /** The channel is closed. */
    CLOSED
}
