package org.httpkit.tests;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CountDownLatch;
import org.httpkit.http.Headers;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/** What foreign clients ask for: echoes, early answers, trailers, and an answer without an end. */
final class Http2Site implements Handler {
    /** Counted down when the client of the endless answer has given it up. */
    final CountDownLatch gone = new CountDownLatch(1);

    @Override
    public boolean streamsBody(Request request) {
        return request.path().equals("/echo") || request.path().equals("/early");
    }

    @Override
    public @Nullable Response handle(Request request) {
        InputStream in = request.body().stream();
        return switch (request.path()) {
            case "/version" -> Response.text(request.version().toString());
            case "/echo" -> Response.stream(out -> in.transferTo(out));
            case "/early" -> Response.text("early").status(403);
            case "/trailers" -> Response.text("sum").trailers(Headers.of("x-sum", "7"));
            case "/endless" ->
                Response.stream(out -> {
                    try {
                        while (true) {
                            out.write(new byte[1000]);
                            out.flush();
                        }
                    } catch (IOException e) {
                        gone.countDown();
                        throw e;
                    }
                });
            default -> Response.text(request.path());
        };
    }
}
