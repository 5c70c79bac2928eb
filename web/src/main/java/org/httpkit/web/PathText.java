package org.httpkit.web;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Percent-encoding in paths (RFC 3986 section 2.1): decoded once, as strict UTF-8. Pure functions.
 *
 * <p>Only a literal slash separates segments; {@code %2F} is a character of its segment.
 */
final class PathText {
    /** Stands for an encoded slash where segments are compared: no template has a control character. */
    private static final char ENCODED_SLASH = '\0';

    /** What the JDK's decoder puts in the place of bytes that are no UTF-8. */
    private static final char REPLACEMENT = '\uFFFD';

    private static final String UNESCAPED =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@";
    private static final char[] HEX = "0123456789ABCDEF".toCharArray();

    private PathText() {}

    /** The text of a part of a path; null if an escape is broken, or the bytes are no UTF-8. */
    static @Nullable String decode(String path, int from, int to) {
        return decode(path, from, to, '/');
    }

    /** A path whose segments can be compared with those of templates; null if it is malformed. */
    static @Nullable String comparable(String path) {
        return decode(path, 0, path.length(), ENCODED_SLASH);
    }

    /** Segments need not be decoded one by one: slashes are ASCII, so no character of UTF-8 reaches across one. */
    private static @Nullable String decode(String path, int from, int to, char encodedSlash) {
        int first = path.indexOf('%', from);
        if (first < 0 || first >= to) {
            return path.substring(from, to);
        }
        byte[] bytes = path.substring(from, to).getBytes(StandardCharsets.UTF_8);
        if (bytes.length != to - from) {
            return null; // it has characters beyond ASCII, which no URI has: beside escapes their meaning is unknown
        }
        int count = first - from;
        for (int i = count; i < bytes.length; i++) {
            int value = bytes[i];
            if (value == '%') {
                value = i + 2 < bytes.length ? hexByte((char) bytes[i + 1], (char) bytes[i + 2]) : -1;
                if (value < 0) {
                    return null;
                }
                if (value == '/') {
                    value = encodedSlash;
                }
                i += 2;
            }
            bytes[count++] = (byte) value;
        }
        String text = new String(bytes, 0, count, StandardCharsets.UTF_8);
        return text.indexOf(REPLACEMENT) >= 0 && !isUtf8(bytes, count) ? null : text;
    }

    /** Tells whether a U+FFFD stood in the path itself, or stands for bytes that are no UTF-8. */
    private static boolean isUtf8(byte[] bytes, int count) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, count));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    /** The end of the segment that begins at {@code start}: at a slash, or at the end of the path. */
    static int segmentEnd(String path, int start) {
        int slash = path.indexOf('/', start);
        return slash < 0 ? path.length() : slash;
    }

    /**
     * Whether this part of a path, decoded, is {@code .} or {@code ..}, which name nothing: clients resolve them
     * (section 5.2.4).
     */
    static boolean isDots(String path, int from, int to) {
        int length = to - from;
        return (length == 1 || length == 2) && path.charAt(from) == '.' && path.charAt(to - 1) == '.';
    }

    /** Encodes a segment for a URI: escapes everything but the characters of {@code pchar} (section 3.3). */
    static String encode(String segment) {
        StringBuilder text = new StringBuilder(segment.length() + 16);
        for (byte b : segment.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if (UNESCAPED.indexOf(c) >= 0) {
                text.append(c);
            } else {
                text.append('%').append(HEX[c >> 4]).append(HEX[c & 15]);
            }
        }
        return text.toString();
    }

    private static int hexByte(char high, char low) {
        int h = hexDigit(high);
        int l = hexDigit(low);
        return h < 0 || l < 0 ? -1 : h << 4 | l;
    }

    /** Not {@link Character#digit}, which takes digits of other scripts, too. */
    private static int hexDigit(char c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        char lower = (char) (c | 0x20);
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    }
}
