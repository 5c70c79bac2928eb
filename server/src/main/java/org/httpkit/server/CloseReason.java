package org.httpkit.server;

import org.httpkit.http.CloseCode;

/**
 * Why a channel was closed. Immutable.
 *
 * @param code for a WebSocket the close code (RFC 6455 section 7.4): the client's if it sent one, 1005 if its close
 *     frame had none, 1006 if no close frame arrived, otherwise the server's; for HTTP {@link #SERVER_CLOSE} or
 *     {@link #CLIENT_CLOSE}
 * @param text the reason sent with the code, or the rule that was broken; often empty
 * @param cause what happened
 */
public record CloseReason(int code, String text, Cause cause) {
    /** An HTTP channel that the server ended. */
    public static final int SERVER_CLOSE = 0;

    /** An HTTP channel whose client went away. */
    public static final int CLIENT_CLOSE = -1;

    /** What ended a channel. */
    public enum Cause {
        /** The application closed it, by {@code close} or by the last send. */
        CLOSED,
        /** The client closed it, by a close frame or by closing the connection. */
        PEER_CLOSED,
        /** The connection broke. */
        PEER_RESET,
        /** The client was silent for too long: it sent no request, or did not answer pings. */
        IDLE_TIMEOUT,
        /** The TLS handshake took too long. */
        HANDSHAKE_TIMEOUT,
        /** The TLS handshake failed, or the client broke a rule of TLS. */
        TLS_ERROR,
        /** A request head was not complete in time, or a new connection sent nothing. */
        HEADER_TIMEOUT,
        /** A request body stalled, or came too slowly. */
        BODY_TIMEOUT,
        /** The client took nothing of what waited for it for longer than the write timeout. */
        WRITE_TIMEOUT,
        /** The client's address had as many connections open as the limit allows. */
        ADDRESS_LIMIT,
        /** It was idle when a new connection arrived at the limit of connections. */
        CONNECTION_LIMIT,
        /** Too much waited for the client. */
        SLOW_CONSUMER,
        /** The client broke the protocol or a limit; the text names the rule. */
        PROTOCOL_ERROR,
        /** The server stopped. */
        SERVER_STOP,
        /** A listener threw; or the body of a response that had begun failed, or its file could not be read. */
        HANDLER_ERROR,
        /**
         * The worker had no room for a message; the server held too much unfinished input; or an HTTP/2 client sent too
         * many frames or resets that come to nothing.
         */
        OVERLOAD
    }

    /** Whether a WebSocket closed with code 1000 or 1001, whichever side closed it. */
    public boolean isNormal() {
        return code == CloseCode.NORMAL || code == CloseCode.GOING_AWAY;
    }
}
