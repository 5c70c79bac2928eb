package org.httpkit.topics;

/** What becomes of messages for a client that does not keep up. None of it slows the publisher or other receivers. */
public enum WhenSlow {
    /**
     * The channel is closed once {@code maxQueuedBytes} of the server wait for it. The client comes back and gets what it has missed,
     * within the history.
     */
    CLOSE,
    /**
     * While more than {@link Topics.Builder#slowAfterBytes} wait, only the newest message of each topic is kept, and sent when the
     * client has caught up. For states that replace each other, such as prices and positions.
     */
    LATEST,
    /**
     * While more than {@link Topics.Builder#slowAfterBytes} wait, messages are left out. When the client has caught up, it learns how many
     * of which topic: {@code skipped}.
     */
    SKIP
}
