package org.httpkit.web;

import java.util.List;
import java.util.Map;
import org.httpkit.server.Request;

/**
 * The parameters in the path of a request that {@link Routes} gave to a handler. Immutable.
 *
 * <p>Values are percent-decoded, once, as UTF-8. That of {@code {name}} is never empty, nor {@code .} or {@code ..}; it may have any other
 * character, a slash as well, which the client has to write as {@code %2F}. No segment of {@code {name...}} is {@code .} or {@code ..}.
 */
public interface Params {

    /**
     * The parameters of a request, or of the one that it wraps.
     *
     * @throws IllegalStateException if no {@link Routes} have seen that request
     */
    static Params of(Request request) {
        RoutedRequest routed = RoutedRequest.in(request);
        if (routed != null) {
            return routed;
        }
        throw new IllegalStateException("No Routes have seen the request for " + request.path());
    }

    /**
     * The value of a parameter. That of {@code {name...}} is the rest of the path, without the slash in front of it; {@link #segments}
     * tells slashes between segments from those that were encoded.
     *
     * @throws IllegalArgumentException if the template has no such parameter
     */
    String get(String name);

    /**
     * The segments of a parameter's value; of {@code {name}} that is one.
     *
     * @throws IllegalArgumentException if the template has no such parameter
     */
    List<String> segments(String name);

    /** All of them, in the order of the template; the caller's own. */
    Map<String, String> toMap();

    /** The template that the path matched, as it was written, prefixes of mounts in front: {@code /api/users/{id}}. */
    String template();
}
