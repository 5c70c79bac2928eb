package org.httpkit.ring;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.httpkit.http.Status;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelBinding;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.server.ServerStats;
import org.jspecify.annotations.Nullable;

/**
 * Tracks the calls that a server makes to the application's functions, and lets a stop wait for them. Safe from any
 * thread.
 *
 * <p>The stop waits as http-kit's does: until no handler and no callback runs, or until the timeout, when it interrupts
 * callbacks as well as handlers; and then until each {@code on-close} has returned. Once nothing else is left, it
 * answers long polls with 503, and closes connections without running work: half requests, and connections that their
 * clients have not ended yet, for which WebSockets have a second. Called from inside a handler or callback, it returns
 * at once and leaves the wait to another thread, since it would wait for that very call.
 */
public final class RingCalls {
    private static final ThreadLocal<@Nullable RingCalls> CURRENT = new ThreadLocal<>();
    private static final Response STOPPING = Response.text(Status.SERVICE_UNAVAILABLE.reason())
            .status(Status.SERVICE_UNAVAILABLE.code())
            .header("Retry-After", "1");
    /** How long after the timeout the stop still waits for {@code on-close}. */
    private static final long LAST_CALLS_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** How long callbacks that were interrupted have to end. */
    private static final long INTERRUPTED_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    /** How long clients of WebSockets may take to answer our close frame. */
    private static final long GOODBYE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How long the server needs to see connections that the kernel has accepted. */
    private static final long SETTLED_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final long LOOK_AGAIN_MILLIS = 2;

    private final LongAdder callbacksBegun = new LongAdder();
    private final LongAdder callbacksEnded = new LongAdder();
    private final LongAdder webSocketsBegun = new LongAdder();
    private final LongAdder webSocketsEnded = new LongAdder();
    private final LongAdder closeHandlersSet = new LongAdder();
    private final LongAdder closeHandlersCalled = new LongAdder();
    /** Channels with a callback other than the one for the end, until they are closed. */
    private final Set<RingCallbacks> listening = ConcurrentHashMap.newKeySet();
    /** Channels to which handlers have left the response, until they are closed. */
    private final Set<AsyncChannel> leftToChannels = ConcurrentHashMap.newKeySet();

    // ---- the calls

    /** Begins a handler's call on this thread; returns the value that {@link #leave} needs. */
    @Nullable
    RingCalls enter() {
        RingCalls before = CURRENT.get();
        CURRENT.set(this);
        return before;
    }

    void leave(@Nullable RingCalls before) {
        CURRENT.set(before);
    }

    /** As {@link #enter}, for a callback other than the one for the end. */
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

    /**
     * Notes that a handler has returned a channel, which answers at some time unless it is a WebSocket. Channels with
     * listeners of Java, such as those of topics, answer at the stop by themselves.
     */
    void leftTo(AsyncChannel channel) {
        if (!(ChannelBinding.of(channel).callbacks() instanceof RingCallbacks callbacks)) {
            return;
        }
        if (channel.isWebSocket()) {
            callbacks.becameWebSocket();
            return;
        }
        leftToChannels.add(channel);
        if (!channel.isOpen()) {
            leftToChannels.remove(channel);
        }
    }

    void webSocketBegun() {
        webSocketsBegun.increment();
    }

    void webSocketEnded() {
        webSocketsEnded.increment();
    }

    /** Notes that the channel has a callback other than the one for the end. */
    void listens(RingCallbacks callbacks) {
        listening.add(callbacks);
    }

    void closed(AsyncChannel channel) {
        leftToChannels.remove(channel);
    }

    /** Notes that the channel has made its last call. */
    void listensNoMore(RingCallbacks callbacks) {
        listening.remove(callbacks);
    }

    // ---- the stop

    /**
     * Waits for the end of a server that has begun to stop, as the class describes.
     *
     * @param whenStopped completes when the server has stopped
     * @param deadlineNanos when the timeout of the stop is over
     */
    void awaitStop(HttpServer server, CompletionStage<?> whenStopped, long deadlineNanos) {
        CountDownLatch stopped = new CountDownLatch(1);
        var unused = whenStopped.whenComplete((report, failure) -> stopped.countDown());
        Runnable wait = () -> awaitOrCut(server, stopped, deadlineNanos);
        if (CURRENT.get() == this) {
            Thread waiter = new Thread(wait, "httpkit-stop-wait");
            waiter.setDaemon(true);
            waiter.start();
        } else {
            wait.run();
        }
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
        boolean answered = false;
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
            boolean settled = quiet && time - quietSince > SETTLED_NANOS;
            if (settled && longPolls > 0 && !answered) {
                answered = true;
                answerLongPolls();
                quiet = false;
            } else if (settled && !cut && (webSocketsAreGone(now) || time - quietSince > GOODBYE_NANOS)) {
                cut = true;
                cut(server);
            }
        }
        awaitLastCalls(server, deadline);
    }

    /** Waits for the last calls of the application's worker, for which the server does not wait. */
    private void awaitLastCalls(HttpServer server, long deadline) throws InterruptedException {
        long last = Math.max(deadline - System.nanoTime(), 0) + LAST_CALLS_NANOS;
        long begun = System.nanoTime();
        while (System.nanoTime() - begun < last) {
            long late = System.nanoTime() - deadline;
            if (late >= 0) {
                listening.forEach(RingCallbacks::interruptCall);
            }
            long outlasting = late < INTERRUPTED_NANOS ? 0 : callbacksRunning();
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

    /** Whether the close frame of the last one has left, too: it may leave after the call for the end. */
    private boolean webSocketsAreGone(ServerStats now) {
        return webSockets(now) == 0 && (webSocketsEnded.sum() == 0 || now.connectionsOpen() == 0);
    }

    /**
     * Counts WebSockets that are open, perhaps not yet known to the server's loops, or closed and waiting for the
     * client's frame.
     */
    private long webSockets(ServerStats now) {
        long ended = webSocketsEnded.sum();
        return Math.max(now.webSocketsOpen(), webSocketsBegun.sum() - ended);
    }

    private long longPolls() {
        return leftToChannels.stream().filter(RingCalls::isLongPoll).count();
    }

    /** Answers long polls for which apparently no work runs: their clients ask the next server. */
    private void answerLongPolls() {
        leftToChannels.stream().filter(RingCalls::isLongPoll).forEach(channel -> {
            boolean unused = channel.send(STOPPING, true);
        });
    }

    private static boolean isLongPoll(AsyncChannel channel) {
        return channel.isOpen()
                && !channel.isWebSocket()
                && ChannelBinding.of(channel).callbacks() instanceof RingCallbacks callbacks
                && callbacks.isUnbegun();
    }

    /** A callback that outlasts the timeout delays the call for the end of its channel. */
    private long closeHandlersLeft() {
        long called = closeHandlersCalled.sum();
        return closeHandlersSet.sum() - called;
    }

    private long callbacksRunning() {
        long ended = callbacksEnded.sum();
        return callbacksBegun.sum() - ended;
    }
}
