package org.httpkit.server;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.httpkit.http.Headers;
import org.jspecify.annotations.Nullable;

/**
 * The cookies of a request (RFC 6265bis section 5.8), in the order in which the browser sent them: those with the
 * longest path first. Immutable.
 *
 * <p>Names and values are exactly those in the field, including quotation marks; nothing is decoded. Parts without
 * {@code =} are left out.
 */
public final class Cookies {
    private static final Cookies NONE = new Cookies(Map.of());

    private final Map<String, List<String>> values;

    private Cookies(Map<String, List<String>> values) {
        this.values = values;
    }

    /** The cookies in all {@code Cookie} fields; HTTP/2 may use several. */
    public static Cookies of(Request request) {
        return of(Objects.requireNonNull(request, "request").headers());
    }

    static Cookies of(Headers headers) {
        List<String> lines = headers.all("Cookie");
        if (lines.isEmpty()) {
            return NONE;
        }
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (String line : lines) {
            for (int start = 0; start <= line.length(); ) {
                int semicolon = line.indexOf(';', start);
                int end = semicolon < 0 ? line.length() : semicolon;
                int equals = equalsSign(line, start, end);
                if (equals < end) {
                    String name = trimmed(line, start, equals);
                    if (!name.isEmpty()) {
                        values.computeIfAbsent(name, key -> new ArrayList<>(1)).add(trimmed(line, equals + 1, end));
                    }
                }
                start = end + 1;
            }
        }
        return new Cookies(values);
    }

    /** The value of the first cookie of that name, or null. Names are case-sensitive. */
    public @Nullable String first(String name) {
        List<String> all = values.get(name);
        return all == null ? null : all.get(0);
    }

    /** The values of all cookies of that name; empty if there is none. */
    public List<String> all(String name) {
        List<String> all = values.get(name);
        return all == null ? List.of() : Collections.unmodifiableList(all);
    }

    /** The first value of each name, in order. */
    public Map<String, String> toMap() {
        Map<String, String> map = new LinkedHashMap<>();
        values.forEach((name, all) -> map.put(name, all.get(0)));
        return map;
    }

    private static int equalsSign(String line, int start, int end) {
        int equals = start;
        while (equals < end && line.charAt(equals) != '=') { // not beyond the part: a line of many may have no other
            equals++;
        }
        return equals;
    }

    private static String trimmed(String line, int from, int to) {
        int start = from;
        int stop = to;
        while (start < stop && isWhitespace(line.charAt(start))) {
            start++;
        }
        while (stop > start && isWhitespace(line.charAt(stop - 1))) {
            stop--;
        }
        return line.substring(start, stop);
    }

    private static boolean isWhitespace(char c) {
        return c == ' ' || c == '\t';
    }

    /** The names only, because values may be secrets. */
    @Override
    public String toString() {
        return "Cookies" + values.keySet();
    }
}
