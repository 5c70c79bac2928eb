package org.httpkit.server;

/**
 * What a channel does with a send while {@link HttpServer.Builder#maxQueuedBytes} of earlier ones wait for the
 * client.
 */
public enum WhenFull {
    /**
     * Closes the channel with {@link CloseReason.Cause#SLOW_CONSUMER}, so that one slow client does not affect
     * others.
     */
    CLOSE,
    /**
     * Rejects the send; the channel stays open. The server calls {@link ChannelListener#onDrain} when the queue is
     * empty.
     */
    REJECT,
    /**
     * Makes the calling thread wait until the client has taken what waits. On an event loop, which must not wait,
     * rejects the send.
     */
    BLOCK
}
