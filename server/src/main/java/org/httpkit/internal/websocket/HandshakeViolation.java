package org.httpkit.internal.websocket;

import org.httpkit.http.Headers;
import org.httpkit.http.Status;

/** The reasons to refuse an opening handshake (RFC 6455 section 4.2), each with the answer that the client receives. */
public enum HandshakeViolation {
    METHOD_NOT_GET(Status.BAD_REQUEST, "RFC 6455 section 4.2.1", "A WebSocket handshake is a GET request"),
    BODY_STREAMED(Status.BAD_REQUEST, "RFC 9110 section 7.8", "A WebSocket handshake begins when its content has come"),
    VERSION_NOT_HTTP_1_1(Status.BAD_REQUEST, "RFC 6455 section 4.2.1", "A WebSocket handshake needs HTTP/1.1"),
    NO_WEBSOCKET_UPGRADE(Status.UPGRADE_REQUIRED, "RFC 6455 section 4.2.1", "Upgrade to websocket required"),
    PROTOCOL_NOT_WEBSOCKET(
            Status.NOT_IMPLEMENTED, "RFC 9220 section 3", "No protocol but websocket is served by an extended CONNECT"),
    NO_UPGRADE_CONNECTION(Status.BAD_REQUEST, "RFC 6455 section 4.2.1", "Connection header without upgrade"),
    VERSION_NOT_13(Status.UPGRADE_REQUIRED, "RFC 6455 section 4.4", "Sec-WebSocket-Version must be 13"),
    VERSION_REPEATED(Status.BAD_REQUEST, "RFC 6455 section 11.3.5", "Bad Sec-WebSocket-Version header"),
    KEY_MISSING(Status.BAD_REQUEST, "RFC 6455 section 4.2.1", "Bad Sec-WebSocket-Key header"),
    KEY_REPEATED(Status.BAD_REQUEST, "RFC 6455 section 11.3.1", "Bad Sec-WebSocket-Key header"),
    KEY_NOT_16_BYTES(Status.BAD_REQUEST, "RFC 6455 section 4.2.1", "Bad Sec-WebSocket-Key header"),
    SUBPROTOCOLS_MALFORMED(Status.BAD_REQUEST, "RFC 6455 section 4.1", "Bad Sec-WebSocket-Protocol header"),
    EXTENSIONS_MALFORMED(Status.BAD_REQUEST, "RFC 6455 section 9.1", "Bad Sec-WebSocket-Extensions header"),
    ORIGIN_NOT_ALLOWED(Status.FORBIDDEN, "RFC 6455 section 10.2", "Origin not allowed");

    private static final Headers UPGRADE = Headers.of("Upgrade", "websocket", "Sec-WebSocket-Version", "13");

    private final int status;
    private final String rule;
    private final String text;

    HandshakeViolation(Status status, String rule, String text) {
        this.status = status.code();
        this.rule = rule;
        this.text = text;
    }

    /** The status of the answer. */
    public Status status() {
        return Status.of(status);
    }

    /** The section with the broken rule. */
    public String rule() {
        return rule;
    }

    /** The body of the answer. */
    public String text() {
        return text;
    }

    /**
     * The fields that the answer must have: a 426 names the protocol (RFC 9110 section 15.5.22) and its version (RFC
     * 6455 section 4.4). The writer of the Connection field must list Upgrade in it.
     */
    public Headers headers() {
        return status == Status.UPGRADE_REQUIRED.code() ? UPGRADE : Headers.empty();
    }
}
