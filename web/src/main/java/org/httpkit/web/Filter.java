package org.httpkit.web;

import java.util.Objects;
import java.util.function.UnaryOperator;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.ResponseBody;
import org.jspecify.annotations.Nullable;

/**
 * Runs around a handler: looks at a request before the handler does, at the response behind it, or answers instead of it. One filter
 * serves many requests at once, so it must be safe to call from many threads.
 *
 * <pre>{@code
 * Filter timed = (request, next) -> {
 *     long start = System.nanoTime();
 *     try {
 *         return next.handle(request);
 *     } finally {
 *         record(request.path(), System.nanoTime() - start);
 *     }
 * };
 * }</pre>
 *
 * <p>A filter runs when the handler would be called: a body that is collected has been, one that is streamed has not been read. A filter
 * that hands on another request extends {@link RequestWrapper}, so that what the routes found out stays with it.
 */
@FunctionalInterface
public interface Filter {

    /**
     * The response to a request, mostly that of {@code next}; null means what it means for a {@link Handler}: 404.
     *
     * @throws Exception what {@code next} throws, or the filter itself; see {@link Handler#handle}
     */
    @Nullable
    Response filter(Request request, Handler next) throws Exception;

    /** A handler that runs this filter around another one. Whether it streams a body is up to the other one. */
    default Handler around(Handler handler) {
        return new FilteredHandler(this, Objects.requireNonNull(handler, "handler"));
    }

    /** This filter around another one, as one. */
    default Filter around(Filter inner) {
        Objects.requireNonNull(inner, "inner");
        return (request, next) -> filter(request, inner.around(next));
    }

    /**
     * A response, changed. One that comes later is changed when it comes. A 404 that the handler told by null becomes an empty response
     * of that status. What is sent on a channel is that channel's own, and stays as it is.
     */
    static Response change(@Nullable Response response, UnaryOperator<Response> change) {
        if (response == null) {
            return change.apply(Response.of(404));
        }
        if (response.body() instanceof ResponseBody.Later later) {
            return Response.later(later.response().thenApply(late -> change(late, change)));
        }
        return response.body() instanceof ResponseBody.Channel ? response : change.apply(response);
    }
}
