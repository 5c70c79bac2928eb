package org.httpkit.arena;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.web.Params;
import org.httpkit.web.Routes;
import org.httpkit.web.StaticFiles;
import org.jspecify.annotations.Nullable;

/** The endpoints that the rules name; every listener has all of them. Stateless. */
final class Endpoints {
    private static final int MOST_MILLIS = 60_000;

    private static final ChannelListener ECHO = new ChannelListener() {
        @Override
        public void onText(AsyncChannel channel, String text) {
            channel.send(text);
        }

        @Override
        public void onBinary(AsyncChannel channel, byte[] bytes) {
            channel.send(bytes);
        }
    };

    private Endpoints() {}

    /**
     * All of them.
     *
     * @param data the folder with {@code dataset.json} and the folder {@code static}
     */
    static Handler of(Path data) throws IOException {
        Dataset dataset = Dataset.read(data.resolve("dataset.json"));
        return Routes.of()
                .get("/baseline11", request -> sum(request, "0"))
                .post("/baseline11", request -> sum(request, request.body().text()))
                .get("/baseline2", request -> sum(request, "0"))
                .get("/pipeline", request -> Response.text("ok"))
                .get("/delay/{millis}", Endpoints::delay)
                .get("/json/{count}", request -> json(request, dataset))
                .post("/echo", request -> Response.bytes(request.body().bytes()))
                .post("/upload", Handler.streaming(Endpoints::count))
                .get("/static/{path...}", StaticFiles.of(data.resolve("static")).precompressed())
                .get("/ws", Endpoints::webSocket);
    }

    private static Response sum(Request request, String more) {
        try {
            long sum = number(request.queryParameter("a")) + number(request.queryParameter("b")) + number(more);
            return Response.text(Long.toString(sum));
        } catch (NumberFormatException e) {
            return refusal("a, b and the body must be whole numbers");
        }
    }

    /** A handler may block: the server calls this one on the worker once it knows that it does, on virtual threads. */
    private static Response delay(Request request) throws InterruptedException {
        try {
            long millis = number(Params.of(request).get("millis"));
            if (millis >= 0 && millis <= MOST_MILLIS) {
                Thread.sleep(millis);
                return Response.text(Long.toString(millis));
            }
        } catch (NumberFormatException e) {
            // The client gets the refusal below, as for a number that is out of range.
        }
        return refusal("the delay must be 0 to " + MOST_MILLIS + " ms");
    }

    private static Response json(Request request, Dataset dataset) throws IOException {
        String factor = request.queryParameter("m");
        try {
            long count = number(Params.of(request).get("count"));
            if (count >= 0 && count <= dataset.size()) {
                byte[] json = dataset.first((int) count, factor == null ? 1 : number(factor));
                return Response.bytes(json).header("Content-Type", "application/json");
            }
        } catch (NumberFormatException e) {
            // The client gets the refusal below, as for a number that is out of range.
        }
        return refusal("the count must be 0 to " + dataset.size() + ", and m a whole number");
    }

    private static Response count(Request request) throws IOException {
        return Response.text(Long.toString(request.body().stream().transferTo(OutputStream.nullOutputStream())));
    }

    private static Response webSocket(Request request) {
        return request.isWebSocketUpgrade()
                ? request.asChannel(ECHO)
                : Response.of(426).header("Upgrade", "websocket");
    }

    private static long number(@Nullable String text) {
        return Long.parseLong(text == null ? "" : text.strip());
    }

    private static Response refusal(String why) {
        return Response.text(why + "\n").status(400);
    }
}
