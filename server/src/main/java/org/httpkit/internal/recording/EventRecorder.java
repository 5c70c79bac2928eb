package org.httpkit.internal.recording;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import org.httpkit.server.CloseReason;
import org.httpkit.server.DrainReport;
import org.httpkit.server.FinishedExchange;
import org.httpkit.server.Request;
import org.httpkit.server.ServerObserver;
import org.jspecify.annotations.Nullable;

/**
 * Records the server's events with the Flight Recorder. Safe from any thread.
 *
 * <p>It does not touch the event classes before the recorder is at work: registering them takes longer than starting a
 * server.
 */
final class EventRecorder implements ServerObserver {
    private static final class Requests {
        static final EventType TYPE = EventType.getEventType(RequestEvent.class);
    }

    private volatile @Nullable DrainEvent drain;

    @Override
    public boolean wantsExchanges() {
        return isRecording() && Requests.TYPE.isEnabled();
    }

    private static boolean isRecording() {
        return FlightRecorder.isInitialized();
    }

    @Override
    public void exchangeFinished(FinishedExchange exchange) {
        RequestEvent event = new RequestEvent();
        if (event.shouldCommit()) {
            Request request = exchange.request();
            if (request != null) {
                event.method = request.method().toString();
                event.path = request.path();
                event.protocol = request.version().toString();
            }
            event.client = text(exchange.remoteAddress());
            event.status = exchange.status();
            event.outcome = exchange.outcome().toString();
            event.requestBodyBytes = exchange.requestBodyBytes();
            event.responseBodyBytes = exchange.responseBodyBytes();
            event.queueTime = exchange.queueNanos();
            event.handlerTime = exchange.handlerNanos();
            event.writeTime = exchange.writeNanos();
            event.totalTime = exchange.totalNanos();
            event.commit();
        }
    }

    @Override
    public void handshakeDone(@Nullable SocketAddress peer, boolean resumed) {
        if (isRecording()) {
            handshake(peer, resumed, null);
        }
    }

    @Override
    public void handshakeFailed(@Nullable SocketAddress peer, String why) {
        if (isRecording()) {
            handshake(peer, false, why);
        }
    }

    private static void handshake(@Nullable SocketAddress peer, boolean resumed, @Nullable String failure) {
        TlsHandshakeEvent event = new TlsHandshakeEvent();
        if (event.shouldCommit()) {
            event.peer = text(peer);
            event.resumed = resumed;
            event.failure = failure;
            event.commit();
        }
    }

    @Override
    public void streamReset(Request request, boolean byClient, String code) {
        if (isRecording()) {
            StreamResetEvent event = new StreamResetEvent();
            if (event.shouldCommit()) {
                event.path = request.path();
                event.client = text(request.remoteAddress());
                event.byClient = byClient;
                event.code = code;
                event.commit();
            }
        }
    }

    @Override
    public void webSocketOpened(Request request) {
        if (isRecording()) {
            WebSocketHandshakeEvent event = new WebSocketHandshakeEvent();
            event.path = request.path();
            event.client = text(request.remoteAddress());
            event.commit();
        }
    }

    @Override
    public void slowConsumerClosed(Request request, long queuedBytes) {
        if (isRecording()) {
            SlowConsumerEvent event = new SlowConsumerEvent();
            event.path = request.path();
            event.peer = text(request.peerAddress());
            event.queuedBytes = queuedBytes;
            event.commit();
        }
    }

    @Override
    public void connectionShed(@Nullable SocketAddress peer, long queuedBytes) {
        if (isRecording()) {
            SlowConsumerEvent event = new SlowConsumerEvent();
            event.peer = text(peer);
            event.queuedBytes = queuedBytes;
            event.shed = true;
            event.commit();
        }
    }

    @Override
    public void inputShed(@Nullable SocketAddress peer, long heldBytes) {
        if (isRecording()) {
            InputShedEvent event = new InputShedEvent();
            event.peer = text(peer);
            event.heldBytes = heldBytes;
            event.commit();
        }
    }

    @Override
    public void connectionGivenUp(@Nullable SocketAddress peer, Duration idle) {
        if (isRecording()) {
            ConnectionGivenUpEvent event = new ConnectionGivenUpEvent();
            event.peer = text(peer);
            event.idleTime = idle.toNanos();
            event.commit();
        }
    }

    @Override
    public void connectionClosed(@Nullable SocketAddress peer, CloseReason.Cause cause) {
        if (isRecording()) {
            ConnectionClosedEvent event = new ConnectionClosedEvent();
            if (event.shouldCommit()) {
                event.peer = text(peer);
                event.cause = cause.toString();
                event.commit();
            }
        }
    }

    @Override
    public void drainBegun(int openConnections) {
        if (isRecording()) {
            DrainEvent event = new DrainEvent();
            event.connections = openConnections;
            event.begin();
            drain = event;
        }
    }

    @Override
    public void drainEnded(DrainReport report) {
        DrainEvent event = drain;
        if (event != null) {
            event.drained = report.drained();
            event.cut = report.cut();
            event.commit();
        }
    }

    /** The address and the port, without a look-up of names. */
    private static @Nullable String text(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress inet && inet.getAddress() != null
                ? inet.getAddress().getHostAddress() + ":" + inet.getPort()
                : null;
    }
}
