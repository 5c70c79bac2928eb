package org.httpkit.web;

import java.util.List;
import java.util.Map;
import org.httpkit.server.Request;

/**
 * The path parameters of a request that {@link Routes} passed to a handler. Immutable.
 *
 * <p>Values are percent-decoded once, as UTF-8. The value of {@code {name}} is never empty, {@code .} or {@code ..}.
 * It may contain any other character, including a slash, which the client has to write as {@code %2F}. No segment of
 * {@code {name...}} is {@code .} or {@code ..}.
 */
public interface Params {

    /**
     * The parameters of a request, or of the request that it wraps.
     *
     * @throws IllegalStateException if no {@link Routes} have seen the request
     */
    static Params of(Request request) {
        RoutedRequest routed = RoutedRequest.in(request);
        if (routed != null) {
            return routed;
        }
        throw new IllegalStateException("No Routes have seen the request for " + request.path());
    }

    /**
     * The value of a parameter. The value of {@code {name...}} is the rest of the path, without its leading slash;
     * {@link #segments} distinguishes slashes between segments from encoded ones.
     *
     * @throws IllegalArgumentException if the template has no such parameter
     */
    String get(String name);

    /**
     * The segments of a parameter's value; {@code {name}} has one.
     *
     * @throws IllegalArgumentException if the template has no such parameter
     */
    List<String> segments(String name);

    /** All parameters, in the order of the template. The caller owns the map. */
    Map<String, String> toMap();

    /** The template that the path matched, including prefixes of mounts: {@code /api/users/{id}}. */
    String template();
}
