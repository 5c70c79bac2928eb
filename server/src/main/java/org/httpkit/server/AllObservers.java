package org.httpkit.server;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Passes events to several observers, to each those that it wants, and drops what an observer throws. Safe from any
 * thread.
 */
final class AllObservers implements ServerObserver {
    /** The names of the methods that a class of observers overrides. */
    static final ClassValue<Set<String>> OVERRIDDEN = new ClassValue<>() {
        @Override
        protected Set<String> computeValue(Class<?> type) {
            Set<String> names = new HashSet<>();
            for (Method method : ServerObserver.class.getMethods()) {
                if (!Modifier.isStatic(method.getModifiers()) && isOverridden(method, type)) {
                    names.add(method.getName());
                }
            }
            return names;
        }
    };

    /** For each method, the observers to call. */
    private final Map<String, ServerObserver[]> told = new HashMap<>();

    private final ServerObserver[] toldResponded;
    /** The observers that may want exchanges. Only these are asked, since that happens for each request. */
    private final ServerObserver[] askedForExchanges;

    private final ServerObserver[] toldOpened;
    private final ServerObserver[] toldClosed;

    AllObservers(List<ServerObserver> observers) {
        List<ServerObserver> all = observers.isEmpty() ? List.of(new ServerObserver() {}) : observers;
        for (String method : OVERRIDDEN.get(AllObservers.class)) {
            told.put(method, overriding(method, all));
        }
        toldResponded = toldOf("responded");
        askedForExchanges = overridingEither("exchangeFinished", "wantsExchanges", all);
        toldOpened = toldOf("connectionOpened");
        toldClosed = toldOf("connectionClosed");
    }

    /** The observers that override the method; if none does, one of them, which logs the event. */
    private static ServerObserver[] overriding(String method, List<ServerObserver> all) {
        List<ServerObserver> overriding = new ArrayList<>();
        for (ServerObserver observer : all) {
            if (OVERRIDDEN.get(observer.getClass()).contains(method)) {
                overriding.add(observer);
            }
        }
        return (overriding.isEmpty() ? all.subList(0, 1) : overriding).toArray(new ServerObserver[0]);
    }

    private static ServerObserver[] overridingEither(String method, String another, List<ServerObserver> all) {
        List<ServerObserver> overriding = new ArrayList<>();
        for (ServerObserver observer : all) {
            Set<String> overridden = OVERRIDDEN.get(observer.getClass());
            if (overridden.contains(method) || overridden.contains(another)) {
                overriding.add(observer);
            }
        }
        return overriding.toArray(new ServerObserver[0]);
    }

    private ServerObserver[] toldOf(String method) {
        return Objects.requireNonNull(told.get(method));
    }

    private static boolean isOverridden(Method method, Class<?> type) {
        try {
            return type.getMethod(method.getName(), method.getParameterTypes()).getDeclaringClass()
                    != ServerObserver.class;
        } catch (NoSuchMethodException e) {
            return true; // a native image may lack the metadata: a call in vain is better than none
        }
    }

