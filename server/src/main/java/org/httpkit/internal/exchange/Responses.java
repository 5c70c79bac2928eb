package org.httpkit.internal.exchange;

import java.util.function.Supplier;
import org.httpkit.http.Headers;
import org.httpkit.http.Status;
import org.httpkit.server.Response;

/** The responses the server gives by itself. Their texts say nothing of what happened inside. */
public final class Responses {
    static final Response NOT_FOUND = Response.of(Status.NOT_FOUND);
    public static final Response OVERLOADED =
            refusal(Status.SERVICE_UNAVAILABLE).header("Retry-After", "1");
    public static final Response INTERNAL_ERROR = refusal(Status.INTERNAL_SERVER_ERROR);

    private Responses() {}

    /**
     * The trailer fields of a response whose body is complete; none if it has none.
     *
     * @throws RuntimeException if the application fails to give them, or one of them cannot be written
     */
    public static Headers trailersOf(Response response) {
        Supplier<Headers> given = response.trailers();
        Headers trailers = given == null ? Headers.empty() : given.get();
        for (int i = 0; i < trailers.size(); i++) {
            Headers.of(trailers.name(i), trailers.value(i)); // checks them, before anything is sent
        }
        return trailers;
    }

    static Response refusal(Status status) {
        return Response.text(status.reason()).status(status.code());
    }
}
