package org.httpkit.server;

import org.jspecify.annotations.Nullable;

/**
 * The part of a channel that a binding to another language supplies: its types of data, and its callbacks, which are
 * set one by one with the methods of {@link CallbackChannel} rather than as one listener. See {@link
 * Request#channel}. Java applications use a {@link ChannelListener}.
 */
public interface ChannelCallbacks extends ChannelListener {

    /** What a callback is for. */
    enum Occasion {
        /** A message arrived. */
        RECEIVE,
        /** A ping arrived. */
        PING,
        /** A pong arrived. */
        PONG,
        /** The channel closed; the callback receives one value. */
        CLOSE,
        /** The channel closed; the callback receives code and reason. */
        CLOSE_WITH_REASON
    }

    /**
     * Takes a callback of any type that the binding knows.
     *
     * @throws IllegalStateException if there is already one for that occasion
     * @throws IllegalArgumentException if this is not a callback
     */
    void set(AsyncChannel channel, Occasion occasion, Object callback);

    /** Whether a callback for closing was set. */
    boolean hasCloseHandler();

    /**
     * Converts data of the binding's types into something that {@link AsyncChannel} can send; returns other data
     * unchanged.
     *
     * @throws IllegalArgumentException if data of this kind cannot be sent
     */
    @Nullable
    Object toSend(AsyncChannel channel, @Nullable Object data);

    /**
     * The application ends a response on this channel, by a send or by {@code close}. The thread that does so calls
     * this method before the last bytes leave. {@link #onClose} still follows in its turn. Not called for a
     * WebSocket.
     */
    default void onEnding(AsyncChannel channel, CloseReason reason) {}

    /**
     * The connection has ended, or the client's side of it, while calls still wait for {@link
     * ChannelBinding#beginCalls}. The worker calls this method at once, at the same time as what the application is
     * doing, which may go on until it learns that the client has gone. {@link #onClose} still follows in its turn.
     * Only called if there {@link #hasCloseHandler}.
     */
    default void onLost(AsyncChannel channel, CloseReason reason) {}

    /** Whether the callbacks answer pings; if so, the server does not. */
    default boolean answersPings() {
        return false;
    }
}
