package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.CloseReason;

/** Records each call as a line, and notices if two calls overlap. Safe from any thread. */
class RecordingListener implements ChannelListener {
    private final LinkedBlockingQueue<String> calls = new LinkedBlockingQueue<>();
    private final List<String> overlaps = new CopyOnWriteArrayList<>();
    private final Map<AsyncChannel, AtomicInteger> running = new ConcurrentHashMap<>();
    final LinkedBlockingQueue<AsyncChannel> channels = new LinkedBlockingQueue<>();
    private volatile boolean wantsDrains;

    /** Drains are written down, too. */
    RecordingListener withDrains() {
        wantsDrains = true;
        return this;
    }

    @Override
    public void init(AsyncChannel channel) {
        note(channel, "init", () -> {});
    }

    @Override
    public void onOpen(AsyncChannel channel) {
        note(channel, "open", () -> opened(channel));
        channels.add(channel);
    }

    @Override
    public void onText(AsyncChannel channel, String text) {
        note(channel, "text " + text, () -> text(channel, text));
    }

    @Override
    public void onBinary(AsyncChannel channel, byte[] bytes) {
        note(channel, "binary " + bytes.length, () -> binary(channel, bytes));
    }

    @Override
    public void onPing(AsyncChannel channel, byte[] payload) {
        note(channel, "ping " + payload.length, () -> {});
    }

    @Override
    public void onPong(AsyncChannel channel, byte[] payload) {
        note(channel, "pong " + payload.length, () -> {});
    }

    @Override
    public void onDrain(AsyncChannel channel) {
        if (wantsDrains) {
            note(channel, "drain", () -> {});
        }
    }

    @Override
    public void onClose(AsyncChannel channel, CloseReason reason) {
        note(
                channel,
                "close " + reason.code() + " " + reason.cause() + (reason.text().isEmpty() ? "" : " " + reason.text()),
                () -> closed(channel, reason));
    }

    // ---- what a test wants to do besides

    void opened(AsyncChannel channel) {}

    void text(AsyncChannel channel, String text) {}

    void binary(AsyncChannel channel, byte[] bytes) {}

    void closed(AsyncChannel channel, CloseReason reason) {}

    // ---- what was written down

    /** The channel that was opened next. */
    AsyncChannel channel() throws InterruptedException {
        AsyncChannel channel = channels.poll(10, TimeUnit.SECONDS);
        assertThat(channel).as("channel").isNotNull();
        return channel;
    }

    /** The calls not read yet. */
    LinkedBlockingQueue<String> calls() {
        return calls;
    }

    /** The next call. */
    String next() throws InterruptedException {
        String call = calls.poll(10, TimeUnit.SECONDS);
        assertThat(overlaps).as("calls at the same time").isEmpty();
        return call == null ? "nothing within 10 s" : call;
    }

    /** Reads calls up to the close, which has to be the last, as far as can be seen within a moment. */
    String nextClose() throws InterruptedException {
        String call = nextCloseOfSeveral();
        assertNothingMore();
        return call;
    }

    /** Reads calls up to a close, behind which other channels may have more calls: that they can send again, for one. */
    String nextCloseOfSeveral() throws InterruptedException {
        String call = next();
        while (!call.startsWith("close") && !call.startsWith("nothing")) {
            call = next();
        }
        return call;
    }

    void assertNothingMore() throws InterruptedException {
        assertThat(calls.poll(50, TimeUnit.MILLISECONDS)).as("another call").isNull();
        assertThat(overlaps).as("calls at the same time").isEmpty();
    }

    private void note(AsyncChannel channel, String call, Runnable work) {
        AtomicInteger running = this.running.computeIfAbsent(channel, ignored -> new AtomicInteger());
        if (running.incrementAndGet() > 1) {
            overlaps.add(call);
        }
        try {
            calls.add(call);
            work.run();
        } finally {
            running.decrementAndGet();
        }
    }
}
