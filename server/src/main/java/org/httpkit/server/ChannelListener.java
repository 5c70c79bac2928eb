package org.httpkit.server;

import org.jspecify.annotations.Nullable;

/**
 * Receives the events of an {@link AsyncChannel}. Each method does nothing unless you override it.
 *
 * <p><b>Order:</b> {@link #init}, then {@link #onOpen}, both in the thread that calls {@link Request#asChannel}; then
 * messages, pings and drains, one at a time and in the order of their arrival; {@link #onClose} exactly once, last.
 * After the first two, calls run where {@link Dispatch} says. On the worker they may block; the client's further
 * messages then wait, in the client's buffers if they are many. With {@link Dispatch#INLINE} they run on the event
 * loop and must not block.
 *
 * <p><b>Failure:</b> {@link ServerObserver#handlerFailed} receives what a method throws. A WebSocket then closes with
 * 1011. An HTTP response that has not begun becomes 500, and one that has begun is cut off. After that, the server
 * calls only {@link #onClose}.
 */
public interface ChannelListener {

    /** Called before the WebSocket handshake, for preparations. Nothing can be sent yet. */
    default void init(AsyncChannel channel) {}

    /** The channel is open; from now on you can send. */
    default void onOpen(AsyncChannel channel) {}

    /**
     * A message arrived. {@link #onText} and {@link #onBinary} call this method unless you override them.
     *
     * @param message a {@code String} or a {@code byte[]}
     */
    default void onMessage(AsyncChannel channel, Object message) {}

    /** A text message arrived. */
    default void onText(AsyncChannel channel, String text) {
        onMessage(channel, text);
    }

    /** A binary message arrived. The array belongs to the listener. */
    default void onBinary(AsyncChannel channel, byte[] bytes) {
        onMessage(channel, bytes);
    }

    /** A ping arrived. The server has already answered it. */
    default void onPing(AsyncChannel channel, byte[] payload) {}

    /** A pong arrived. */
    default void onPong(AsyncChannel channel, byte[] payload) {}

    /** The client has taken everything that was waiting for it. */
    default void onDrain(AsyncChannel channel) {}

    /**
     * A plain HTTP request still waits for a response on the channel when the server stops, or when {@link
     * ChannelOptions#answerTimeout} is over. When the server stops, it calls this method at the {@link
     * HttpServer.Builder#drainRate}, once the request is a second old or half of the stop's timeout is over.
     *
     * @param response the response of {@link ChannelOptions#answerBy}, or 503 with {@code Retry-After: 1}
     * @return the response to send, unless a response has begun in the meantime; null to keep the client waiting,
     *     until the stop's timeout is over and the connection closes, or for another {@code answerTimeout}
     */
    default @Nullable Response onUnanswered(AsyncChannel channel, Response response) {
        return response;
    }

    /** The channel is closed, however it ended. */
    default void onClose(AsyncChannel channel, CloseReason reason) {}

    /**
     * A WebSocket handshake was invalid; the channel is still an HTTP channel. Unless you override this method, it
     * sends the response that the standard asks for.
     *
     * @param response that response: 400, 403 for a foreign origin, or 426 for a version other than 13
     */
    default void onHandshakeError(AsyncChannel channel, Response response) {
        channel.send(response, true);
    }
}
