package org.httpkit.web;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.httpkit.http.Headers;
import org.httpkit.http.Method;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * Lets pages of other origins read responses (CORS, Fetch standard section 3.3). Immutable: each method returns a
 * changed one.
 *
 * <p>The filter answers a preflight request with 204. The response lacks what is not allowed, and the browser hides
 * the result from the page. The filter passes on all other requests: CORS decides who may read a response, not who
 * may send a request.
 *
 * <p>Responses depend on the origin unless every origin is allowed, so they have {@code Vary: Origin}. If every origin
 * is allowed, all responses say so, even those to requests without an origin: a cache may give them to a page later.
 * Responses on a channel do not pass through the filter: add {@link #fields} to the first one.
 */
public final class Cors implements Filter {
    private final boolean everyOrigin;
    private final Set<String> origins;
    private final List<String> methods;
    private final List<String> headers;
    private final List<String> exposed;
    private final boolean credentials;
    private final Duration maxAge;

    private Cors(
            boolean everyOrigin,
            Set<String> origins,
            List<String> methods,
            List<String> headers,
            List<String> exposed,
            boolean credentials,
            Duration maxAge) {
        this.everyOrigin = everyOrigin;
        this.origins = origins;
        this.methods = methods;
        this.headers = headers;
        this.exposed = exposed;
        this.credentials = credentials;
        this.maxAge = maxAge;
    }

    /**
     * Allows these origins, with GET, HEAD and POST, with the fields that every page may send, and without
     * credentials.
     *
     * @param origins as browsers write them: {@code https://example.com}, without a slash at the end
     * @throws IllegalArgumentException if one of them is not an origin; {@code null} and {@code *} are not
     */
    public static Cors of(String... origins) {
        for (String origin : origins) {
            if (!origin.matches("[a-z][a-z0-9+.-]*://[^/?#@\\s*A-Z]+")) {
                throw new IllegalArgumentException("Not an origin such as https://example.com: " + origin);
            }
        }
        return new Cors(false, Set.of(origins), simpleMethods(), List.of(), List.of(), false, Duration.ofMinutes(10));
    }

    /** Allows all origins, otherwise as {@link #of}: for public content. */
    public static Cors everyOrigin() {
        return new Cors(true, Set.of(), simpleMethods(), List.of(), List.of(), false, Duration.ofMinutes(10));
    }

    private static List<String> simpleMethods() {
        return List.of("GET", "HEAD", "POST");
    }

    /** The methods that pages may use. */
    public Cors methods(Method... methods) {
        List<String> names = Arrays.stream(methods).map(Method::name).toList();
        return new Cors(everyOrigin, origins, names, headers, exposed, credentials, maxAge);
    }

    /**
     * The fields that pages may set in addition to those that every page may: {@code Content-Type} for JSON, {@code
     * Authorization}.
     */
    public Cors headers(String... names) {
        Arrays.stream(names).forEach(Cors::requireName);
        return new Cors(everyOrigin, origins, methods, List.of(names), exposed, credentials, maxAge);
    }

    /** The response fields that pages may read in addition to the usual ones. */
    public Cors expose(String... names) {
        Arrays.stream(names).forEach(Cors::requireName);
        return new Cors(everyOrigin, origins, methods, headers, List.of(names), credentials, maxAge);
    }

    /**
     * Lets pages send cookies and other credentials.
     *
     * @throws IllegalStateException if every origin is allowed: any page could then act as the user
     */
    public Cors credentials() {
        if (everyOrigin) {
            throw new IllegalStateException("Credentials need origins that are named");
        }
        return new Cors(false, origins, methods, headers, exposed, true, maxAge);
    }

    /** How long a browser may remember the response to a preflight request, in whole seconds. Default ten minutes. */
    public Cors maxAge(Duration maxAge) {
        if (maxAge.isNegative()) {
            throw new IllegalArgumentException("maxAge is " + maxAge + "; it must not be negative");
        }
        return new Cors(everyOrigin, origins, methods, headers, exposed, credentials, maxAge);
    }

    @Override
    public @Nullable Response filter(Request request, Handler next) throws Exception {
        String origin = origin(request);
        if (isPreflight(request, origin)) {
            return preflight(request, Objects.requireNonNull(origin));
        }
        Response response = next.handle(request);
        Headers fields = fields(request);
        return fields.size() == 0 ? response : Filter.change(response, whole -> with(whole, fields));
    }

    /** The fields that a response to this request needs, for responses on a channel. */
    public Headers fields(Request request) {
        String origin = everyOrigin ? "*" : origin(request);
        Headers fields = everyOrigin ? Headers.empty() : Headers.of("Vary", "Origin");
        if (origin == null || !isAllowed(origin)) {
            return fields;
        }
        fields = allowing(fields, origin);
        return exposed.isEmpty() ? fields : fields.plus("Access-Control-Expose-Headers", String.join(", ", exposed));
    }

    private Response preflight(Request request, String origin) {
        Headers fields = Headers.of("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
        String method = Objects.requireNonNull(request.header("Access-Control-Request-Method"));
        if (isAllowed(origin) && methods.contains(method) && asksForAllowed(request)) {
            fields = allowing(fields, origin)
                    .plus("Access-Control-Allow-Methods", String.join(", ", methods))
                    .plus("Access-Control-Max-Age", Long.toString(maxAge.toSeconds()));
            fields = headers.isEmpty()
                    ? fields
                    : fields.plus("Access-Control-Allow-Headers", String.join(", ", headers));
        }
        return Response.of(204).headers(fields);
    }

    private Headers allowing(Headers fields, String origin) {
        Headers more = fields.plus("Access-Control-Allow-Origin", everyOrigin ? "*" : origin);
        return credentials ? more.plus("Access-Control-Allow-Credentials", "true") : more;
    }

    private boolean asksForAllowed(Request request) {
        Set<String> allowed = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        allowed.addAll(headers);
        for (String line : request.headers().all("Access-Control-Request-Headers")) {
            for (String name : line.split(",", -1)) {
                if (!name.isBlank() && !allowed.contains(name.strip())) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean isAllowed(String origin) {
        return everyOrigin || origins.contains(origin);
    }

    private static boolean isPreflight(Request request, @Nullable String origin) {
        return origin != null
                && request.method().equals(Method.OPTIONS)
                && request.header("Access-Control-Request-Method") != null;
    }

    /** A request with two origins has none that could be believed. */
    private static @Nullable String origin(Request request) {
        List<String> origins = request.headers().all("Origin");
        return origins.size() == 1 ? origins.get(0) : null;
    }

    private static Response with(Response response, Headers fields) {
        Headers all = response.headers();
        for (int i = 0; i < fields.size(); i++) {
            all = fields.name(i).equals("Vary") ? varying(all) : all.with(fields.name(i), fields.value(i));
        }
        return response.headers(all);
    }

    private static Headers varying(Headers headers) {
        return headers.lists("Vary", "Origin") || headers.lists("Vary", "*") ? headers : headers.plus("Vary", "Origin");
    }

    private static void requireName(String name) {
        if (Headers.of(name, "").size() != 1) { // which throws if it is no name
            throw new IllegalArgumentException(name);
        }
    }
}
