package org.httpkit.internal.exchange;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.httpkit.http.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Finds the charset that a Content-Type names (RFC 9110 section 8.3.2). Stateless.
 *
 * <p>For each unknown name, the JDK searches all its services, which takes up to a millisecond: clients must not be
 * able to trigger that repeatedly. So this class looks names up in a table of all charsets of this JDK, which it makes
 * once, for the first unusual name.
 */
final class Charsets {
    private static final String PARAMETER = "charset=";
    /** No charset has a name longer than 40 characters (RFC 2978 section 2.3). */
    private static final int MAX_NAME_LENGTH = 40;

    /** Loaded for the first unusual name: it takes about 70 milliseconds. */
    private static final class Known {
        static final Map<String, Charset> BY_NAME = byName();

        private static Map<String, Charset> byName() {
            Map<String, Charset> known = new HashMap<>();
            for (Charset charset : Charset.availableCharsets().values()) {
                known.put(charset.name().toLowerCase(Locale.ROOT), charset);
                for (String alias : charset.aliases()) {
                    known.putIfAbsent(alias.toLowerCase(Locale.ROOT), charset);
                }
            }
            return known;
        }
    }

    private Charsets() {}

    /**
     * Returns UTF-8 if the field names no charset, or one that this JDK does not know. To be called by the thread that
     * reads the text, not on a loop.
     */
    static Charset of(Headers headers) {
        String type = headers.first("Content-Type");
        String name = type == null ? null : nameIn(type.toLowerCase(Locale.ROOT));
        return name == null ? StandardCharsets.UTF_8 : named(name);
    }

    private static @Nullable String nameIn(String type) {
        int start = type.indexOf(PARAMETER);
        if (start < 0) {
            return null;
        }
        int end = type.indexOf(';', start);
        String name = type.substring(start + PARAMETER.length(), end < 0 ? type.length() : end)
                .strip();
        boolean quoted = name.length() >= 2 && name.startsWith("\"") && name.endsWith("\"");
        return quoted ? name.substring(1, name.length() - 1) : name;
    }

    private static Charset named(String name) {
        return switch (name) {
            case "utf-8", "utf8" -> StandardCharsets.UTF_8;
            case "iso-8859-1", "latin1" -> StandardCharsets.ISO_8859_1;
            case "us-ascii", "ascii" -> StandardCharsets.US_ASCII;
            default ->
                name.length() > MAX_NAME_LENGTH
                        ? StandardCharsets.UTF_8
                        : Known.BY_NAME.getOrDefault(name, StandardCharsets.UTF_8);
        };
    }
}
