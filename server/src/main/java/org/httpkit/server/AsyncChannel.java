package org.httpkit.server;

import org.jspecify.annotations.Nullable;

/**
 * One asynchronous way to a client, whatever it speaks: a WebSocket, a streamed response, or a response that comes later (long
 * polling). Made by {@link Request#asChannel}. Safe from any thread; compares by identity.
 *
 * <p><b>What can be sent:</b> a {@code CharSequence} or {@code byte[]}, a {@code ByteBuffer}, an {@code InputStream} or {@link
 * java.nio.file.Path}, a {@link Message}, a {@link Response}, or null for nothing. On a WebSocket, text makes a text message and
 * everything else a binary one; of a response only the body counts. On HTTP, the first send carries status and fields, those of
 * a {@link Response} or 200 with {@code Content-Type: text/html; charset=utf-8}; later ones only a piece of the body. A stream is pulled on the
 * worker, and closed in any case but {@link SendResult#REJECTED}.
 *
 * <p><b>Order:</b> what one thread sends arrives in that order; messages are never mixed.
 *
 * <p><b>Slow clients:</b> no call waits for the client, unless {@link WhenFull#BLOCK} was chosen. What the client has not taken
 * waits here, up to {@link HttpServer.Builder#maxQueuedBytes}; then {@link WhenFull} decides.
 */
public abstract class AsyncChannel extends CallbackChannel {

    /** Only the server makes channels. */
    protected AsyncChannel() {}

    /**
     * Sends data. On a WebSocket the channel stays open; on HTTP this completes the response, as {@code send(data, true)} does.
     *
     * @return true if the data was sent or queued, false if the channel is closed or refused it ({@link WhenFull#REJECT})
     * @throws IllegalArgumentException if this kind of data cannot be sent
     */
    public final boolean send(@Nullable Object data) {
        return send(data, !isWebSocket());
    }

    /**
     * Sends data, and closes the channel behind it if told so. With false on HTTP, the response is streamed: each send is a piece
     * that the client sees at once.
     *
     * @return as {@link #send(Object)}
     * @throws IllegalArgumentException if this kind of data cannot be sent
     */
    public final boolean send(@Nullable Object data, boolean closeAfterSend) {
        SendResult result = trySend(data, closeAfterSend, null);
        return result == SendResult.SENT || result == SendResult.QUEUED;
    }

    /** Sends data without closing, and tells how far it came. */
    public final SendResult trySend(@Nullable Object data) {
        return trySend(data, false, null);
    }

    /**
     * Sends data, and tells how far it came.
     *
     * @param whenDone called once when the data has left for the network, or never will: on the worker, one after the other and in
     *     order; in the caller's thread if the data is refused at once; on the event loop with {@link Dispatch#INLINE}. Null for nobody
     * @throws IllegalArgumentException if this kind of data cannot be sent
     */
    public abstract SendResult trySend(@Nullable Object data, boolean closeAfterSend, @Nullable SendListener whenDone);

    /**
     * Sends a server-sent event. The first one begins a response of {@code Content-Type: text/event-stream} that is not cached,
     * unless one has begun already. On a WebSocket the event's data goes out as a text message.
     *
     * @return as {@link #send(Object)}
     */
    public abstract boolean sendEvent(Event event);

    /**
     * Closes the channel: a WebSocket with code 1000; a streamed response by its end; a response that has not begun as 200 with
     * an empty body. What was sent before is still delivered.
     *
     * @return true if this call closed it, false if it was closed already
     */
    public final boolean close() {
        return close(org.httpkit.http.CloseCode.NORMAL, "");
    }

    /**
     * Closes the channel, a WebSocket with that code and reason.
     *
     * @param code 1000 to 1003, 1007 to 1014, or 3000 to 4999; HTTP ignores it
     * @param reason at most 123 bytes of UTF-8 are sent
     * @return as {@link #close()}
     * @throws IllegalArgumentException if that code may not be sent
     */
    public abstract boolean close(int code, String reason);

    /**
     * Sends a WebSocket ping, which the client answers with the same payload (RFC 6455 section 5.5.2).
     *
     * @param payload at most 125 bytes
     * @return true if it was sent or queued; false if the channel is no open WebSocket, or as much waits for the client as may
     * @throws IllegalArgumentException if the payload is longer
     */
    public abstract boolean ping(byte[] payload);

    /** Sends a pong that answers no ping (RFC 6455 section 5.5.3); otherwise as {@link #ping}. Pings are answered by the server. */
    public abstract boolean pong(byte[] payload);

    /** Whether data can still be sent. */
    public abstract boolean isOpen();

    /** Whether the client speaks WebSocket on this channel. */
    public abstract boolean isWebSocket();

    /** Bytes of memory held by what the client has not taken yet. */
    public abstract long queuedBytes();

    /** The subprotocol agreed on in the WebSocket handshake, or null. */
    public abstract @Nullable String subprotocol();

    /**
     * The request this channel began with. A WebSocket keeps it in little space, not as the object that the handler was given, and
     * reads it again when something of it is asked for: what is needed for each message is better remembered.
     */
    public abstract Request request();
}
