package org.httpkit.server;

import java.time.Duration;
import java.util.Objects;
import org.httpkit.http.Method;
import org.httpkit.http.Status;

/** Moves clients from HTTP to HTTPS. Stateless. */
public final class Https {
    private static final int DEFAULT_PORT = 443;

    private Https() {}

    /**
     * A handler for the port without TLS: it redirects each client to the same target over HTTPS, with 301 for GET
     * and HEAD, and 308 for other methods (RFC 9110 section 15.4).
     *
     * @param port the port of HTTPS, 1 to 65535
     * @throws IllegalArgumentException if the port is out of range
     */
    public static Handler redirect(int port) {
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port is " + port + "; legal are 1 to 65535");
        }
        return request -> {
            String host = hostOf(request.authority());
            if (host.isEmpty()) {
                return Response.text("This is HTTPS only").status(400);
            }
            boolean safe =
                    request.method().equals(Method.GET) || request.method().equals(Method.HEAD);
            String query = request.query() == null ? "" : "?" + request.query();
            String path = request.path().equals("*") ? "" : request.path(); // of OPTIONS (RFC 9110 section 7.1)
            String location = "https://" + host + (port == DEFAULT_PORT ? "" : ":" + port) + path + query;
            return Response.of(safe ? Status.MOVED_PERMANENTLY : Status.PERMANENT_REDIRECT)
                    .header("Location", location);
        };
    }

    /** The authority without its port; an address of IPv6 keeps its brackets. */
    private static String hostOf(String authority) {
        int colon = authority.lastIndexOf(':');
        return colon > authority.lastIndexOf(']') ? authority.substring(0, colon) : authority;
    }

    /**
     * The value of the field {@code Strict-Transport-Security}, which makes browsers use only HTTPS from then on (RFC
     * 6797 section 6.1). Send it over TLS.
     *
     * @param maxAge for how long, in whole seconds; not negative
     * @throws IllegalArgumentException if {@code maxAge} is negative
     */
    public static String strictTransportSecurity(Duration maxAge, boolean includeSubDomains) {
        Objects.requireNonNull(maxAge, "maxAge");
        if (maxAge.isNegative()) {
            throw new IllegalArgumentException("maxAge is " + maxAge + "; it must not be negative");
        }
        return "max-age=" + maxAge.toSeconds() + (includeSubDomains ? "; includeSubDomains" : "");
    }
}
