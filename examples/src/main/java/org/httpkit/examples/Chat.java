package org.httpkit.examples;

import java.io.IOException;
import java.util.concurrent.CompletionStage;
import org.httpkit.http.Method;
import org.httpkit.server.Handler;
import org.httpkit.server.Message;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.topics.Subscription;
import org.httpkit.topics.Topics;

/** A chat room for WebSockets, streams and long polling at once: a topic, whose listeners get the lines that they missed. */
final class Chat implements Handler {
    private static final String ROOM = "chat";

    private final Topics topics;

    Chat(Topics topics) {
        this.topics = topics;
    }

    /** A GET listens: as WebSocket, as stream, or until there is something to hear. A POST says something. */
    @Override
    public Response handle(Request request) throws Exception {
        if (request.method().equals(Method.POST)) {
            return answer(request);
        }
        Subscription room = Subscription.to(ROOM).allowing(ROOM::equals).onMessage((channel, text) -> {
            if (text instanceof String line && isLine(line)) {
                CompletionStage<?> unused = topics.publish(ROOM, Message.text(line));
            }
        });
        return topics.subscribe(request, room);
    }

    /** Answers when the line has its place in the room's log, which takes a moment if that is a broker's. */
    private Response answer(Request request) throws IOException {
        String line = request.body().text();
        if (!isLine(line)) {
            return Response.of(400);
        }
        return Response.later(topics.publish(ROOM, Message.text(line))
                .handle((id, failure) -> Response.of(failure == null ? 204 : 503)));
    }

    private static boolean isLine(String text) {
        return !text.isBlank() && text.length() <= 300 && text.lines().count() == 1;
    }
}
