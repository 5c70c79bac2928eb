package org.httpkit.web;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds charsets by name. Pure functions.
 *
 * <p>For each unknown name, the JDK searches all its services, which takes about a millisecond, and a form may have a
 * thousand of them. So this class looks names up in a table of all charsets of this JDK, which it makes once, for the
 * first unusual name.
 */
final class Charsets {
    /** Loaded for the first unusual name: it takes about 70 milliseconds. */
    private static final class Known {
        static final Map<String, Charset> BY_NAME = byName();

        private static Map<String, Charset> byName() {
            Map<String, Charset> known = new HashMap<>();
            for (Charset charset : Charset.availableCharsets().values()) {
                known.put(FieldParameters.lowerCase(charset.name()), charset);
                for (String alias : charset.aliases()) {
                    known.putIfAbsent(FieldParameters.lowerCase(alias), charset);
                }
            }
            return known;
        }
    }

    private Charsets() {}

    /** Returns the charset of that name; UTF-8 if there is no name, or the JDK does not know it. */
    static Charset of(@Nullable String name) {
        return name == null || name.equalsIgnoreCase("utf-8")
                ? StandardCharsets.UTF_8
                : Known.BY_NAME.getOrDefault(FieldParameters.lowerCase(name), StandardCharsets.UTF_8);
    }
}
