package org.httpkit.web;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Percent-encoding in paths (RFC 3986 section 2.1): decoded once, as strict UTF-8. Pure functions.
 *
 * <p>Only a literal slash separates segments; {@code %2F} is a character of its segment.
 */
final class PathText {
    private static final String UNESCAPED =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@";
    private static final char[] HEX = "0123456789ABCDEF".toCharArray();

    private PathText() {}

    /** Whether all escapes of a path are complete, and stand for UTF-8. */
    static boolean isWellFormed(String path) {
        int first = path.indexOf('%');
        return first < 0 || (isAscii(path, first) && isWellFormed(path, first, path.length()));
    }

    /** Whether a path has only characters of ASCII up to an index. */
    private static boolean isAscii(String path, int to) {
        int all = 0;
        for (int at = 0; at < to; at++) {
            all |= path.charAt(at);
        }
        return all < 0x80;
    }

    /** The text of a part of a path; null if it is malformed. */
    static @Nullable String decode(String path, int from, int to) {
        if (!hasEscape(path, from, to)) {
            return path.substring(from, to);
        }
        if (!isWellFormed(path, from, to)) {
            return null;
        }
        byte[] bytes = new byte[to - from];
        int count = 0;
        for (int at = from; at < to; at++) {
            int value = path.charAt(at);
            if (value == '%') {
                value = hexByte(path, at + 1);
                at += 2;
            }
            bytes[count++] = (byte) value;
        }
        return new String(bytes, 0, count, StandardCharsets.UTF_8);
    }

    static boolean hasEscape(String path, int from, int to) {
        int at = from;
        while (at < to && path.charAt(at) != '%') { // not beyond the part: a path of many may have no other
            at++;
        }
        return at < to;
    }

    /** Checks a part with escapes, and the sequences of RFC 3629 section 4, in which the first byte narrows the range of the second. */
    private static boolean isWellFormed(String path, int from, int to) {
        int missing = 0;
        int least = 0;
        int most = 0;
        for (int at = from; at < to; at++) {
            int value = path.charAt(at);
            if (value >= 0x80) {
                return false; // no URI has such a character: beside escapes its meaning is unknown
            }
            if (value == '%') {
                value = to - at > 2 ? hexByte(path, at + 1) : -1;
                if (value < 0) {
                    return false;
                }
                at += 2;
            }
            if (missing > 0) {
                if (value < least || value > most) {
                    return false;
                }
                missing--;
                least = 0x80;
                most = 0xBF;
            } else if (value >= 0x80) {
                if (value < 0xC2 || value > 0xF4) {
                    return false;
                }
                missing = value < 0xE0 ? 1 : value < 0xF0 ? 2 : 3;
                least = value == 0xE0 ? 0xA0 : value == 0xF0 ? 0x90 : 0x80;
                most = value == 0xED ? 0x9F : value == 0xF4 ? 0x8F : 0xBF;
            }
        }
        return missing == 0;
    }

    /** The end of the segment that begins at {@code start}: at a slash, or at the end of the path. */
    static int segmentEnd(String path, int start) {
        int slash = path.indexOf('/', start);
        return slash < 0 ? path.length() : slash;
    }

    /**
     * Whether a segment stands for {@code .} or {@code ..}, which name nothing: clients resolve them (section 5.2.4).
     */
    static boolean isDots(String path, int from, int to) {
        int dots = 0;
        for (int at = from; at < to; dots++) {
            if (path.charAt(at) == '.') {
                at++;
            } else if (to - at > 2 && path.regionMatches(true, at, "%2e", 0, 3)) {
                at += 3;
            } else {
                return false;
            }
        }
        return dots == 1 || dots == 2;
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

    private static int hexByte(String path, int at) {
        int h = hexDigit(path.charAt(at));
        int l = hexDigit(path.charAt(at + 1));
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
