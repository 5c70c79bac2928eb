package org.httpkit.server;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The methods of a channel for bindings to other languages, and for programs that know them from http-kit: callbacks are set one
 * by one, and the WebSocket handshake is a step of its own. Safe from any thread.
 *
 * <p>Callbacks and the handshake need a channel made by {@link Request#channel}; others throw {@link IllegalStateException}.
 */
public abstract class CallbackChannel {

    CallbackChannel() {}

    /** What was given to {@link Request#channel}; null of a channel that has a listener. */
    public abstract @Nullable ChannelCallbacks callbacks();

    /** Whether nothing can be sent any more. */
    public final boolean isClosed() {
        return !channel().isOpen();
    }

    /** Whether a callback for the channel's end was set. */
    public final boolean hasCloseHandler() {
        return required().hasCloseHandler();
    }

    /** Sets who is told of messages; see {@link ChannelCallbacks#set}. */
    public final void setReceiveHandler(Object callback) {
        set(ChannelCallbacks.Occasion.RECEIVE, callback);
    }

    /** Sets who is told of pings; see {@link ChannelCallbacks#set}. */
    public final void setPingHandler(Object callback) {
        set(ChannelCallbacks.Occasion.PING, callback);
    }

    /** Sets who is told of pongs; see {@link ChannelCallbacks#set}. */
    public final void setPongHandler(Object callback) {
        set(ChannelCallbacks.Occasion.PONG, callback);
    }

    /** Sets who is told of the end; see {@link ChannelCallbacks#set}. */
    public final void setCloseHandler(Object callback) {
        set(ChannelCallbacks.Occasion.CLOSE, callback);
    }

    /** Sets who is told of the end with code and reason; see {@link ChannelCallbacks#set}. */
    public final void setCloseRingHandler(Object callback) {
        set(ChannelCallbacks.Occasion.CLOSE_WITH_REASON, callback);
    }

    /** {@link AsyncChannel#close(int, String)} without a reason. */
    public final boolean serverClose(int code) {
        return channel().close(code, "");
    }

    /** {@link AsyncChannel#close(int, String)}. */
    public final boolean serverClose(int code, @Nullable String reason) {
        return channel().close(code, reason == null ? "" : reason);
    }

    /**
     * Makes a WebSocket of the channel: answers 101 with these fields and nothing else, without looking at the request. Messages
     * wait until {@link #beginCalls}.
     *
     * @param fields names and values; of {@code Sec-WebSocket-Protocol} the channel takes its {@link AsyncChannel#subprotocol}
     * @throws IllegalArgumentException if a field cannot be written
     * @throws IllegalStateException if the channel is closed or a WebSocket already, or something was sent on it
     */
    public abstract void sendHandshake(Map<String, ?> fields);

    /** Whether the options let the request's {@code Origin} open a WebSocket (RFC 6455 section 10.2); if not, the observer is told. */
    public abstract boolean allowsOrigin(ChannelOptions options);

    /**
     * Decides what becomes of later sends while {@link HttpServer.Builder#maxQueuedBytes} or more wait for the client. Until it is
     * called: {@link WhenFull#CLOSE}, or what the {@link ChannelOptions} say.
     */
    public abstract void setWhenFull(WhenFull policy);

    /**
     * Lets the calls begin that have waited for the callbacks to be set. Happens by itself when the handler has returned the
     * channel's response.
     */
    public abstract void beginCalls();

    /** Runs a task in its turn with the calls to the callbacks; false if the worker has no room for it. */
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
