package org.httpkit.server;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Names and values in queries and {@code application/x-www-form-urlencoded} bodies (WHATWG URL, section 5). An
 * invalid percent escape stands for itself. Bytes that are not UTF-8 become U+FFFD.
 */
public final class UrlEncoded {

    private UrlEncoded() {}

    /** All parameters in their order, each name with all of its values. The caller owns the map. */
    public static Map<String, List<String>> parse(String text) {
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        for (int start = 0; start <= text.length(); ) {
            int end = endOfPair(text, start);
            if (end > start) {
                int equals = equalsSign(text, start, end);
                parameters
                        .computeIfAbsent(decode(text, start, equals), name -> new ArrayList<>(1))
                        .add(valueAfter(text, equals, end));
            }
            start = end + 1;
        }
        return parameters;
    }

    /** The first value of that name, or null. */
    public static @Nullable String first(String text, String name) {
        for (int start = 0; start <= text.length(); ) {
            int end = endOfPair(text, start);
            int equals = equalsSign(text, start, end);
            if (end > start && decode(text, start, equals).equals(name)) {
                return valueAfter(text, equals, end);
            }
            start = end + 1;
        }
        return null;
    }

    private static int endOfPair(String text, int start) {
        int end = text.indexOf('&', start);
        return end < 0 ? text.length() : end;
    }

    private static int equalsSign(String text, int start, int end) {
        int equals = start;
        while (equals < end && text.charAt(equals) != '=') { // not beyond the pair: a text of names alone has no other
            equals++;
        }
        return equals;
    }

    private static String valueAfter(String text, int equals, int end) {
        return equals == end ? "" : decode(text, equals + 1, end);
    }

    private static String decode(String text, int start, int end) {
        int plain = start;
        while (plain < end && text.charAt(plain) != '%' && text.charAt(plain) != '+') {
            plain++;
        }
        if (plain == end) {
            return text.substring(start, end);
        }
        byte[] raw = text.substring(start, end).getBytes(StandardCharsets.UTF_8);
        int length = 0;
        for (int i = 0; i < raw.length; i++) {
            int high = i + 2 < raw.length ? Character.digit(raw[i + 1], 16) : -1;
            int low = i + 2 < raw.length ? Character.digit(raw[i + 2], 16) : -1;
            if (raw[i] == '%' && high >= 0 && low >= 0) {
                raw[length++] = (byte) (high << 4 | low);
                i += 2;
            } else {
                raw[length++] = raw[i] == '+' ? (byte) ' ' : raw[i];
            }
        }
        return new String(raw, 0, length, StandardCharsets.UTF_8);
    }
}
