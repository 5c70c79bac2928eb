package org.httpkit.ring;

import clojure.lang.IFn;
import clojure.lang.IPersistentMap;
import clojure.lang.Keyword;
import clojure.lang.RT;
import java.io.IOException;
import java.net.BindException;
import java.util.Locale;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelBinding;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Worker;
import org.httpkit.server.WorkerType;
import org.jspecify.annotations.Nullable;

/**
 * Implements the functions of the namespace {@code org.httpkit.server}, in Java so that little Clojure has to be
 * compiled each time a program starts. Stateless.
 */
public final class RingServer {
    private RingServer() {}

    // ---- servers

    /**
     * Starts a server.
     *
     * @param options the map passed to {@code run-server}, or null
     * @param webSocket see {@link RingHandler}
     * @throws BindException if the address is in use
     */
    public static HttpServer start(Object handler, @Nullable Object options, @Nullable IFn webSocket)
            throws IOException {
        if (!(handler instanceof IFn function)) {
            throw RingOptions.mustBe("The handler", handler, "a function");
        }
        RingOptions given = new RingOptions(options);
        RingObserver observer = given.observer();
        HttpServer.Builder builder = HttpServer.builder();
        given.configure(builder, observer);
        RingSettings settings = new RingSettings(
                given.isTrue("legacy-unsafe-remote-addr?"),
                given.origins(),
                given.headLength(),
                !given.isFalse("close-on-failure?"),
                given.get(RingErrorPages.OPTION),
                new RingCalls(),
                observer);
        RingErrorPages.set(builder, settings);
        builder.handler(new RingHandler(function, given.isTrue("ring-async?"), settings, webSocket));
        try {
            return builder.start();
        } catch (IOException e) {
            if (e.getCause() instanceof BindException) {
                throw (IOException) new BindException(e.getMessage()).initCause(e);
            }
            throw e;
        }
    }

    /** The server's status as a keyword. */
    public static Keyword status(HttpServer server) {
        return keyword(server.status().name().toLowerCase(Locale.ROOT));
    }

    /**
     * Stops a server and waits; see {@link RingCalls}.
     *
     * @param timeoutMillis null for 100
     * @param whenStopped a function without arguments
     */
    @SuppressWarnings("deprecation") // only for applications in Java
    public static boolean stop(HttpServer server, @Nullable Number timeoutMillis, IFn whenStopped) {
        int timeout = timeoutMillis == null ? 100 : RT.intCast(timeoutMillis);
        return server.stop(timeout, whenStopped::invoke);
    }

    // ---- workers

    /** Makes a pool for handlers, and describes it. */
    public static IPersistentMap worker(@Nullable Object options) {
        WorkerOptions given = new WorkerOptions(new RingOptions(options));
        Worker worker = given.worker().build();
        IPersistentMap described = RT.map(keyword("n-cores"), worker.cores());
        if (worker.type() == WorkerType.VIRTUAL) {
            return described.assoc(keyword("type"), keyword("virtual")).assoc(keyword("pool"), worker.pool());
        }
        boolean linked = worker.queueType() == Worker.QueueType.LINKED;
        EagerPool pool =
                EagerPool.of(worker.minThreads(), worker.maxThreads(), linked, worker.queueSize(), given.prefix());
        return described
                .assoc(keyword("type"), keyword("fixed"))
                .assoc(keyword("n-min-threads"), worker.minThreads())
                .assoc(keyword("n-max-threads"), worker.maxThreads())
                .assoc(keyword("queue-type"), keyword(linked ? "linked" : "array"))
                .assoc(keyword("queue-size"), worker.queueSize())
                .assoc(keyword("queue"), pool.getQueue())
                .assoc(keyword("pool"), pool);
    }

    private static Keyword keyword(String name) {
        return Keyword.intern(null, name);
    }

    // ---- channels

    /** Returns the object that keeps a channel's callbacks; null for a channel that no server made. */
    public static @Nullable RingCallbacks callbacks(@Nullable Object channel) {
        return channel instanceof ChannelBinding own && own.callbacks() instanceof RingCallbacks callbacks
                ? callbacks
                : null;
    }

    /** Whether the channel is a WebSocket, or its client asks for one. */
    public static boolean isWebSocket(AsyncChannel channel) {
        return channel.isWebSocket() || Handshakes.isAskedFor(channel.request());
    }

    /**
     * Sets the channel's options from {@code as-channel}, before its callbacks, and holds all calls until {@link
     * #opened}.
     *
     * @throws IllegalArgumentException if a value does not fit
     */
    public static void opening(Object channel, @Nullable Object whenFull, @Nullable IFn onDrain) {
        RingCallbacks callbacks = callbacks(channel);
        if (callbacks == null) {
            return;
        }
        if (whenFull != null) {
            ((ChannelBinding) channel).setWhenFull(RingOptions.whenFull(whenFull));
        }
        callbacks.setDrainHandler(onDrain);
        callbacks.holdCalls();
    }

    /** Is called when all callbacks are set. */
    public static void opened(Object channel) {
        RingCallbacks callbacks = callbacks(channel);
        if (callbacks != null) {
            callbacks.releaseCalls((AsyncChannel) channel);
        }
    }
}
