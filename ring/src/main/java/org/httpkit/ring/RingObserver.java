package org.httpkit.ring;

import java.io.IOException;
import java.net.SocketAddress;
import org.httpkit.logger.ContextLogger;
import org.httpkit.logger.EventLogger;
import org.httpkit.logger.EventNames;
import org.httpkit.server.Request;
import org.httpkit.server.ServerObserver;
import org.jspecify.annotations.Nullable;

/** Tells http-kit's loggers what happens; what has no logger is logged as the server does by itself. Safe from any thread. */
public final class RingObserver implements ServerObserver {

    /** Is told when a handler has returned nil. */
    public interface NotFound {
        void tell();
    }

    private final @Nullable ContextLogger<String, Throwable> errors;
    private final @Nullable ContextLogger<String, Throwable> warnings;
    private final EventLogger<String> events;
    private final EventNames names;
    private final String[] processed = new String[600];

    /**
     * @param errors null for the server's own log
     * @param warnings null for the server's own log
     */
    public RingObserver(
            @Nullable ContextLogger<String, Throwable> errors,
            @Nullable ContextLogger<String, Throwable> warnings,
            EventLogger<String> events,
            EventNames names) {
        this.errors = errors;
        this.warnings = warnings;
        this.events = events;
        this.names = names;
        for (int status = 100; status < processed.length; status++) {
            processed[status] = names.serverStatusPrefix + status;
        }
    }

    /** A handler has returned nil. */
    public void notFound() {
        events.log(names.serverStatus404);
    }

    @Override
    public void handlerFailed(Request request, Throwable failure) {
        if (errors == null) {
            ServerObserver.super.handlerFailed(request, failure);
        } else {
            errors.log(request.method() + " " + request.path(), failure);
        }
        events.log(request.isWebSocketUpgrade() ? names.serverWsFrameError : names.serverStatus500);
    }

    @Override
    public void responded(@Nullable Request request, int status) {
        events.log(processed[status]);
    }

    @Override
    public void refused(int status, String rule) {
        ServerObserver.super.refused(status, rule);
        switch (status) {
            case 400 -> events.log(names.serverStatus400);
            case 408 -> events.log(names.serverStatus408);
            case 413 -> events.log(names.serverStatus413);
            case 414 -> events.log(names.serverStatus414);
            case 431 -> events.log(names.serverStatus431);
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
        ServerObserver.super.webSocketRefused(request, closeCode, rule);
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
        ServerObserver.super.slowConsumerClosed(request, queuedBytes);
        events.log(names.serverSlowConsumer);
    }

    @Override
    public void connectionShed(@Nullable SocketAddress peer, long queuedBytes) {
        ServerObserver.super.connectionShed(peer, queuedBytes);
        events.log(names.serverShed);
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
