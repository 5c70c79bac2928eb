package org.httpkit.bench.peers;

import java.io.IOException;
import java.util.List;
import org.microhttp.EventLoop;
import org.microhttp.Header;
import org.microhttp.NoopLogger;
import org.microhttp.OptionsBuilder;
import org.microhttp.Request;
import org.microhttp.Response;

/** Microhttp with its handler on the event loops, where it must not block. */
public final class MicrohttpPeer {
    private static final List<Header> HEADERS = List.of(new Header("Content-Type", "text/plain"));

    private MicrohttpPeer() {}

    public static void main(String... arguments) throws IOException {
        EventLoop loop = new EventLoop(
                OptionsBuilder.newBuilder()
                        .withHost("127.0.0.1")
                        .withPort(Integer.parseInt(arguments[0]))
                        .withAcceptLength(Answers.BACKLOG)
                        .withConcurrency(Runtime.getRuntime().availableProcessors())
                        .build(),
                NoopLogger.instance(),
                (request, callback) -> callback.accept(answer(request)));
        loop.start();
    }

    private static Response answer(Request request) {
        String path = request.uri();
        if (path.equals("/plaintext")) {
            return new Response(200, "OK", HEADERS, Answers.HELLO);
        }
        if (path.equals("/echo")) {
            return new Response(200, "OK", HEADERS, request.body());
        }
        return path.startsWith("/bytes/")
                ? new Response(200, "OK", HEADERS, Answers.bytes(path))
                : new Response(404, "Not Found", HEADERS, new byte[0]);
    }
}
