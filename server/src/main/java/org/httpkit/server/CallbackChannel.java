package org.httpkit.server;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The methods of a channel that programs written for http-kit call. They set callbacks one by one, and perform the
 * WebSocket handshake as a separate step. Deprecated throughout, so that Java programs find the methods of {@link
 * AsyncChannel} instead. Safe from any thread.
 *
 * <p>Callbacks and the handshake need a channel made by {@link Request#channel}; other channels throw {@link
 * IllegalStateException}.
 */
@SuppressWarnings("InlineMeSuggester") // programs written for http-kit keep calling them
public abstract class CallbackChannel {

    CallbackChannel() {}

    /**
     * Whether nothing can be sent any more.
     *
     * @deprecated For programs written for http-kit; in Java call {@link AsyncChannel#isOpen}.
     */
    @Deprecated
    public final boolean isClosed() {
        return !channel().isOpen();
    }

    /**
     * Whether a callback for the channel's end was set.
     *
     * @deprecated For programs written for http-kit; in Java pass a {@link ChannelListener}.
     */
    @Deprecated
    public final boolean hasCloseHandler() {
        return required().hasCloseHandler();
    }

    /**
     * Sets the callback for messages; see {@link ChannelCallbacks#set}.
     *
     * @deprecated For programs written for http-kit; in Java pass a {@link ChannelListener}.
     */
    @Deprecated
    public final void setReceiveHandler(Object callback) {
        set(ChannelCallbacks.Occasion.RECEIVE, callback);
    }

    /**
     * Sets the callback for pings; see {@link ChannelCallbacks#set}.
     *
     * @deprecated For programs written for http-kit; in Java pass a {@link ChannelListener}.
     */
    @Deprecated
    public final void setPingHandler(Object callback) {
        set(ChannelCallbacks.Occasion.PING, callback);
    }

    /**
     * Sets the callback for pongs; see {@link ChannelCallbacks#set}.
     *
     * @deprecated For programs written for http-kit; in Java pass a {@link ChannelListener}.
     */
    @Deprecated
    public final void setPongHandler(Object callback) {
        set(ChannelCallbacks.Occasion.PONG, callback);
    }

    /**
     * Sets the callback for the channel's end; see {@link ChannelCallbacks#set}.
     *
     * @deprecated For programs written for http-kit; in Java pass a {@link ChannelListener}.
     */
    @Deprecated
    public final void setCloseHandler(Object callback) {
        set(ChannelCallbacks.Occasion.CLOSE, callback);
    }

    /**
     * Sets the callback that receives code and reason at the channel's end; see {@link ChannelCallbacks#set}.
     *
     * @deprecated For programs written for http-kit; in Java pass a {@link ChannelListener}.
     */
    @Deprecated
    public final void setCloseRingHandler(Object callback) {
        set(ChannelCallbacks.Occasion.CLOSE_WITH_REASON, callback);
    }

    /**
     * Calls {@link AsyncChannel#close(int, String)} without a reason.
     *
     * @deprecated For programs written for http-kit.
     */
    @Deprecated
    public final boolean serverClose(int code) {
        return channel().close(code, "");
    }

    /**
     * Calls {@link AsyncChannel#close(int, String)}.
     *
     * @deprecated For programs written for http-kit.
     */
    @Deprecated
    public final boolean serverClose(int code, @Nullable String reason) {
        return channel().close(code, reason == null ? "" : reason);
    }

    /**
     * Turns the channel into a WebSocket: answers 101 with these fields and nothing else, without looking at the
     * request. Messages wait until {@link ChannelBinding#beginCalls}.
     *
     * @param fields names and values; {@code Sec-WebSocket-Protocol} becomes the {@link AsyncChannel#subprotocol}
     * @throws IllegalArgumentException if a field is invalid
     * @throws IllegalStateException if the channel is closed or already a WebSocket, or something was sent on it
     * @deprecated For programs written for http-kit; in Java call {@link Request#asChannel}.
     */
    @Deprecated
    public abstract void sendHandshake(Map<String, ?> fields);

    private void set(ChannelCallbacks.Occasion occasion, Object callback) {
        required().set(channel(), occasion, callback);
        if (required().hasCloseHandler()) {
            ChannelBinding.of(channel()).closeHandlerSet();
        }
    }

    private ChannelCallbacks required() {
        ChannelCallbacks callbacks = ChannelBinding.of(channel()).callbacks();
        if (callbacks == null) {
            throw new IllegalStateException("This channel has a listener, and takes no callbacks");
        }
        return callbacks;
    }

    private AsyncChannel channel() {
        return (AsyncChannel) this;
    }
}
