package org.httpkit.server;

import org.jspecify.annotations.Nullable;

/**
 * Is told what happens on an {@link AsyncChannel}. Each method does nothing unless overridden.
 *
 * <p><b>Order:</b> {@link #init}, then {@link #onOpen}, both in the thread that called {@link Request#asChannel}; then messages,
 * pings and drains, one at a time and in the order they came; {@link #onClose} exactly once, as the last. After the first two
 * the calls are made on the worker, where they may block: the client's further messages then wait, in its own buffers if they
 * are many. With {@link Dispatch#INLINE} they are made on the event loop and must not block.
 *
 * <p><b>Failure:</b> what a method throws goes to {@link ServerObserver#handlerFailed}; a WebSocket is then closed with 1011;
 * an HTTP response that has not begun becomes 500, and one that has begun is cut off. Only {@link #onClose} is called after that.
 */
public interface ChannelListener {

    /** Before the WebSocket handshake, for preparations; nothing can be sent yet. */
    default void init(AsyncChannel channel) {}

    /** The channel is open: from here on, data can be sent. */
    default void onOpen(AsyncChannel channel) {}

    /**
     * A message came. Called by {@link #onText} and {@link #onBinary} unless these are overridden.
     *
     * @param message a {@code String} or a {@code byte[]}
     */
    default void onMessage(AsyncChannel channel, Object message) {}

    /** A text message came. */
    default void onText(AsyncChannel channel, String text) {
        onMessage(channel, text);
    }

    /** A binary message came; the array is the listener's to keep. */
    default void onBinary(AsyncChannel channel, byte[] bytes) {
        onMessage(channel, bytes);
    }

    /** A ping came. It has been answered already. */
    default void onPing(AsyncChannel channel, byte[] payload) {}

    /** A pong came. */
    default void onPong(AsyncChannel channel, byte[] payload) {}

    /** The client has taken everything that waited for it. */
    default void onDrain(AsyncChannel channel) {}

    /**
     * A plain HTTP request waits on the channel for an answer that has not begun, and there is no more time for it: the server stops, or
     * {@link ChannelOptions#answerTimeout} is over. When the server stops, this is called once the request is a second old or half of
     * the stop's timeout is over, at the {@link HttpServer.Builder#drainRate}.
     *
     * @param response that of {@link ChannelOptions#answerBy}, or 503 with {@code Retry-After: 1}
     * @return what to answer, unless an answer has begun meanwhile; null to leave the client waiting: until the stop's timeout is over,
     *     when its connection is closed, or for another {@code answerTimeout}
     */
    default @Nullable Response onUnanswered(AsyncChannel channel, Response response) {
        return response;
    }

    /** The channel is closed, whichever way it ended. */
    default void onClose(AsyncChannel channel, CloseReason reason) {}

    /**
     * A WebSocket handshake was not in order; the channel is still an HTTP one. Unless overridden, sends the response that the
     * standard asks for.
     *
     * @param response that response: 400, 403 for a foreign origin, or 426 for a version other than 13
     */
    default void onHandshakeError(AsyncChannel channel, Response response) {
        channel.send(response, true);
    }
}
