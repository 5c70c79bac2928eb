package org.httpkit.internal.connection;

import java.io.IOException;
import java.net.InetAddress;
import org.httpkit.server.Request;
import org.httpkit.server.ServerObserver;
import org.jspecify.annotations.Nullable;

/** Passes everything to the application's observer; what that throws is dropped, so that it never breaks a loop. */
final class Observing implements ServerObserver {
    private final ServerObserver observer;

    Observing(ServerObserver observer) {
        this.observer = observer;
    }

    @Override
    public void handlerFailed(Request request, Throwable failure) {
        guard(() -> observer.handlerFailed(request, failure));
    }

    @Override
    @SuppressWarnings("EmptyCatch") // the hot path, so without a lambda; see the class comment
    public void responded(@Nullable Request request, int status) {
        try {
            observer.responded(request, status);
        } catch (RuntimeException | Error dropped) {
        }
    }

    @Override
    public void refused(int status, String rule) {
        guard(() -> observer.refused(status, rule));
    }

    @Override
    public void workerSaturated(Request request) {
        guard(() -> observer.workerSaturated(request));
    }

    @Override
    public void acceptFailed(IOException cause) {
        guard(() -> observer.acceptFailed(cause));
    }

    @Override
    public void connectionsExhausted(int open) {
        guard(() -> observer.connectionsExhausted(open));
    }

    @Override
    public void connectionRefused(InetAddress client) {
        guard(() -> observer.connectionRefused(client));
    }

    @Override
    public void loopFailed(Throwable failure) {
        guard(() -> observer.loopFailed(failure));
    }

    @SuppressWarnings("EmptyCatch")
    private static void guard(Runnable notification) {
        try {
            notification.run();
        } catch (RuntimeException | Error dropped) {
        }
    }
}
