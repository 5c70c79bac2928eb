package org.httpkit.server;

import org.jspecify.annotations.Nullable;

/**
 * The side of a channel that a binding to another language works with; see {@link Request#channel}. Java applications
 * need none of it. Safe from any thread.
 */
public interface ChannelBinding {

    /** Returns the binding's side of a channel. */
    static ChannelBinding of(AsyncChannel channel) {
        return (ChannelBinding) channel;
    }

    /** The argument of {@link Request#channel}; null for a channel with a listener. */
    @Nullable
    ChannelCallbacks callbacks();

    /**
     * Whether the options let the request's {@code Origin} open a WebSocket (RFC 6455 section 10.2). If not, this
     * method informs the observer.
     */
    boolean allowsOrigin(ChannelOptions options);

    /**
     * Decides what happens to later sends while {@link HttpServer.Builder#maxQueuedBytes} or more wait for the
     * client. The default is {@link WhenFull#CLOSE}, or what the {@link ChannelOptions} say.
     */
    void setWhenFull(WhenFull policy);

    /**
     * Makes the calls that have waited for the callbacks to be set. The server calls this when the handler has
     * returned the channel's response.
     */
    void beginCalls();

    /** Is called when a callback for the end has been set: the client may have ended its side before. */
    void closeHandlerSet();

    /** Runs a task in order with the calls to the callbacks; returns false if the worker has no room for it. */
    boolean inTurn(Runnable task);
}
