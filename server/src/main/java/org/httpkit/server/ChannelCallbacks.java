package org.httpkit.server;

import org.jspecify.annotations.Nullable;

/**
 * The side of a channel that a binding for another language brings: its types of data, and its callbacks, which are set one by one
 * with {@link CallbackChannel}'s methods rather than given as one listener. See {@link Request#channel}. Applications in Java use a
 * {@link ChannelListener}.
 */
public interface ChannelCallbacks extends ChannelListener {

    /** What a callback is for. */
    enum Occasion {
        /** A message came. */
        RECEIVE,
        /** A ping came. */
        PING,
        /** A pong came. */
        PONG,
        /** The channel was closed, told in one value. */
        CLOSE,
        /** The channel was closed, told as code and reason. */
        CLOSE_WITH_REASON
    }

    /**
     * Takes a callback, of whatever type the binding knows.
     *
     * @throws IllegalStateException if there is one for that occasion already
     * @throws IllegalArgumentException if this is no callback
     */
    void set(AsyncChannel channel, Occasion occasion, Object callback);

    /** Whether a callback for closing was set. */
    boolean hasCloseHandler();

    /**
     * Turns data of the binding's own types into something that {@link AsyncChannel} can send; gives back what it does not know.
     *
     * @throws IllegalArgumentException if this kind of data cannot be sent
     */
    @Nullable
    Object toSend(AsyncChannel channel, @Nullable Object data);

    /**
     * The application ends a response on this channel, by a send or {@code close}: called in the thread that does it, before the
     * last bytes go out. {@link #onClose} comes all the same, in its turn. Not called for a WebSocket.
     */
    default void onEnding(AsyncChannel channel, CloseReason reason) {}

    /** Whether the callbacks answer pings, so that the server must not. */
    default boolean answersPings() {
        return false;
    }
}
