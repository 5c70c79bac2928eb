package org.httpkit.internal.exchange;

import org.httpkit.http.Status;
import org.httpkit.server.Response;

/** The responses the server gives by itself. Their texts say nothing of what happened inside. */
public final class Responses {
    static final Response NOT_FOUND = Response.of(Status.NOT_FOUND);
    public static final Response OVERLOADED =
            refusal(Status.SERVICE_UNAVAILABLE).header("Retry-After", "1");
    public static final Response INTERNAL_ERROR = refusal(Status.INTERNAL_SERVER_ERROR);

    private Responses() {}

    static Response refusal(Status status) {
        return Response.text(status.reason()).status(status.code());
    }
}
