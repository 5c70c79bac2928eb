package org.httpkit.examples;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.httpkit.http.Method;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.CloseReason;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;

/** A counter that clients watch by long polling. A client sends the count it knows, and gets an answer once that is out of date. */
final class LongPoll implements Handler, ChannelListener {
    private final Set<AsyncChannel> waiting = new HashSet<>();
    private int count;

    @Override
    public Response handle(Request request) {
        return request.method().equals(Method.POST) ? increment() : request.asChannel(this);
    }

    @Override
    public synchronized void onOpen(AsyncChannel channel) {
        if (!Integer.toString(count).equals(channel.request().queryParameter("known"))) {
            channel.send(count());
            return;
        }
        waiting.add(channel);
        // No client waits forever: 204 means, ask again.
        CompletableFuture.delayedExecutor(20, SECONDS).execute(() -> channel.send(Response.of(204)));
    }

    @Override
    public synchronized void onClose(AsyncChannel channel, CloseReason reason) {
        waiting.remove(channel);
    }

    private synchronized Response increment() {
        count++;
        List<AsyncChannel> told = List.copyOf(waiting);
        waiting.clear();
        told.forEach(channel -> channel.send(count())); // on HTTP, a send is the whole answer
        return count();
    }

    private Response count() {
        return Response.text(Integer.toString(count));
    }
}
