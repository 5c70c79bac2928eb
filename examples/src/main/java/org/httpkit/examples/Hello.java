package org.httpkit.examples;

import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;

/** The heart of every server: a function from a request to a response. */
final class Hello implements Handler {

    @Override
    public Response handle(Request request) {
        String name = request.queryParameter("name");
        return Response.text("Hello, " + (name == null || name.isBlank() ? "HTTP" : name) + "!");
    }
}
