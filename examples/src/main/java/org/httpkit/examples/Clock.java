package org.httpkit.examples;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.httpkit.http.Method;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.CloseReason;
import org.httpkit.server.Event;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/** Sends the time by server-sent events. A client that lost its connection receives the seconds that it missed. */
final class Clock implements Handler, ChannelListener {
    /** Who listens, and every how many seconds. */
    private final Map<AsyncChannel, Long> listening = new HashMap<>();

    private boolean ticking;
    private long second;

    @Override
    public Response handle(Request request) {
        if (request.method().equals(Method.POST)) {
            return hangUp();
        }
        return request.asChannel(this);
    }

    @Override
    public synchronized void onOpen(AsyncChannel channel) {
        if (!ticking) {
            ticking = true;
            second = Instant.now().getEpochSecond();
            tickSoon();
        }
        long every = number(channel.request().queryParameter("every"), 1);
        listening.put(channel, every);
        channel.sendEvent(Event.comment("the time").retry(Duration.ofSeconds(3)));
        long last = number(channel.request().header("Last-Event-ID"), second);
        for (long missed = Math.max(last, second - 60) + 1; missed <= second; missed++) {
            tell(channel, every, missed);
        }
    }

    @Override
    public synchronized void onClose(AsyncChannel channel, CloseReason reason) {
        listening.remove(channel);
    }

    private void tickSoon() {
        long toNextSecond = 1000 - System.currentTimeMillis() % 1000;
        CompletableFuture.delayedExecutor(toNextSecond, MILLISECONDS).execute(this::tick);
    }

    private synchronized void tick() {
        ticking = !listening.isEmpty();
        if (!ticking) {
            return;
        }
        for (long now = Instant.now().getEpochSecond(); second < now; ) {
            second++;
            listening.forEach((channel, every) -> tell(channel, every, second));
        }
        tickSoon();
    }

    private static void tell(AsyncChannel channel, long every, long second) {
        if (second % every == 0) {
            channel.sendEvent(Event.of(Instant.ofEpochSecond(second).toString()).id("" + second));
        } else if (second % 15 == 0) {
            channel.sendEvent(Event.comment("still there")); // else a proxy might take the connection for dead
        }
    }

    /** Ends all connections. Browsers connect again by themselves. */
    private synchronized Response hangUp() {
        List<AsyncChannel> channels = List.copyOf(listening.keySet());
        channels.forEach(AsyncChannel::close);
        return Response.text("Hung up on " + channels.size() + "\n");
    }

    private static long number(@Nullable String digits, long otherwise) {
        return digits != null && digits.matches("[1-9]\\d{0,10}") ? Long.parseLong(digits) : otherwise;
    }
}
