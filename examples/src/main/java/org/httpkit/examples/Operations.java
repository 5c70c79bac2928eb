package org.httpkit.examples;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.CloseReason;
import org.httpkit.server.Event;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.ServerStats;
import org.httpkit.server.ServerStatus;

/** Sends the servers' figures, added up, by server-sent events: those of the last minutes at once, then new ones each second. */
final class Operations implements Handler, ChannelListener {
    private static final int KEPT = 300;
    private static final long INTERVAL_MILLIS = 1000;

    private final Latencies latencies;
    private final List<HttpServer> servers = new CopyOnWriteArrayList<>();
    private final Deque<String> lately = new ArrayDeque<>();
    private final Set<AsyncChannel> watchers = new HashSet<>();

    Operations(Latencies latencies) {
        this.latencies = latencies;
    }

    /** Reads the figures of this server as well from now on, until the first one stops. */
    void watch(HttpServer server) {
        servers.add(server);
        if (servers.size() == 1) {
            lookSoon(stats(), System.nanoTime());
        }
    }

    private List<ServerStats> stats() {
        return servers.stream().map(HttpServer::stats).toList();
    }

    @Override
    public Response handle(Request request) {
        return request.asChannel(this);
    }

    @Override
    public synchronized void onOpen(AsyncChannel channel) {
        watchers.add(channel);
        channel.sendEvent(
                Event.of("[" + String.join(",", lately) + "]").type("history").retry(Duration.ofSeconds(1)));
    }

    @Override
    public synchronized void onClose(AsyncChannel channel, CloseReason reason) {
        watchers.remove(channel);
    }

    private void lookSoon(List<ServerStats> before, long sinceNanos) {
        CompletableFuture.delayedExecutor(INTERVAL_MILLIS, TimeUnit.MILLISECONDS)
                .execute(() -> look(before, sinceNanos));
    }

    private synchronized void look(List<ServerStats> before, long sinceNanos) {
        if (servers.get(0).status() != ServerStatus.RUNNING) {
            return;
        }
        List<ServerStats> now = stats();
        long nanos = System.nanoTime();
        Figures figures = Figures.between(before, now, (nanos - sinceNanos) / 1e9, latencies.take(), Instant.now());
        lately.add(figures.json());
        if (lately.size() > KEPT) {
            lately.remove();
        }
        Event closes = Event.of(figures.closes()).type("closes");
        Event event = Event.of(figures.json()).type("figures");
        for (AsyncChannel watcher : watchers) {
            watcher.sendEvent(closes);
            watcher.sendEvent(event);
        }
        lookSoon(now, nanos);
    }
}