    @Override
    @SuppressWarnings("EmptyCatch") // on the way of each request, so without a lambda; see the class comment
    public boolean wantsExchanges() {
        for (ServerObserver observer : askedForExchanges) {
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
        for (ServerObserver observer : toldResponded) {
            try {
                observer.responded(request, status);
            } catch (Throwable dropped) {
            }
        }
    }

    @Override
    public void exchangeFinished(FinishedExchange exchange) {
        each("exchangeFinished", observer -> {
            if (observer.wantsExchanges()) {
                observer.exchangeFinished(exchange);
            }
        });
    }

    @Override
    public void pageFailed(int status, @Nullable Request request, Throwable failure) {
        each("pageFailed", observer -> observer.pageFailed(status, request, failure));
    }

    @Override
    public void handlerFailed(Request request, Throwable failure) {
        each("handlerFailed", observer -> observer.handlerFailed(request, failure));
    }

    @Override
    public void refused(int status, String rule) {
        each("refused", observer -> observer.refused(status, rule));
    }

    @Override
    public void workerSaturated(Request request) {
        each("workerSaturated", observer -> observer.workerSaturated(request));
    }

    @Override
    @SuppressWarnings("EmptyCatch") // as above
    public void connectionOpened(@Nullable SocketAddress peer) {
        for (ServerObserver observer : toldOpened) {
            try {
                observer.connectionOpened(peer);
            } catch (Throwable dropped) {
            }
        }
    }

    @Override
    @SuppressWarnings("EmptyCatch") // as above
    public void connectionClosed(@Nullable SocketAddress peer, CloseReason.Cause cause) {
        for (ServerObserver observer : toldClosed) {
            try {
                observer.connectionClosed(peer, cause);
            } catch (Throwable dropped) {
            }
        }
    }

    @Override
    public void handshakeDone(@Nullable SocketAddress peer, boolean resumed) {
        each("handshakeDone", observer -> observer.handshakeDone(peer, resumed));
    }

    @Override
    public void handshakeFailed(@Nullable SocketAddress peer, String why) {
        each("handshakeFailed", observer -> observer.handshakeFailed(peer, why));
    }

    @Override
    public void streamReset(Request request, boolean byClient, String code) {
        each("streamReset", observer -> observer.streamReset(request, byClient, code));
    }

    @Override
    public void certificatesReloaded() {
        each("certificatesReloaded", ServerObserver::certificatesReloaded);
    }

    @Override
    public void certificatesNotReloaded(Exception failure) {
        each("certificatesNotReloaded", observer -> observer.certificatesNotReloaded(failure));
    }

    @Override
    public void closeFailed(IOException cause) {
        each("closeFailed", observer -> observer.closeFailed(cause));
    }

    @Override
    public void webSocketOpened(Request request) {
        each("webSocketOpened", observer -> observer.webSocketOpened(request));
    }

    @Override
    public void webSocketClosed(Request request, CloseReason reason) {
        each("webSocketClosed", observer -> observer.webSocketClosed(request, reason));
    }

    @Override
    public void webSocketRefused(Request request, int closeCode, String rule) {
        each("webSocketRefused", observer -> observer.webSocketRefused(request, closeCode, rule));
    }

    @Override
    public void listenerSaturated(Request request) {
        each("listenerSaturated", observer -> observer.listenerSaturated(request));
    }

    @Override
    public void slowConsumerClosed(Request request, long queuedBytes) {
        each("slowConsumerClosed", observer -> observer.slowConsumerClosed(request, queuedBytes));
    }

    @Override
    public void connectionGivenUp(@Nullable SocketAddress peer, Duration idle) {
        each("connectionGivenUp", observer -> observer.connectionGivenUp(peer, idle));
    }

    @Override
    public void inputShed(@Nullable SocketAddress peer, long heldBytes) {
        each("inputShed", observer -> observer.inputShed(peer, heldBytes));
    }

    @Override
    public void connectionShed(@Nullable SocketAddress peer, long queuedBytes) {
        each("connectionShed", observer -> observer.connectionShed(peer, queuedBytes));
    }

    @Override
    public void acceptFailed(IOException cause) {
        LogReadiness.load();
        each("acceptFailed", observer -> observer.acceptFailed(cause));
    }

    @Override
    public void connectionsExhausted(int open) {
        each("connectionsExhausted", observer -> observer.connectionsExhausted(open));
    }

    @Override
    public void connectionRefused(InetAddress client) {
        each("connectionRefused", observer -> observer.connectionRefused(client));
    }

    @Override
    public void drainBegun(int openConnections) {
        each("drainBegun", observer -> observer.drainBegun(openConnections));
    }

    @Override
    public void drainEnded(DrainReport report) {
        each("drainEnded", observer -> observer.drainEnded(report));
    }

    @Override
    public void loopFailed(Throwable failure) {
        each("loopFailed", observer -> observer.loopFailed(failure));
    }

    @SuppressWarnings("EmptyCatch") // also of what is checked: code in other languages throws it undeclared
    private void each(String method, Consumer<ServerObserver> notification) {
        for (ServerObserver observer : toldOf(method)) {
            try {
                notification.accept(observer);
            } catch (Throwable dropped) {
            }
        }
    }
}
