package org.httpkit.internal.websocket;

import org.httpkit.http.CloseCode;

/**
 * The ways in which a peer can break the WebSocket protocol or a limit of this server, each with the rule and the close
 * code.
 */
public enum WebSocketViolation {
    RESERVED_BIT(CloseCode.PROTOCOL_ERROR, "RFC 6455 section 5.2", "Reserved bit set"),
    RESERVED_OPCODE(CloseCode.PROTOCOL_ERROR, "RFC 6455 section 5.2", "Reserved opcode"),
    NOT_MASKED(CloseCode.PROTOCOL_ERROR, "RFC 6455 section 5.1", "Frame not masked"),
    LENGTH_NOT_MINIMAL(CloseCode.PROTOCOL_ERROR, "RFC 6455 section 5.2", "Length not in its shortest form"),
    LENGTH_TOO_LARGE(CloseCode.PROTOCOL_ERROR, "RFC 6455 section 5.2", "Length with its highest bit set"),
    CONTROL_FRAME_FRAGMENTED(CloseCode.PROTOCOL_ERROR, "RFC 6455 section 5.5", "Control frame fragmented"),
    CONTROL_FRAME_TOO_LONG(CloseCode.PROTOCOL_ERROR, "RFC 6455 section 5.5", "Control frame above 125 bytes"),
    NOTHING_TO_CONTINUE(CloseCode.PROTOCOL_ERROR, "RFC 6455 section 5.4", "Continuation without a message"),
    MESSAGE_NOT_FINISHED(CloseCode.PROTOCOL_ERROR, "RFC 6455 section 5.4", "New message inside a message"),
    CLOSE_PAYLOAD_OF_ONE_BYTE(CloseCode.PROTOCOL_ERROR, "RFC 6455 section 5.5.1", "Close payload of one byte"),
    CLOSE_CODE_NOT_ALLOWED(CloseCode.PROTOCOL_ERROR, "RFC 6455 section 7.4", "Close code not allowed"),
    TEXT_NOT_UTF8(CloseCode.INVALID_PAYLOAD_DATA, "RFC 6455 section 8.1", "Text is not UTF-8"),
    CLOSE_REASON_NOT_UTF8(CloseCode.INVALID_PAYLOAD_DATA, "RFC 6455 section 5.5.1", "Close reason is not UTF-8"),
    NOT_DEFLATE(CloseCode.INVALID_PAYLOAD_DATA, "RFC 7692 section 7.2.2", "Payload is not DEFLATE data"),
    TOO_MANY_FINAL_BLOCKS(CloseCode.POLICY_VIOLATION, "RFC 7692 section 7.2.3.4", "Too many final DEFLATE blocks"),
    TOO_MANY_EMPTY_FRAGMENTS(CloseCode.POLICY_VIOLATION, "RFC 6455 section 10.4", "Too many empty fragments"),
    MESSAGE_TOO_BIG(CloseCode.MESSAGE_TOO_BIG, "RFC 6455 section 10.4", "Message too big");

    private final int closeCode;
    private final String rule;
    private final String reason;

    WebSocketViolation(int closeCode, String rule, String reason) {
        this.closeCode = closeCode;
        this.rule = rule;
        this.reason = reason;
    }

    /** The code of the close frame that answers it (RFC 6455 section 7.4.1). */
    public int closeCode() {
        return closeCode;
    }

    /** The section with the broken rule, or the one that asks for the limit. */
    public String rule() {
        return rule;
    }

    /** A few ASCII words for the close frame; never more than 123 bytes. */
    public String reason() {
        return reason;
    }
}
