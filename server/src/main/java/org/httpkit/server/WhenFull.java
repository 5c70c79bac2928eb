package org.httpkit.server;

/** What happens to a send when a client has not taken {@link HttpServer.Builder#maxQueuedBytes} of earlier ones. */
public enum WhenFull {
    /** The channel is closed with {@link CloseReason.Cause#SLOW_CONSUMER}: one slow client costs nobody else. */
    CLOSE,
    /** The send is refused and the channel stays open; {@link ChannelListener#onDrain} tells when there is room. */
    REJECT,
    /**
     * The calling thread waits until the client has taken what waits. On an event loop, where nothing may wait, the send is refused
     * instead.
     */
    BLOCK
}
