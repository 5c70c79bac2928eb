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
    /** More than any form of a page has; they take some two megabytes beside their text. */
    private static final int MAX_PARAMETERS = 10_000;

    private UrlEncoded() {}

    /**
     * All parameters in their order, each name with all of its values. The caller owns the map.
     *
     * @throws TooManyParametersException if there are more than 10,000
     */
    public static Map<String, List<String>> parse(String text) {
        return parse(text, MAX_PARAMETERS);
    }

    /**
     * All parameters in their order, each name with all of its values. The caller owns the map.
     *
     * @param maxParameters how many there may be, those of the same name included; 1 or more. Each takes some 150 bytes
     *     of memory beside its text, while a client sends it in two
     * @throws IllegalArgumentException if {@code maxParameters} is below 1
     * @throws TooManyParametersException if there are more; unless the handler catches it, the client gets 413
     */
    public static Map<String, List<String>> parse(String text, int maxParameters) {
        if (maxParameters < 1) {
            throw new IllegalArgumentException("maxParameters is " + maxParameters + "; it must be 1 or more");
        }
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        int count = 0;
        for (int start = 0; start <= text.length(); ) {
            int end = endOfPair(text, start);
            if (end > start) {
                if (++count > maxParameters) {
                    throw new TooManyParametersException(maxParameters);
                }
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
