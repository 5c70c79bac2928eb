package org.httpkit.server;

import java.time.Duration;
import java.util.Objects;
import org.httpkit.http.Headers;
import org.jspecify.annotations.Nullable;

/**
 * A cookie to set (RFC 6265bis section 4.1). Immutable: each method returns a changed cookie. By default it lasts
 * until the browser closes, for all paths of this host.
 *
 * <pre>{@code
 * Response.seeOther("/").cookie(Cookie.of("__Host-session", id).secure().httpOnly().sameSite(Cookie.SameSite.LAX));
 * }</pre>
 */
public final class Cookie {
    /** Whether the browser sends the cookie with requests that other sites cause. */
    public enum SameSite {
        /** Never. */
        STRICT("Strict"),
        /** Only when the user follows a link. */
        LAX("Lax"),
        /** Always; browsers accept this only for secure cookies. */
        NONE("None");

        private final String text;

        SameSite(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private static final int MOST_CHARACTERS = 4096;

    private final String name;
    private final String value;
    private final @Nullable String path;
    private final @Nullable String domain;
    private final @Nullable Duration maxAge;
    private final boolean isSecure;
    private final boolean isHttpOnly;
    private final @Nullable SameSite sameSite;

    private Cookie(
            String name,
            String value,
            @Nullable String path,
            @Nullable String domain,
            @Nullable Duration maxAge,
            boolean isSecure,
            boolean isHttpOnly,
            @Nullable SameSite sameSite) {
        this.name = name;
        this.value = value;
        this.path = path;
        this.domain = domain;
        this.maxAge = maxAge;
        this.isSecure = isSecure;
        this.isHttpOnly = isHttpOnly;
        this.sameSite = sameSite;
    }

    /**
     * A cookie for all paths.
     *
     * @param name a token
     * @param value printable ASCII without spaces, quotation marks, commas, semicolons and backslashes; encode
     *     anything else
     * @throws IllegalArgumentException if either contains another character, or both together have more than 4096
     */
    public static Cookie of(String name, String value) {
        Objects.requireNonNull(name, "name");
        Headers.of(name, ""); // checks that it is a token
        Objects.requireNonNull(value, "value");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c <= ' ' || c >= 127 || c == '"' || c == ',' || c == ';' || c == '\\') {
                throw new IllegalArgumentException("Character " + (int) c + " at index " + i
                        + " of the value of cookie "
                        + name + " is not allowed; printable ASCII without space, quotation mark, comma, semicolon and"
                        + " backslash is");
            }
        }
        if (name.length() + value.length() > MOST_CHARACTERS) {
            throw new IllegalArgumentException(
                    "Cookie " + name + " has " + (name.length() + value.length()) + " characters; browsers take 4096");
        }
        return new Cookie(name, value, "/", null, null, false, false, null);
    }

    /**
     * A cookie that removes the one of that name for all paths of this host. To remove others, set the same {@link
     * #path} and {@link #domain}.
     */
    public static Cookie removing(String name) {
        return of(name, "").maxAge(Duration.ZERO);
    }

    /**
     * Limits the cookie to this path and those below; default {@code /}.
     *
     * @throws IllegalArgumentException if the path does not begin with a slash, or contains a semicolon or a character
     *     that is not printable ASCII
     */
    public Cookie path(String path) {
        requireAttribute("path", path);
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException("path is " + path + "; it must begin with /");
        }
        return new Cookie(name, value, path, domain, maxAge, isSecure, isHttpOnly, sameSite);
    }

    /**
     * Sends the cookie to this host and all hosts below it. By default only the host that sets it receives it.
     *
     * @throws IllegalArgumentException if the domain contains a semicolon or a character that is not printable ASCII
     */
    public Cookie domain(String domain) {
        requireAttribute("domain", domain);
        return new Cookie(name, value, path, domain, maxAge, isSecure, isHttpOnly, sameSite);
    }

    /**
     * How long it lasts; zero removes it. Browsers keep none for more than 400 days.
     *
     * @throws IllegalArgumentException if the time is negative or longer than 3650 days
     */
    public Cookie maxAge(Duration maxAge) {
        Options.requireNotNegative("maxAge", maxAge);
        return new Cookie(name, value, path, domain, maxAge, isSecure, isHttpOnly, sameSite);
    }

    /** Sends the cookie over secure connections only. */
    public Cookie secure() {
        return new Cookie(name, value, path, domain, maxAge, true, isHttpOnly, sameSite);
    }

    /** Hides the cookie from scripts. */
    public Cookie httpOnly() {
        return new Cookie(name, value, path, domain, maxAge, isSecure, true, sameSite);
    }

    /**
     * Whether the browser sends the cookie with requests that other sites cause. Most browsers use {@link
     * SameSite#LAX} or something similar by default.
     */
    public Cookie sameSite(SameSite sameSite) {
        return new Cookie(
                name, value, path, domain, maxAge, isSecure, isHttpOnly, Objects.requireNonNull(sameSite, "sameSite"));
    }

    public String name() {
        return name;
    }

    public String value() {
        return value;
    }

    private static void requireAttribute(String attribute, String text) {
        Objects.requireNonNull(text, attribute);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c >= 127 || c == ';') {
                throw new IllegalArgumentException("Character " + (int) c + " at index " + i + " of " + attribute
                        + " is not allowed; printable ASCII without semicolon is");
            }
        }
    }

    /**
     * The value of the {@code Set-Cookie} field.
     *
     * @throws IllegalStateException if browsers would drop the cookie: {@link SameSite#NONE}, or a name with {@code __Secure-}, without {@link
     *     #secure}, or a name with {@code __Host-} without that, with a domain, or with another path than {@code /} (section 4.1.3)
     */
    public String field() {
        boolean needsSecure = sameSite == SameSite.NONE || hasPrefix("__Secure-") || hasPrefix("__Host-");
        if (needsSecure && !isSecure) {
            throw new IllegalStateException("Browsers drop the cookie " + name + " unless it is secure");
        }
        if (hasPrefix("__Host-") && (domain != null || !"/".equals(path))) {
            throw new IllegalStateException(
                    "Browsers drop the cookie " + name + " if it has a domain, or another path than /");
        }
        StringBuilder field = new StringBuilder(name).append('=').append(value);
        if (path != null) {
            field.append("; Path=").append(path);
        }
        if (domain != null) {
            field.append("; Domain=").append(domain);
        }
        if (maxAge != null) {
            field.append("; Max-Age=").append(maxAge.toSeconds());
        }
        if (isSecure) {
            field.append("; Secure");
        }
        if (isHttpOnly) {
            field.append("; HttpOnly");
        }
        if (sameSite != null) {
            field.append("; SameSite=").append(sameSite);
        }
        return field.toString();
    }

    private boolean hasPrefix(String prefix) {
        return name.regionMatches(true, 0, prefix, 0, prefix.length());
    }

    /** The name only, because the value may be a secret. */
    @Override
    public String toString() {
        return "Cookie[" + name + "]";
    }
}
