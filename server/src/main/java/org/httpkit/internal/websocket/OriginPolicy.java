package org.httpkit.internal.websocket;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.httpkit.http.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Decides from which sites a browser may open a WebSocket (RFC 6455 section 10.2). Immutable; safe from any thread.
 *
 * <p>Browsers send cookies along with a handshake from any site, and name that site in the Origin field (RFC 6454
 * section 7). Programs that are not browsers send no Origin, and a policy does not stop them.
 */
public final class OriginPolicy {
    /** Allows every site. */
    public static final OriginPolicy ANY = new OriginPolicy(true, Set.of());

    /** Allows requests without Origin, and pages from the host and port that the request names. */
    public static final OriginPolicy SAME_ORIGIN = new OriginPolicy(false, Set.of());

    private final boolean anyOrigin;
    private final Set<String> listed; // besides the same origin

    private OriginPolicy(boolean anyOrigin, Set<String> listed) {
        this.anyOrigin = anyOrigin;
        this.listed = listed;
    }

    /**
     * Allows what {@link #SAME_ORIGIN} allows, plus the given origins: {@code https://app.example}, {@code
     * http://localhost:3000}.
     *
     * @throws IllegalArgumentException if a text is not an origin: a scheme, a host, an optional port, and nothing else
     */
    public static OriginPolicy sameOriginOr(Collection<String> origins) {
        Set<String> listed = new HashSet<>();
        for (String text : origins) {
            Origin origin = Origin.parse(text);
            if (origin == null) {
                throw new IllegalArgumentException(
                        "\"" + text
                                + "\" is not an origin; expected are a scheme, a host, maybe a port, as in https://app.example:8443");
            }
            listed.add(origin.toString());
        }
        return new OriginPolicy(false, Set.copyOf(listed));
    }

    /**
     * Whether a handshake may continue.
     *
     * @param authority the host and optional port that the request names
     * @param secure whether the client came over TLS, as far as the server knows
     */
    public boolean allows(Headers headers, String authority, boolean secure) {
        List<String> fields = headers.all("Origin");
        if (anyOrigin || fields.isEmpty()) {
            return true;
        }
        Origin origin = fields.size() == 1 ? Origin.parse(fields.get(0)) : null;
        return origin != null && (listed.contains(origin.toString()) || origin.isOf(authority, secure));
    }

    /** A scheme, host and port, as a browser writes them (RFC 6454 section 6.2). */
    private record Origin(String scheme, String host, int port) {
        static @Nullable Origin parse(String text) {
            int end = text.indexOf("://");
            if (end <= 0 || !Tokens.isToken(text.substring(0, end))) {
                return null; // for example "null", the origin of sandboxed pages
            }
            return of(text.substring(0, end).toLowerCase(Locale.ROOT), text.substring(end + 3));
        }

        private static @Nullable Origin of(String scheme, String authority) {
            int colon = authority.lastIndexOf(':');
            boolean hasPort = colon > authority.lastIndexOf(']'); // a colon inside brackets belongs to an IPv6 address
            String host = hasPort ? authority.substring(0, colon) : authority;
            int port = hasPort ? portOf(authority.substring(colon + 1)) : defaultPort(scheme);
            boolean bracketed = host.startsWith("[") && host.endsWith("]");
            if (host.isEmpty() || port < 0 || (host.indexOf(':') >= 0 && !bracketed)) {
                return null;
            }
            for (int i = 0; i < host.length(); i++) {
                char c = host.charAt(i);
                if (c <= ' ' || c >= 127 || "/?#@\\\"<>".indexOf(c) >= 0) {
                    return null;
                }
            }
            return new Origin(scheme, host.toLowerCase(Locale.ROOT), port);
        }

        private static int portOf(String digits) {
            if (digits.isEmpty() || digits.length() > 5 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
                return -1;
            }
            int port = Integer.parseInt(digits);
            return port <= 65535 ? port : -1;
        }

        private static int defaultPort(String scheme) {
            return switch (scheme) {
                case "http" -> 80;
                case "https" -> 443;
                default -> 0;
            };
        }

        /**
         * Whether this origin is the site that the request names. If the request omits the port, the default port of
         * the page's scheme counts: behind a proxy that terminates TLS, the page is https and the request is not.
         * Conversely, a page that came without TLS, and so may be forged, must not use a connection with TLS.
         */
        boolean isOf(String authority, boolean secure) {
            boolean schemeFits = scheme.equals("https") || (scheme.equals("http") && !secure);
            return schemeFits && equals(of(scheme, authority));
        }

        @Override
        public String toString() {
            return scheme + "://" + host + ":" + port;
        }
    }
}
