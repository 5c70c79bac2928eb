package org.httpkit.internal.tls;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds what belongs to a server name: a name as it is, or a wildcard of one label (RFC 6125 section 6.4.3). Stateless. */
final class ServerNames {
    private ServerNames() {}

    /** As names are compared: in lower case, without the dot of the root. */
    static String normal(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    /** What belongs to the name, which is normal; null if nothing does. */
    static <T> @Nullable T find(Map<String, T> byName, String name) {
        T exact = byName.get(name);
        if (exact != null) {
            return exact;
        }
        int dot = name.indexOf('.');
        return dot <= 0 ? null : byName.get("*" + name.substring(dot));
    }
}
