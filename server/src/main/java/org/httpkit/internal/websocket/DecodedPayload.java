package org.httpkit.internal.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The payload of the latest step of a {@link MessageDecoder}. Confined to the decoder's thread. */
public abstract class DecodedPayload {
    private static final byte[] NOTHING = new byte[0];

    private byte[] payload = NOTHING;
    private int payloadOffset;
    private int payloadLength;
    /** Whether the payload is in an array of this message alone, not in the input's array. */
    private boolean payloadIsOurs;
    /** The text, if it was decoded elsewhere. */
    private @Nullable String text;

    private boolean isAscii;
    private ClosePayload close = ClosePayload.EMPTY;

    DecodedPayload() {}

    final void view(byte[] bytes, int offset, int length, boolean ours) {
        payload = bytes;
        payloadIsOurs = ours;
        payloadOffset = offset;
        payloadLength = length;
    }

    final void viewNothing() {
        view(NOTHING, 0, 0, false);
        text = null;
    }

    /** @param made the text, if it was decoded before */
    final void viewText(@Nullable String made, boolean isAscii) {
        this.text = made;
        this.isAscii = isAscii;
    }

    final void viewClose(ClosePayload received) {
        close = received;
    }

    /** How many bytes the payload of the last step has. */
    public final int payloadLength() {
        return payloadLength;
    }

    /** The payload of the last step in an array that the caller may keep; copied only if necessary. */
    public final byte[] bytes() {
        boolean whole = payloadIsOurs && payloadLength == payload.length;
        return whole ? payload : Arrays.copyOfRange(payload, payloadOffset, payloadOffset + payloadLength);
    }

    /** The message, after a {@code TEXT} step. */
    public final String text() {
        return text != null ? text : textOf(payload, payloadOffset, payloadLength, isAscii);
    }

    static String textOf(byte[] bytes, int offset, int length, boolean isAscii) {
        return new String(bytes, offset, length, isAscii ? ISO_8859_1 : UTF_8);
    }

    /** The content of the close frame, after a {@code CLOSE} step. */
    public final ClosePayload close() {
        return close;
    }
}
