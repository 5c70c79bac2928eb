package org.httpkit.examples;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.httpkit.http.Method;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.CloseReason;
import org.httpkit.server.Event;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;

/** A chat room for WebSockets, streams and long polling at once: to the listener, all of them are channels. */
final class Chat implements Handler, ChannelListener {
    private record Line(long number, String text) {}

    private final Set<AsyncChannel> clients = new HashSet<>();
    private final Deque<Line> lately = new ArrayDeque<>();
    private long lines;

    /** A GET listens: as WebSocket, as stream, or until there is something to hear. A POST says something. */
    @Override
    public Response handle(Request request) throws IOException {
        if (request.method().equals(Method.POST)) {
            return Response.of(say(request.body().text()) ? 204 : 400);
        }
        return request.asChannel(this);
    }

    @Override
    public synchronized void onOpen(AsyncChannel channel) {
        clients.add(channel);
        if (isStream(channel)) {
            channel.sendEvent(Event.comment("welcome")); // the browser waits for the first bytes
        }
        long heard = lastHeard(channel.request());
        List<Line> missed = lately.stream().filter(line -> line.number > heard).toList();
        if (!missed.isEmpty()) {
            tell(channel, missed);
        }
    }

    @Override
    public void onText(AsyncChannel channel, String text) {
        say(text);
    }

    @Override
    public synchronized void onClose(AsyncChannel channel, CloseReason reason) {
        clients.remove(channel);
    }

    private synchronized boolean say(String text) {
        if (text.isBlank() || text.length() > 300 || text.lines().count() > 1) {
            return false;
        }
        Line line = new Line(++lines, lines + " " + text);
        lately.add(line);
        if (lately.size() > 50) {
            lately.remove();
        }
        clients.forEach(channel -> tell(channel, List.of(line)));
        return true;
    }

    private static void tell(AsyncChannel channel, List<Line> news) {
        if (channel.isWebSocket()) {
            news.forEach(line -> channel.send(line.text));
        } else if (isStream(channel)) {
            news.forEach(line -> channel.sendEvent(Event.of(line.text).id("" + line.number)));
        } else {
            String text = news.stream().map(Line::text).collect(Collectors.joining("\n"));
            channel.send(Response.text(text)); // which ends this poll
        }
    }

    private static boolean isStream(AsyncChannel channel) {
        return !channel.isWebSocket()
                && "text/event-stream".equals(channel.request().header("Accept"));
    }

    /** The number of the last line that the client has heard; 0 if it heard none, or none since the server started. */
    private long lastHeard(Request request) {
        String event = request.header("Last-Event-ID"); // the browser sends it when it opens a stream again
        String number = event != null ? event : request.queryParameter("after");
        long heard = number != null && number.matches("\\d{1,18}") ? Long.parseLong(number) : 0;
        return heard > lines ? 0 : heard;
    }
}
