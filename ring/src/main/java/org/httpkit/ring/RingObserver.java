package org.httpkit.ring;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.httpkit.logger.ContextLogger;
import org.httpkit.logger.EventLogger;
import org.httpkit.logger.EventNames;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.ServerObserver;
import org.jspecify.annotations.Nullable;

/**
 * Passes events to http-kit's loggers; events without a logger go to the server's log by default. Safe from any thread.
 */
public final class RingObserver implements ServerObserver {

    private static final System.Logger LOG = System.getLogger("org.httpkit.server");
    private static final long BETWEEN_WARNINGS_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final @Nullable ContextLogger<String, Throwable> errors;
    private final @Nullable ContextLogger<String, Throwable> warnings;
    private final EventLogger<String> events;
    private final boolean logsEvents;
    private final EventNames names;
    private final String[] processed = new String[600];
    /** Held weakly: of a failure that no longer matters, because the client has gone, the server reports nothing. */
    private final Set<Request> failAsHttp = Collections.newSetFromMap(Collections.synchronizedMap(new WeakHashMap<>()));

    /** When a warning that clients can cause may be logged again. */
    private final AtomicLong nextWarningNanos = new AtomicLong(System.nanoTime());

    /**
     * @param errors null for the server's own log
     * @param warnings null for the server's own log
     */
    public RingObserver(
            @Nullable ContextLogger<String, Throwable> errors,
            @Nullable ContextLogger<String, Throwable> warnings,
            EventLogger<String> events,
            EventNames names) {
        this.errors = errors == null ? null : harmless(errors);
        this.warnings = warnings == null ? null : harmless(warnings);
        this.events = harmless(events);
        this.logsEvents = events != EventLogger.NOP;
        this.names = names;
        for (int status = 100; status < processed.length; status++) {
            processed[status] = names.serverStatusPrefix + status;
        }
    }

    /** Returns a logger whose exceptions are dropped: the request that it reports is not to blame. */
    @SuppressWarnings("EmptyCatch")
    private static <T> ContextLogger<T, Throwable> harmless(ContextLogger<T, Throwable> logger) {
        return (message, failure) -> {
            try {
                logger.log(message, failure);
            } catch (Throwable ignored) { // Clojure throws checked ones, too
            }
        };
    }

    @SuppressWarnings("EmptyCatch")
    private static EventLogger<String> harmless(EventLogger<String> logger) {
        return event -> {
            try {
                logger.log(event);
            } catch (Throwable ignored) {
            }
        };
    }

    /** Is called when a handler has returned nil. */
    void notFound() {
        events.log(names.serverStatus404);
    }

    /**
     * Is called when a handler has returned a whole response. One that cannot be written becomes a failure, which the
     * server reports, so it is no event here.
     */
    void processed(Response response) {
        if (logsEvents && RingHeaders.canBeWritten(response.headers())) {
            events.log(processed[response.status().code()]);
        }
    }

    /** Is called when a request is about to fail that is no WebSocket yet, even if it asks for one. */
    void failsAsHttp(Request request) {
        if (request.isWebSocketUpgrade()) {
            failAsHttp.add(request.original());
        }
    }

    /** Is called when an {@code on-close} has thrown. */
    void closeCallbackFailed(Throwable failure) {
        if (errors == null) {
            LOG.log(System.Logger.Level.ERROR, "on-close has thrown", failure);
        } else {
            errors.log("on close handler", failure);
        }
        events.log(names.serverChannelCloseError);
    }

    /** Warns of an action of the application that deserves attention. */
    void warn(String message) {
        if (warnings == null) {
            LOG.log(System.Logger.Level.WARNING, message);
        } else {
            warnings.log(message, null);
        }
    }

    /**
     * Is called when a page of a foreign origin was refused a WebSocket. Without a logger for warnings, it logs at most
     * one in ten seconds: clients must not be able to fill the log.
     */
    public void originRefused(Request request, @Nullable String origin) {
        String message = "A page of " + origin + " was refused a WebSocket at " + request.path()
                + " with 403; the option :allowed-origins [\"" + origin + "\"] lets it";
        if (warnings != null) {
            warnings.log(message, null);
        } else if (mayWarn()) {
            LOG.log(System.Logger.Level.WARNING, message);
        }
    }

    private boolean mayWarn() {
        long now = System.nanoTime();
        long next = nextWarningNanos.get();
        return now - next >= 0 && nextWarningNanos.compareAndSet(next, now + BETWEEN_WARNINGS_NANOS);
    }

