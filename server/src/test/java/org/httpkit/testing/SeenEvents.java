package org.httpkit.testing;

import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.httpkit.server.CloseReason;
import org.httpkit.server.FinishedExchange;
import org.httpkit.server.Request;
import org.httpkit.server.ServerObserver;
import org.jspecify.annotations.Nullable;

/** Records the events that an observer receives, one line each. */
public final class SeenEvents implements ServerObserver {
    private final List<String> events = new ArrayList<>();
    /** How many connections it was told of. */
    public int opened;
    /** What the observer was told of the ends of exchanges. */
    public final List<FinishedExchange> finished = new ArrayList<>();

    /** Returns what was told since the last call. */
    public List<String> take() {
        List<String> taken = List.copyOf(events);
        events.clear();
        return taken;
    }

    @Override
    public void responded(@Nullable Request request, int status) {
        events.add("responded " + status);
    }

    @Override
    public void exchangeFinished(FinishedExchange exchange) {
        finished.add(exchange);
        events.add("finished " + exchange.outcome());
    }

    @Override
    public void handlerFailed(Request request, Throwable failure) {
        events.add("handler failed: " + failure.getMessage());
    }

    @Override
    public void pageFailed(int status, @Nullable Request request, Throwable failure) {
        events.add("page failed: " + failure.getMessage());
    }

    @Override
    public void refused(int status, String rule) {
        events.add("refused " + status);
    }

    @Override
    public void workerSaturated(Request request) {
        events.add("worker saturated");
    }

    @Override
    public void handshakeDone(@Nullable SocketAddress peer, boolean resumed) {
        events.add(resumed ? "handshake resumed" : "handshake done");
    }

    @Override
    public void connectionRefused(java.net.InetAddress client) {
        events.add("connection refused");
    }

    @Override
    public void handshakeFailed(@Nullable SocketAddress peer, String why) {
        events.add("handshake failed: " + why);
    }

    @Override
    public void streamReset(Request request, boolean byClient, String code) {
        events.add("reset by " + (byClient ? "client " : "server ") + code);
    }

    @Override
    public void webSocketOpened(Request request) {
        events.add("websocket opened");
    }

    @Override
    public void webSocketClosed(Request request, CloseReason reason) {
        events.add("websocket closed " + reason.code() + " " + reason.cause());
    }

    @Override
    public void webSocketRefused(Request request, int closeCode, String rule) {
        events.add("websocket refused " + closeCode);
    }

    @Override
    public void listenerSaturated(Request request) {
        events.add("listener saturated");
    }

    @Override
    public void slowConsumerClosed(Request request, long queuedBytes) {
        events.add("slow consumer");
    }

    @Override
    public void connectionOpened(@Nullable SocketAddress peer) {
        opened++;
    }

    @Override
    public void connectionClosed(@Nullable SocketAddress peer, CloseReason.Cause cause) {
        events.add("closed " + cause);
    }

    @Override
    public void connectionGivenUp(@Nullable SocketAddress peer, java.time.Duration idle) {
        events.add("given up after " + idle.toMillis() + " ms");
    }

    @Override
    public void inputShed(@Nullable SocketAddress peer, long heldBytes) {
        events.add("input shed");
    }

    @Override
    public void connectionShed(@Nullable SocketAddress peer, long queuedBytes) {
        events.add("connection shed");
    }

    @Override
    public void loopFailed(Throwable failure) {
        events.add("loop failed: " + failure);
    }
}
