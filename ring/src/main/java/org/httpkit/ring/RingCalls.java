package org.httpkit.ring;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.HttpServer;
import org.httpkit.server.ServerStats;
import org.jspecify.annotations.Nullable;

/**
 * The calls that a server makes to the application's functions, and a stop that waits for them. Safe from any thread.
 *
 * <p>The stop waits as http-kit's does: until no handler and no callback runs any more, or the timeout is over, and then until each
 * {@code on-close} has returned. Once nothing else is left, it closes long polls that nobody answers; and after a second, connections
 * on which nothing is left to do but for the client to end them. Called from inside a handler or callback it returns at once and leaves
 * the wait to another thread, since that call is among what it waits for.
 */
public final class RingCalls {
    private static final ThreadLocal<@Nullable RingCalls> CURRENT = new ThreadLocal<>();
    /** How long after the timeout the stop still waits for {@code on-close}. */
    private static final long LAST_CALLS_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** How long clients may take to end connections on which nothing is left to do. */
    private static final long LAST_BYTES_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** By when the server has seen what the kernel has accepted for it. */
    private static final long SETTLED_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final long LOOK_AGAIN_MILLIS = 2;

    private final LongAdder callbacksBegun = new LongAdder();
    private final LongAdder callbacksEnded = new LongAdder();
    private final LongAdder closeHandlersSet = new LongAdder();
    private final LongAdder closeHandlersCalled = new LongAdder();
    /** Responses that handlers have left to a channel, until the channel is closed. */
    private final Set<AsyncChannel> leftToChannels = ConcurrentHashMap.newKeySet();

    // ---- the calls

    /** This thread begins a call of a handler; returns what {@link #leave} needs. */
    @Nullable
    RingCalls enter() {
        RingCalls before = CURRENT.get();
        CURRENT.set(this);
        return before;
    }

    void leave(@Nullable RingCalls before) {
        CURRENT.set(before);
    }

    /** {@link #enter}, for a callback other than that for the end. */
    @Nullable
    RingCalls enterCallback() {
        callbacksBegun.increment();
        return enter();
    }

    void leaveCallback(@Nullable RingCalls before) {
        leave(before);
        callbacksEnded.increment();
    }

    void closeHandlerSet() {
        closeHandlersSet.increment();
    }

    void closeHandlerCalled() {
        closeHandlersCalled.increment();
    }

    /** A handler has returned a channel, which answers some time unless it is a WebSocket. */
    void leftTo(AsyncChannel channel) {
        if (channel.isWebSocket()) {
            return;
        }
        leftToChannels.add(channel);
        if (!channel.isOpen()) {
            leftToChannels.remove(channel);
        }
    }

    void closed(AsyncChannel channel) {
        leftToChannels.remove(channel);
    }

    // ---- the stop

    /**
     * Stops a server and waits as the class says; at once if it was stopping already.
     *
     * @param timeoutMillis below 0 counts as 0
     * @param whenStopped called once when the server has stopped, unless it was stopping already
     * @return whether it is this call that has stopped the server
     */
    public static boolean stop(HttpServer server, int timeoutMillis, Runnable whenStopped) {
        RingCalls calls = server.options().handler() instanceof RingHandler handler ? handler.calls() : null;
        long timeoutNanos = TimeUnit.MILLISECONDS.toNanos(Math.max(0, timeoutMillis));
        long deadline = System.nanoTime() + timeoutNanos;
        CountDownLatch stopped = new CountDownLatch(1);
        boolean first = server.stop(timeoutMillis, () -> {
            whenStopped.run();
            stopped.countDown();
        });
        if (first && calls != null) {
            Runnable wait = () -> calls.awaitOrCut(server, stopped, deadline);
            if (CURRENT.get() == calls) {
                Thread waiter = new Thread(wait, "http-kit-stop-wait");
                waiter.setDaemon(true);
                waiter.start();
            } else {
                wait.run();
            }
        }
        return first;
    }

    private void awaitOrCut(HttpServer server, CountDownLatch stopped, long deadline) {
        try {
            await(server, stopped, deadline);
        } catch (InterruptedException e) {
            cut(server);
            Thread.currentThread().interrupt();
        }
    }

    private void await(HttpServer server, CountDownLatch stopped, long deadline) throws InterruptedException {
        boolean cut = false;
        boolean quiet = false;
        long quietSince = 0;
        while (!stopped.await(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS) && System.nanoTime() - deadline < 0) {
            ServerStats now = server.stats();
            long longPolls = longPolls();
            long time = System.nanoTime();
            if (callbacksRunning() > 0 || now.exchangesRunning() > longPolls || now.queuedBytes() > 0) {
                quiet = false;
            } else if (!quiet) {
                quiet = true;
                quietSince = time;
            }
            long wait = longPolls > 0 && now.connectionsOpen() <= longPolls ? SETTLED_NANOS : LAST_BYTES_NANOS;
            if (quiet && !cut && time - quietSince > wait) {
                cut = true;
                cut(server);
            }
        }
        awaitLastCalls(server, deadline);
    }

    /** The server does not wait for the calls that a worker makes which is not its own. */
    private void awaitLastCalls(HttpServer server, long deadline) throws InterruptedException {
        long last = Math.max(deadline - System.nanoTime(), 0) + LAST_CALLS_NANOS;
        long begun = System.nanoTime();
        while (System.nanoTime() - begun < last) {
            long outlasting = System.nanoTime() - deadline < 0 ? 0 : callbacksRunning();
            if (server.stats().connectionsOpen() == 0
                    && closeHandlersLeft() <= outlasting
                    && callbacksRunning() <= outlasting) {
                return;
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
        }
    }

    private static void cut(HttpServer server) {
        var unused = server.stop(Duration.ZERO);
    }

    private long longPolls() {
        return leftToChannels.stream().filter(RingCalls::isLongPoll).count();
    }

    private static boolean isLongPoll(AsyncChannel channel) {
        return channel.isOpen()
                && !channel.isWebSocket()
                && channel.callbacks() instanceof RingCallbacks callbacks
                && callbacks.isUnbegun();
    }

    /** A callback that outlasts the timeout keeps that of its own channel waiting. */
    private long closeHandlersLeft() {
        long called = closeHandlersCalled.sum();
        return closeHandlersSet.sum() - called;
    }

    private long callbacksRunning() {
        long ended = callbacksEnded.sum();
        return callbacksBegun.sum() - ended;
    }
}
