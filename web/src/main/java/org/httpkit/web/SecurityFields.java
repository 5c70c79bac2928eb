package org.httpkit.web;

import org.httpkit.http.Headers;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * Adds fields that make browsers more careful, unless a response has them. Immutable: each method returns a changed
 * one.
 *
 * <p>By default {@code X-Content-Type-Options: nosniff}, {@code X-Frame-Options: DENY}, {@code Referrer-Policy:
 * same-origin} and {@code Cross-Origin-Opener-Policy: same-origin}. No {@code Content-Security-Policy} suits every
 * page: set one.
 */
public final class SecurityFields implements Filter {
    private final Headers fields;
    private final @Nullable String strictTransport;

    private SecurityFields(Headers fields, @Nullable String strictTransport) {
        this.fields = fields;
        this.strictTransport = strictTransport;
    }

    /** The default fields. */
    public static SecurityFields of() {
        return new SecurityFields(
                Headers.of(
                        "X-Content-Type-Options", "nosniff",
                        "X-Frame-Options", "DENY",
                        "Referrer-Policy", "same-origin",
                        "Cross-Origin-Opener-Policy", "same-origin"),
                null);
    }

    /** Adds a field, or changes its value. */
    public SecurityFields with(String name, String value) {
        return new SecurityFields(fields.with(name, value), strictTransport);
    }

    /** Removes a field. */
    public SecurityFields without(String name) {
        return new SecurityFields(fields.minus(name), strictTransport);
    }

    /** Adds a {@code Content-Security-Policy}. */
    public SecurityFields contentSecurityPolicy(String policy) {
        return with("Content-Security-Policy", policy);
    }

    /**
     * Adds a {@code Strict-Transport-Security} (RFC 6797) to responses over HTTPS; {@code max-age=31536000} for
     * example.
     */
    public SecurityFields strictTransportSecurity(String value) {
        if (Headers.of("Strict-Transport-Security", value).size() != 1) { // which throws if it is no value
            throw new IllegalArgumentException(value);
        }
        return new SecurityFields(fields, value);
    }

    @Override
    public @Nullable Response filter(Request request, Handler next) throws Exception {
        String transport = request.scheme().equals("https") ? strictTransport : null;
        return Filter.change(next.handle(request), response -> {
            Headers all = response.headers();
            for (int i = 0; i < fields.size(); i++) {
                all = all.contains(fields.name(i)) ? all : all.plus(fields.name(i), fields.value(i));
            }
            if (transport != null && !all.contains("Strict-Transport-Security")) {
                all = all.plus("Strict-Transport-Security", transport);
            }
            return response.headers(all);
        });
    }
}
