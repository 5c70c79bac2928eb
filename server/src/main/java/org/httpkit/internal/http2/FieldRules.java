package org.httpkit.internal.http2;

import org.httpkit.internal.bytes.Ascii;
import org.jspecify.annotations.Nullable;

/** The rules for all fields of heads and trailers, except pseudo-fields (RFC 9113 section 8.2). Stateless. */
final class FieldRules {
    /** The bytes of an HTTP/1.1 line besides name and value: a colon, a space, a line end. */
    private static final int LINE_OVERHEAD_BYTES = 4;

    private static final boolean[] NAME = new boolean[256];

    static {
        for (int c = 0; c < 256; c++) {
            NAME[c] = Ascii.isTokenChar((byte) c) && (c < 'A' || c > 'Z');
        }
    }

    private FieldRules() {}

    /** Returns the field's violation, or null if it has none. */
    static @Nullable Http2Violation violation(
            byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd, Http2Limits limits) {
        if (nameEnd - nameStart + valueEnd - valueStart + LINE_OVERHEAD_BYTES > limits.maxFieldBytes()) {
            return Http2Violation.FIELD_TOO_LONG;
        }
        if (nameStart == nameEnd) {
            return Http2Violation.EMPTY_FIELD_NAME;
        }
        for (int i = nameStart; i < nameEnd; i++) {
            if (!NAME[bytes[i] & 0xFF]) {
                return Http2Violation.INVALID_FIELD_NAME;
            }
        }
        if (isConnectionSpecific(bytes, nameStart, nameEnd)) {
            return Http2Violation.CONNECTION_SPECIFIC_FIELD;
        }
        return valueViolation(bytes, nameStart, nameEnd, valueStart, valueEnd);
    }

    private static @Nullable Http2Violation valueViolation(
            byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd) {
        if (!isValue(bytes, valueStart, valueEnd)) {
            return Http2Violation.INVALID_FIELD_VALUE;
        }
        if (valueStart == valueEnd) {
            return null;
        }
        if (Ascii.isWhitespace(bytes[valueStart]) || Ascii.isWhitespace(bytes[valueEnd - 1])) {
            return Http2Violation.WHITESPACE_AROUND_VALUE;
        }
        boolean te = nameEnd - nameStart == 2 && bytes[nameStart] == 't' && bytes[nameStart + 1] == 'e';
        return te && !Ascii.equalsIgnoreCase(bytes, valueStart, valueEnd, "trailers")
                ? Http2Violation.INVALID_TE
                : null;
    }

    /** Whether the value has no control characters except tabs, as in HTTP/1.1. */
    static boolean isValue(byte[] bytes, int from, int to) {
        int i = Ascii.indexOfControl(bytes, from, to);
        while (i < to && bytes[i] == Ascii.HTAB) {
            i = Ascii.indexOfControl(bytes, i + 1, to);
        }
        return i == to;
    }

    /** Whether the range is a token: a method or a protocol. */
    static boolean isToken(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && Ascii.isTokenChar(bytes[i])) {
            i++;
        }
        return i == to && from < to;
    }

    /** Whether the field has a meaning only for a connection of HTTP/1.1 (section 8.2.2). */
    private static boolean isConnectionSpecific(byte[] bytes, int from, int to) {
        return switch (to - from) {
            case 7 -> Ascii.equalsIgnoreCase(bytes, from, to, "upgrade");
            case 10 ->
                Ascii.equalsIgnoreCase(bytes, from, to, "connection")
                        || Ascii.equalsIgnoreCase(bytes, from, to, "keep-alive");
            case 16 -> Ascii.equalsIgnoreCase(bytes, from, to, "proxy-connection");
            case 17 -> Ascii.equalsIgnoreCase(bytes, from, to, "transfer-encoding");
            default -> false;
        };
    }
}
