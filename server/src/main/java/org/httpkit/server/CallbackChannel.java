package org.httpkit.server;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The methods of a channel for bindings to other languages, and for programs that know them from http-kit. Callbacks
 * are set one by one, and the WebSocket handshake is a separate step. Safe from any thread.
 *
 * <p>Callbacks and the handshake need a channel made by {@link Request#channel}; other channels throw {@link
 * IllegalStateException}.
 */
public abstract class CallbackChannel {

    CallbackChannel() {}

    /** The argument of {@link Request#channel}; null for a channel with a listener. */
    public abstract @Nullable ChannelCallbacks callbacks();

    /** Whether nothing can be sent any more. */
    public final boolean isClosed() {
        return !channel().isOpen();
    }

    /** Whether a callback for the channel's end was set. */
    public final boolean hasCloseHandler() {
        return required().hasCloseHandler();
    }

    /** Sets the callback for messages; see {@link ChannelCallbacks#set}. */
    public final void setReceiveHandler(Object callback) {
        set(ChannelCallbacks.Occasion.RECEIVE, callback);
    }

    /** Sets the callback for pings; see {@link ChannelCallbacks#set}. */
    public final void setPingHandler(Object callback) {
        set(ChannelCallbacks.Occasion.PING, callback);
    }

    /** Sets the callback for pongs; see {@link ChannelCallbacks#set}. */
    public final void setPongHandler(Object callback) {
        set(ChannelCallbacks.Occasion.PONG, callback);
    }

    /** Sets the callback for the channel's end; see {@link ChannelCallbacks#set}. */
    public final void setCloseHandler(Object callback) {
        set(ChannelCallbacks.Occasion.CLOSE, callback);
    }

    /** Sets the callback that receives code and reason at the channel's end; see {@link ChannelCallbacks#set}. */
    public final void setCloseRingHandler(Object callback) {
        set(ChannelCallbacks.Occasion.CLOSE_WITH_REASON, callback);
    }

    /** Calls {@link AsyncChannel#close(int, String)} without a reason. */
    public final boolean serverClose(int code) {
        return channel().close(code, "");
    }

    /** Calls {@link AsyncChannel#close(int, String)}. */
    public final boolean serverClose(int code, @Nullable String reason) {
        return channel().close(code, reason == null ? "" : reason);
    }

    /**
     * Turns the channel into a WebSocket: answers 101 with these fields and nothing else, without looking at the
     * request. Messages wait until {@link #beginCalls}.
     *
     * @param fields names and values; {@code Sec-WebSocket-Protocol} becomes the {@link AsyncChannel#subprotocol}
     * @throws IllegalArgumentException if a field is invalid
     * @throws IllegalStateException if the channel is closed or already a WebSocket, or something was sent on it
     */
    public abstract void sendHandshake(Map<String, ?> fields);

    /**
     * Whether the options let the request's {@code Origin} open a WebSocket (RFC 6455 section 10.2). If not, this
     * method informs the observer.
     */
    public abstract boolean allowsOrigin(ChannelOptions options);

    /**
     * Decides what happens to later sends while {@link HttpServer.Builder#maxQueuedBytes} or more wait for the
     * client. The default is {@link WhenFull#CLOSE}, or what the {@link ChannelOptions} say.
     */
    public abstract void setWhenFull(WhenFull policy);

    /**
     * Makes the calls that have waited for the callbacks to be set. The server calls this when the handler has
     * returned the channel's response.
     */
    public abstract void beginCalls();

    /** Runs a task in order with the calls to the callbacks; returns false if the worker has no room for it. */
    public abstract boolean inTurn(Runnable task);

    private void set(ChannelCallbacks.Occasion occasion, Object callback) {
        required().set(channel(), occasion, callback);
    }

    private ChannelCallbacks required() {
        ChannelCallbacks callbacks = callbacks();
        if (callbacks == null) {
            throw new IllegalStateException("This channel has a listener, and takes no callbacks");
        }
        return callbacks;
    }

    private AsyncChannel channel() {
        return (AsyncChannel) this;
    }
}
