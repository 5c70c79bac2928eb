package org.httpkit.examples;

import java.time.Instant;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;

/** Answers with JSON; whichever library writes yours, hand over its text or bytes. */
final class Json implements Handler {

    @Override
    public Response handle(Request request) {
        int java = Runtime.version().feature();
        int processors = Runtime.getRuntime().availableProcessors();
        return Response.json("""
                {"java": %s, "processors": %s, "now": "%s"}
                """.formatted(java, processors, Instant.now()));
    }
}
