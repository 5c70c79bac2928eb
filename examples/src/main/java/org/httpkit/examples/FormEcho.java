package org.httpkit.examples;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.UrlEncoded;

/** Reads a form: the body is already there when the handler is called, so its text is at hand. */
final class FormEcho implements Handler {

    @Override
    public Response handle(Request request) throws IOException {
        Map<String, List<String>> fields = UrlEncoded.parse(request.body().text());

        StringBuilder echo = new StringBuilder();
        fields.forEach((name, values) -> echo.append(name)
                .append(" = ")
                .append(String.join(", ", values))
                .append('\n'));
        return Response.text(echo.toString());
    }
}
