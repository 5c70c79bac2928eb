package org.httpkit.topics;

import java.util.ArrayList;
import java.util.List;
import org.httpkit.http.Headers;
import org.httpkit.http.Method;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.WhenFull;
import org.jspecify.annotations.Nullable;

/** Decides how the client of a request listens, and from which message on. Immutable. */
record Intake(Topics topics, Subscription wish) {

    Response open(Request request) {
        MessageId after = after(request);
        if (request.isWebSocketUpgrade()) {
            List<String> subprotocols = new ArrayList<>(List.of(TextProtocol.NAME));
            subprotocols.addAll(wish.options().subprotocols());
            return channel(request, wish.options().subprotocols(subprotocols.toArray(String[]::new)), Form.RAW, after);
        }
        if (wish.topics().isEmpty()) {
            return Response.text("Name a topic\n").status(400);
        }
        if (request.method().equals(Method.HEAD)) {
            return Response.of(200).headers(wish.fields(Headers.of("Cache-Control", "no-cache")));
        }
        if (takesEvents(request)) {
            Form form = wish.topics().size() == 1 ? Form.EVENT : Form.NAMED_EVENT;
            return channel(request, wish.options(), form, after);
        }
        if (request.queryParameter("after") != null) {
            ChannelOptions options =
                    wish.options().whenFull(WhenFull.CLOSE).answerBy(wish.pollTimeout(), Response.of(204));
            return request.asChannel(options, new PollReceiver(topics, wish, after));
        }
        return channel(request, wish.options(), Form.LINE, after);
    }

    private Response channel(Request request, ChannelOptions options, Form form, @Nullable MessageId after) {
        return request.asChannel(options.whenFull(WhenFull.CLOSE), new ChannelReceiver(topics, wish, form, after));
    }

    private static boolean takesEvents(Request request) {
        String accept = request.header("Accept");
        return accept != null && accept.contains("text/event-stream");
    }

    /** The message that the client saw last; null to begin with new messages. */
    private @Nullable MessageId after(Request request) {
        String last = request.header("Last-Event-ID");
        if (last == null || last.isEmpty()) {
            last = request.queryParameter("after");
        }
        if (last == null || last.isEmpty()) {
            return wish.withHistory() ? TopicTable.ALL : null;
        }
        return TextProtocol.idOf(last);
    }
}
