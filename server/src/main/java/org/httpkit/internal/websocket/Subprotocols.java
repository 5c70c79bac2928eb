package org.httpkit.internal.websocket;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.httpkit.http.Headers;
import org.jspecify.annotations.Nullable;

/** Reads the subprotocols that a client offers and chooses one (RFC 6455 sections 1.9 and 4.2.2). Stateless. */
public final class Subprotocols {
    private static final String FIELD = "Sec-WebSocket-Protocol";

    private Subprotocols() {}

    /**
     * Returns the client's offers, its favourite first; empty if it offers none, null if a name is empty, not a token,
     * or repeated.
     */
    static @Nullable List<String> offered(Headers headers) {
        Set<String> offered = new LinkedHashSet<>();
        for (String value : headers.all(FIELD)) {
            for (String member : value.split(",", -1)) {
                String name = trim(member);
                if (!Tokens.isToken(name) || !offered.add(name)) {
                    return null;
                }
            }
        }
        return List.copyOf(offered);
    }

    private static String trim(String text) {
        int begin = 0;
        int end = text.length();
        while (begin < end && isBlank(text.charAt(begin))) {
            begin++;
        }
        while (begin < end && isBlank(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(begin, end);
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    /**
     * Returns the client's first offer that the server supports; null if there is none, and then the answer names none.
     * Case matters.
     */
    public static @Nullable String choose(List<String> offered, Collection<String> supported) {
        for (String name : offered) {
            if (supported.contains(name)) {
                return name;
            }
        }
        return null;
    }
}
