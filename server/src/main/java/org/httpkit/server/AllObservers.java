package org.httpkit.server;

import java.io.IOException;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tells several observers everything, each for itself: what one throws is dropped. Safe from any thread. */
final class AllObservers implements ServerObserver {
    private final ServerObserver[] observers;

    AllObservers(List<ServerObserver> observers) {
        this.observers = observers.toArray(ServerObserver[]::new);
    }

    /** Whether a class of observers has its own {@link ServerObserver#exchangeFinished}. */
    static final ClassValue<Boolean> WANTS_EXCHANGES = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            try {
                Method told = type.getMethod("exchangeFinished", FinishedExchange.class);
                return told.getDeclaringClass() != ServerObserver.class;
            } catch (NoSuchMethodException e) {
                return true; // an image that leaves out what is needed to know: better to be told in vain
            }
        }
    };

    @Override
    @SuppressWarnings("EmptyCatch") // on the way of each request, so without a lambda; see the class comment
    public boolean wantsExchanges() {
        for (ServerObserver observer : observers) {
            try {
                if (observer.wantsExchanges()) {
                    return true;
                }
            } catch (Throwable dropped) {
            }
        }
        return false;
    }

    @Override
    @SuppressWarnings("EmptyCatch") // as above
    public void responded(@Nullable Request request, int status) {
        for (ServerObserver observer : observers) {
            try {
                observer.responded(request, status);
            } catch (Throwable dropped) {
            }
        }
    }

    @Override
    public void exchangeFinished(FinishedExchange exchange) {
        each(observer -> {
            if (observer.wantsExchanges()) {
                observer.exchangeFinished(exchange);
            }
        });
    }

    @Override
    public void handlerFailed(Request request, Throwable failure) {
        each(observer -> observer.handlerFailed(request, failure));
    }

    @Override
    public void refused(int status, String rule) {
        each(observer -> observer.refused(status, rule));
    }

    @Override
    public void workerSaturated(Request request) {
        each(observer -> observer.workerSaturated(request));
    }

    @Override
    public void connectionOpened(@Nullable SocketAddress peer) {
        each(observer -> observer.connectionOpened(peer));
    }

    @Override
    public void connectionClosed(@Nullable SocketAddress peer, CloseReason.Cause cause) {
        each(observer -> observer.connectionClosed(peer, cause));
    }

    @Override
    public void closeFailed(IOException cause) {
        each(observer -> observer.closeFailed(cause));
    }

    @Override
    public void webSocketOpened(Request request) {
        each(observer -> observer.webSocketOpened(request));
    }

    @Override
    public void webSocketClosed(Request request, CloseReason reason) {
        each(observer -> observer.webSocketClosed(request, reason));
    }

    @Override
    public void webSocketRefused(Request request, int closeCode, String rule) {
        each(observer -> observer.webSocketRefused(request, closeCode, rule));
    }

    @Override
    public void listenerSaturated(Request request) {
        each(observer -> observer.listenerSaturated(request));
    }

    @Override
    public void slowConsumerClosed(Request request, long queuedBytes) {
        each(observer -> observer.slowConsumerClosed(request, queuedBytes));
    }

    @Override
    public void connectionShed(@Nullable SocketAddress peer, long queuedBytes) {
        each(observer -> observer.connectionShed(peer, queuedBytes));
    }

    @Override
    public void acceptFailed(IOException cause) {
        each(observer -> observer.acceptFailed(cause));
    }

    @Override
    public void connectionsExhausted(int open) {
        each(observer -> observer.connectionsExhausted(open));
    }

    @Override
    public void connectionRefused(InetAddress client) {
        each(observer -> observer.connectionRefused(client));
    }

    @Override
    public void drainBegun(int openConnections) {
        each(observer -> observer.drainBegun(openConnections));
    }

    @Override
    public void drainEnded(DrainReport report) {
        each(observer -> observer.drainEnded(report));
    }

    @Override
    public void loopFailed(Throwable failure) {
        each(observer -> observer.loopFailed(failure));
    }

    @SuppressWarnings("EmptyCatch") // also of what is checked: code in other languages throws it undeclared
    private void each(Consumer<ServerObserver> notification) {
        for (ServerObserver observer : observers) {
            try {
                notification.accept(observer);
            } catch (Throwable dropped) {
            }
        }
    }
}
