package org.httpkit.server;

import org.jspecify.annotations.Nullable;

/**
 * An asynchronous way to send to a client: a WebSocket, a streamed response, or a response that comes later (long
 * polling). Made by {@link Request#asChannel}. Safe from any thread; compares by identity.
 *
 * <p><b>What you can send:</b> a {@code CharSequence} or {@code byte[]}, a {@code ByteBuffer}, an {@code InputStream}
 * or {@link java.nio.file.Path}, a {@link Message}, a {@link Response}, or null for nothing. On a WebSocket, text
 * becomes a text message and everything else a binary message; only the body of a response counts. On HTTP, the first
 * send carries status and fields: those of a {@link Response}, or 200 with {@code Content-Type: text/html;
 * charset=utf-8}. Later sends carry pieces of the body. The worker reads a stream, and closes it unless the result is
 * {@link SendResult#REJECTED}.
 *
 * <p><b>Order:</b> messages that one thread sends arrive in that order. Messages never mix.
 *
 * <p><b>Slow clients:</b> no call waits for the client, except with {@link WhenFull#BLOCK}. Data that the client has
 * not taken waits in the channel, up to {@link HttpServer.Builder#maxQueuedBytes}; at that limit {@link WhenFull}
 * decides.
 */
public abstract class AsyncChannel extends CallbackChannel {

    /** Only the server makes channels. */
    protected AsyncChannel() {}

    /**
     * Sends data. A WebSocket stays open. On HTTP this completes the response, as {@code send(data, true)} does.
     *
     * @return true if the data was sent or queued; false if the channel is closed, or rejected the data ({@link
     *     WhenFull#REJECT})
     * @throws IllegalArgumentException if data of this kind cannot be sent
     */
    public final boolean send(@Nullable Object data) {
        return send(data, !isWebSocket());
    }

    /**
     * Sends data, and then closes the channel if {@code closeAfterSend} is true. With false on HTTP, each send is a
     * piece of a streamed response, which the client sees at once. A response that has no content, because the request
     * is HEAD or the status is 204 or 304, is over with its head: then the first send closes the channel (RFC 9110
     * section 6.4.1).
     *
     * @return as {@link #send(Object)}
     * @throws IllegalArgumentException if data of this kind cannot be sent
     */
    public final boolean send(@Nullable Object data, boolean closeAfterSend) {
        SendResult result = trySend(data, closeAfterSend, null);
        return result == SendResult.SENT || result == SendResult.QUEUED;
    }

    /** Sends data without closing the channel, and returns what became of the data. */
    public final SendResult trySend(@Nullable Object data) {
        return trySend(data, false, null);
    }

    /**
     * Sends data, and returns what became of it.
     *
     * @param whenDone called once when the data has left for the network, or when it is certain that it never will.
     *     The worker makes these calls one after the other and in order; the caller's thread makes it if the channel
     *     rejects the data at once; the event loop makes it with {@link Dispatch#INLINE}. May be null
     * @throws IllegalArgumentException if data of this kind cannot be sent
     */
    public abstract SendResult trySend(@Nullable Object data, boolean closeAfterSend, @Nullable SendListener whenDone);

    /**
     * Sends a server-sent event. Unless a response has begun, the first event begins one with {@code Content-Type:
     * text/event-stream} that caches do not store. On a WebSocket the event's data becomes a text message.
     *
     * @return as {@link #send(Object)}
     */
    public abstract boolean sendEvent(Event event);

    /**
     * Closes the channel. A WebSocket closes with code 1000, a streamed response ends, and a response that has not
     * begun becomes an empty 200. The client still receives what was sent before.
     *
     * @return true if this call closed the channel, false if it was already closed
     */
    public final boolean close() {
        return close(org.httpkit.http.CloseCode.NORMAL, "");
    }

    /**
     * Closes the channel; a WebSocket closes with this code and reason.
     *
     * @param code 1000 to 1003, 1007 to 1014, or 3000 to 4999; HTTP ignores it
     * @param reason at most 123 bytes of UTF-8 are sent
     * @return as {@link #close()}
     * @throws IllegalArgumentException if the code must not be sent
     */
    public abstract boolean close(int code, String reason);

    /**
     * Sends a WebSocket ping, which the client answers with the same payload (RFC 6455 section 5.5.2).
     *
     * @param payload at most 125 bytes
     * @return true if the ping was sent or queued; false if the channel is not an open WebSocket, or its queue is
     *     full
     * @throws IllegalArgumentException if the payload is longer
     */
    public abstract boolean ping(byte[] payload);

    /**
     * Sends an unsolicited pong (RFC 6455 section 5.5.3); otherwise as {@link #ping}. The server itself answers
     * pings.
     */
    public abstract boolean pong(byte[] payload);

    /** Whether data can still be sent. */
    public abstract boolean isOpen();

    /** Whether the client speaks WebSocket on this channel. */
    public abstract boolean isWebSocket();

    /** How many bytes of memory the data takes that the client has not taken yet. */
    public abstract long queuedBytes();

    /** The subprotocol that the WebSocket handshake agreed on, or null. */
    public abstract @Nullable String subprotocol();

    /**
     * The request that opened this channel. A WebSocket stores it compactly and decodes it again when you call its
     * methods, so keep what you need for each message.
     */
    public abstract Request request();
}
