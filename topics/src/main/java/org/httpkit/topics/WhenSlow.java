package org.httpkit.topics;

/** What to do with messages for a client that does not keep up. No choice slows the publisher or other receivers. */
public enum WhenSlow {
    /**
     * Closes the channel once the server's {@code maxQueuedBytes} wait for it. A client that comes back gets what it
     * missed, as far as the history reaches.
     */
    CLOSE,
    /**
     * While more than {@link Topics.Builder#slowAfterBytes} wait, keeps only the newest message of each topic, and
     * sends it when the client has caught up. For states that replace each other, such as prices and positions.
     */
    LATEST,
    /**
     * While more than {@link Topics.Builder#slowAfterBytes} wait, leaves messages out. When the client has caught up,
     * it learns how many of which topic: {@code skipped}.
     */
    SKIP
}
