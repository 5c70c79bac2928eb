package org.httpkit.internal.exchange;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.httpkit.http.Headers;
import org.httpkit.http.Status;
import org.httpkit.internal.context.ResponseHeads;
import org.httpkit.server.Response;

/** The responses that come from the server itself. Their texts reveal nothing internal. */
public final class Responses {
    static final Response NOT_FOUND = Response.of(Status.NOT_FOUND);
    public static final Response OVERLOADED =
            refusal(Status.SERVICE_UNAVAILABLE).header("Retry-After", "1");
    public static final Response INTERNAL_ERROR = refusal(Status.INTERNAL_SERVER_ERROR);

    private Responses() {}

    /**
     * Returns the trailer fields of a response whose body is complete; empty if it has none.
     *
     * @throws RuntimeException if the application fails to supply them, or one of them cannot be written
     */
    public static Headers trailersOf(Response response) {
        Supplier<Headers> given = response.trailers();
        Headers trailers = given == null ? Headers.empty() : given.get();
        for (int i = 0; i < trailers.size(); i++) {
            Headers.of(trailers.name(i), trailers.value(i)); // checks them, before anything is sent
        }
        return trailers;
    }

    /** Returns a response with the status, and its reason as text. */
    public static Response refusal(Status status) {
        return refusal(status, status.reason());
    }

    /** Returns a response with the status and this text. */
    static Response refusal(Status status, String reason) {
        return Response.text(reason).status(status.code()).headers(ResponseHeads.refusalFields(status));
    }

    /**
     * Returns a refusal that replaces a handler's response, and keeps its fields except those about content and caches.
     */
    static Response refusal(Status status, Response instead) {
        Headers kept = without(instead.headers(), name -> describesContent(name) || isForCaches(name));
        return refusal(status).headers(kept);
    }

    /** Whether a field describes the content and has no meaning without it. */
    static boolean describesContent(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "accept-ranges",
                    "content-digest",
                    "content-disposition",
                    "content-encoding",
                    "content-language",
                    "content-length",
                    "content-md5",
                    "content-range",
                    "content-type" -> true;
            default -> false;
        };
    }

    /** Whether a field holds only for the exact content of its message, so not for a part of it (RFC 9530 section 2). */
    static boolean isDigestOfContent(String name) {
        return name.equalsIgnoreCase("Content-Digest") || name.equalsIgnoreCase("Content-MD5");
    }

    /** Whether a field is about the resource, for caches and clients that keep it. */
    private static boolean isForCaches(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "age",
                    "cache-control",
                    "content-location",
                    "digest",
                    "etag",
                    "expires",
                    "last-modified",
                    "repr-digest" -> true;
            default -> false;
        };
    }

    static Headers without(Headers fields, Predicate<String> left) {
        List<String> kept = new ArrayList<>(2 * fields.size());
        for (int i = 0; i < fields.size(); i++) {
            if (!left.test(fields.name(i))) {
                kept.add(fields.name(i));
                kept.add(fields.value(i));
            }
        }
        return Headers.of(kept.toArray(new String[0]));
    }
}
