package org.httpkit.internal.tls;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Looks up a server name: first the exact name, then a wildcard for its first label (RFC 6125 section 6.4.3).
 * Stateless.
 */
final class ServerNames {
    private ServerNames() {}

    /** Returns the normal form for comparison: in lower case, without the dot of the root. */
    static String normal(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    /** Returns the entry for a name in normal form; null if there is none. */
    static <T> @Nullable T find(Map<String, T> byName, String name) {
        T exact = byName.get(name);
        if (exact != null) {
            return exact;
        }
        int dot = name.indexOf('.');
        return dot <= 0 ? null : byName.get("*" + name.substring(dot));
    }
}
