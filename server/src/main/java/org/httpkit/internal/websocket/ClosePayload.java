package org.httpkit.internal.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import org.httpkit.http.CloseCode;
import org.httpkit.internal.bytes.Utf8Validator;

/**
 * The content of a close frame (RFC 6455 section 5.5.1). Immutable.
 *
 * @param code the close code; 1005 if the frame is empty
 * @param reason the text; empty if there is none
 */
public record ClosePayload(int code, String reason) {
    static final int MAX_REASON_BYTES = FrameHeadDecoder.MAX_CONTROL_PAYLOAD_BYTES - 2;

    /** A close frame without code and reason. */
    public static final ClosePayload EMPTY = new ClosePayload(CloseCode.NO_STATUS_RECEIVED, "");

    private static final byte[] NOTHING = new byte[0];

    static ClosePayload decode(byte[] bytes, int offset, int length) throws ViolationException {
        if (length == 0) {
            return EMPTY;
        }
        if (length == 1) {
            throw ViolationException.of(WebSocketViolation.CLOSE_PAYLOAD_OF_ONE_BYTE);
        }
        int code = (bytes[offset] & 0xFF) << 8 | (bytes[offset + 1] & 0xFF);
        if (!CloseCode.isSendable(code)) {
            throw ViolationException.of(WebSocketViolation.CLOSE_CODE_NOT_ALLOWED);
        }
        Utf8Validator utf8 = new Utf8Validator();
        if (!utf8.accept(bytes, offset + 2, length - 2) || !utf8.isComplete()) {
            throw ViolationException.of(WebSocketViolation.CLOSE_REASON_NOT_UTF8);
        }
        return new ClosePayload(code, new String(bytes, offset + 2, length - 2, UTF_8));
    }

    /**
     * The payload bytes: none for 1005, else the code and as many whole characters of the reason as fit into 123 bytes.
     *
     * @throws IllegalArgumentException if the code may not be sent
     */
    byte[] encode() {
        if (code == CloseCode.NO_STATUS_RECEIVED) {
            return NOTHING;
        }
        if (!CloseCode.isSendable(code)) {
            throw new IllegalArgumentException(
                    "Close code " + code + " may not be sent; 1000 to 1003, 1007 to 1014 and 3000 to 4999 may");
        }
        byte[] text = reason.getBytes(UTF_8);
        byte[] payload = Arrays.copyOf(new byte[] {(byte) (code >> 8), (byte) code}, 2 + reasonBytesThatFit(text));
        System.arraycopy(text, 0, payload, 2, payload.length - 2);
        return payload;
    }

    private static int reasonBytesThatFit(byte[] text) {
        if (text.length <= MAX_REASON_BYTES) {
            return text.length;
        }
        int end = MAX_REASON_BYTES;
        while ((text[end] & 0xC0) == 0x80) { // the cut would fall inside a character
            end--;
        }
        return end;
    }
}
