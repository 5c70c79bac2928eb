package org.httpkit.server;

import org.httpkit.http.CloseCode;

/**
 * Why a channel was closed. Immutable.
 *
 * @param code of a WebSocket the close code (RFC 6455 section 7.4): the client's if it sent one, 1005 if its close frame had none,
 *     1006 if none came, else ours; of HTTP {@link #SERVER_CLOSE} or {@link #CLIENT_CLOSE}
 * @param text the words that came with the code, or the rule that was broken; mostly empty
 * @param cause what really happened
 */
public record CloseReason(int code, String text, Cause cause) {
    /** An HTTP channel that the server ended. */
    public static final int SERVER_CLOSE = 0;

    /** An HTTP channel whose client went away. */
    public static final int CLIENT_CLOSE = -1;

    /** What brought the end of a channel. */
    public enum Cause {
        /** We closed it, by {@code close} or by the last send. */
        CLOSED,
        /** The client closed it: by a close frame, or by ending the connection. */
        PEER_CLOSED,
        /** The connection broke. */
        PEER_RESET,
        /** Nothing was heard of the client for too long: no request, or no answer to pings. */
        IDLE_TIMEOUT,
        /** The TLS handshake was not over in time. */
        HANDSHAKE_TIMEOUT,
        /** The TLS handshake failed, or the client broke a rule of TLS. */
        TLS_ERROR,
        /** A request head was not complete in time, or a new connection sent nothing. */
        HEADER_TIMEOUT,
        /** A request body stalled, or came too slowly. */
        BODY_TIMEOUT,
        /** The client took nothing of what waited for it, for longer than the write timeout. */
        WRITE_TIMEOUT,
        /** The client's address had as many connections open as allowed. */
        ADDRESS_LIMIT,
        /** It was idle, and a new connection came while as many were open as allowed. */
        CONNECTION_LIMIT,
        /** Too much waited for the client. */
        SLOW_CONSUMER,
        /** The client broke the protocol or a limit; the text names the rule. */
        PROTOCOL_ERROR,
        /** The server was stopped. */
        SERVER_STOP,
        /** A listener threw; or a handler's answer had begun, and its body failed or its file could not be read. */
        HANDLER_ERROR,
        /** The worker had no room for a message, or the server held too much of what clients had sent. */
        OVERLOAD
    }

    /** Whether the client ended a WebSocket as it should, with code 1000 or 1001. */
    public boolean isNormal() {
        return code == CloseCode.NORMAL || code == CloseCode.GOING_AWAY;
    }
}
