package org.httpkit.web;

import java.util.Objects;
import java.util.function.UnaryOperator;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.ResponseBody;
import org.jspecify.annotations.Nullable;

/**
 * Runs around a handler: it can look at a request before the handler, change the response after it, or answer
 * instead. One filter serves many requests at once, so it must be safe from many threads.
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
 * <p>A filter runs where the handler would: a collected body has arrived completely, and nothing of a streamed body
 * has been read. A filter that passes on another request extends {@link RequestWrapper}, so that path parameters stay
 * available.
 */
@FunctionalInterface
public interface Filter {

    /**
     * The response to a request, usually that of {@code next}; null means 404, as for a {@link Handler}. If a handler
     * answers HEAD with null, {@code next} itself asks it again with GET; see {@link Handler#answersHeadByGet}.
     *
     * @throws Exception what {@code next} throws, or the filter itself; see {@link Handler#handle}
     */
    @Nullable
    Response filter(Request request, Handler next) throws Exception;

    /** A handler that runs this filter around another one. The other one decides whether it streams a body. */
    default Handler around(Handler handler) {
        return new FilteredHandler(this, new HeadByGet(Objects.requireNonNull(handler, "handler")));
    }

    /** This filter around another one, as one filter. */
    default Filter around(Filter inner) {
        Objects.requireNonNull(inner, "inner");
        return (request, next) -> around(inner.around(next)).handle(request);
    }

    /**
     * A changed response. A response that comes later is changed when it comes. A null becomes an empty 404 first, which
     * {@link org.httpkit.server.ErrorPages} do not shape: a filter inside may answer otherwise. Responses on a channel stay
     * as they are.
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