    @Override
    public void handlerFailed(Request request, Throwable failure) {
        if (errors == null) {
            ServerObserver.super.handlerFailed(request, failure);
        } else {
            errors.log(request.method() + " " + request.path(), failure);
        }
        boolean isOfWebSocket = request.isWebSocketUpgrade() && !failAsHttp.remove(request);
        events.log(isOfWebSocket ? names.serverWsFrameError : names.serverStatus500);
    }

    @Override
    public void refused(int status, String rule) {
        ServerObserver.super.refused(status, rule);
        switch (status) {
            case 400 -> events.log(names.serverStatus400);
            case 408 -> events.log(names.serverStatus408);
            case 413 -> events.log(names.serverStatus413);
            case 414 -> events.log(names.serverStatus414);
            case 431 -> events.log(processed[431]);
            default -> {}
        }
    }

    @Override
    public void workerSaturated(Request request) {
        if (warnings == null) {
            ServerObserver.super.workerSaturated(request);
        } else {
            warnings.log("The worker has no room for " + request.method() + " " + request.path(), null);
        }
        events.log(names.serverStatus503);
    }

    @Override
    public void webSocketRefused(Request request, int closeCode, String rule) {
        if (warnings == null) {
            ServerObserver.super.webSocketRefused(request, closeCode, rule);
        } else {
            warnings.log(
                    "Closed the WebSocket " + request.path() + " of " + request.remoteAddress() + " with " + closeCode
                            + ": " + rule,
                    null);
        }
        events.log(names.serverWsDecodeError);
    }

    @Override
    public void listenerSaturated(Request request) {
        if (warnings == null) {
            ServerObserver.super.listenerSaturated(request);
        } else {
            warnings.log("The worker has no room for the channel of " + request.method() + " " + request.path(), null);
        }
        events.log(names.serverStatus503Todo);
    }

    @Override
    public void slowConsumerClosed(Request request, long queuedBytes) {
        if (warnings == null) {
            ServerObserver.super.slowConsumerClosed(request, queuedBytes);
        } else {
            warnings.log(
                    "Closed the channel " + request.path() + " of " + request.remoteAddress() + ": " + queuedBytes
                            + " bytes waited for it, and :max-queued-bytes is the limit",
                    null);
        }
        events.log(names.serverSlowConsumer);
    }

    @Override
    public void connectionShed(@Nullable SocketAddress peer, long queuedBytes) {
        if (warnings == null) {
            ServerObserver.super.connectionShed(peer, queuedBytes);
        } else {
            warnings.log(
                    "Closed the connection of " + peer + ": " + queuedBytes
                            + " bytes waited for it, the most of all, and"
                            + " :max-queued-bytes-total is the limit for all together",
                    null);
        }
        events.log(names.serverShed);
    }

    @Override
    public void inputShed(@Nullable SocketAddress peer, long heldBytes) {
        if (warnings == null) {
            ServerObserver.super.inputShed(peer, heldBytes);
        } else {
            warnings.log(
                    "Ended the connection of " + peer + ": " + heldBytes
                            + " bytes of what it sent were held, and :max-received-bytes-total and"
                            + " :max-received-bytes-per-address are the limits",
                    null);
        }
        events.log(names.serverInputShed);
    }

    @Override
    public void connectionGivenUp(@Nullable SocketAddress peer, Duration idle) {
        if (warnings == null) {
            ServerObserver.super.connectionGivenUp(peer, idle);
        } else {
            warnings.log(
                    "Closed the connection of " + peer + " for a new one, after " + idle.toMillis()
                            + " ms without a request: :max-connections is the limit",
                    null);
        }
        events.log(names.serverConnectionGivenUp);
    }

    @Override
    public void drainBegun(int openConnections) {
        events.log(names.serverDrain);
    }

    @Override
    public void closeFailed(IOException cause) {
        ServerObserver.super.closeFailed(cause);
        events.log(names.serverChannelCloseError);
    }

    @Override
    public void acceptFailed(IOException cause) {
        if (errors == null) {
            ServerObserver.super.acceptFailed(cause);
        } else {
            errors.log("Accepting failed; trying again soon", cause);
        }
        events.log(names.serverAcceptError);
    }

    @Override
    public void connectionsExhausted(int open) {
        if (warnings == null) {
            ServerObserver.super.connectionsExhausted(open);
        } else {
            warnings.log(open + " connections are open: accepting no more for now", null);
        }
    }

    @Override
    public void loopFailed(Throwable failure) {
        if (errors == null) {
            ServerObserver.super.loopFailed(failure);
        } else {
            errors.log("Internal failure", failure);
        }
        events.log(names.serverLoopError);
    }
}
