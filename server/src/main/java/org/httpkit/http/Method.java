package org.httpkit.http;

import java.util.Locale;

/**
 * A request method: a case-sensitive token (RFC 9110 section 9.1). Immutable.
 *
 * <p>The registered methods are shared constants, so {@code ==} works between them; any other token is a value of its own
 * and compares by {@link #equals}.
 */
public final class Method {
    public static final Method GET = new Method("GET");
    public static final Method HEAD = new Method("HEAD");
    public static final Method POST = new Method("POST");
    public static final Method PUT = new Method("PUT");
    public static final Method DELETE = new Method("DELETE");
    public static final Method CONNECT = new Method("CONNECT");
    public static final Method OPTIONS = new Method("OPTIONS");
    public static final Method TRACE = new Method("TRACE");
    public static final Method PATCH = new Method("PATCH");
    /** A read, like GET, that asks by its content (RFC 10008). */
    public static final Method QUERY = new Method("QUERY");

    private final String name;
    private final String lowerCase;

    private Method(String name) {
        this.name = name;
        this.lowerCase = name.toLowerCase(Locale.ROOT);
    }

    /**
     * The method of that name; case matters.
     *
     * @throws IllegalArgumentException if the name is not a token (RFC 9110 section 5.6.2)
     */
    public static Method of(String name) {
        return switch (name) {
            case "GET" -> GET;
            case "HEAD" -> HEAD;
            case "POST" -> POST;
            case "PUT" -> PUT;
            case "DELETE" -> DELETE;
            case "CONNECT" -> CONNECT;
            case "OPTIONS" -> OPTIONS;
            case "TRACE" -> TRACE;
            case "PATCH" -> PATCH;
            case "QUERY" -> QUERY;
            default -> new Method(FieldSyntax.requireToken(name, "method"));
        };
    }

    /** The name as it stands in the request line, for example {@code GET}. */
    public String name() {
        return name;
    }

    /** The name in lower case, for example {@code get}, as Ring names methods. */
    public String lowerCaseName() {
        return lowerCase;
    }

    @Override
    public boolean equals(Object other) {
        return this == other || (other instanceof Method that && name.equals(that.name));
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    @Override
    public String toString() {
        return name;
    }
}
