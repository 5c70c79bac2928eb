package org.httpkit.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Is told what happens in a server. Unless overridden, what concerns the operator is logged to the {@link System.Logger} named
 * {@code org.httpkit.server}; what clients do wrong only at level DEBUG.
 *
 * <p><b>Threads:</b> Methods may be called by several threads at once, so they must be safe from any thread. While one of them runs on an
 * event loop, that loop serves none of its connections: it must not block, nor write to a file, a pipe or a socket that may. {@link
 * LogSink} takes lines without blocking. What a method throws is dropped.
 *
 * <ul>
 *   <li>On event loops only: {@link #wantsExchanges}, {@link #connectionOpened}, {@link #connectionClosed}, {@link #connectionShed}, {@link
 *       #connectionsExhausted}, {@link #connectionRefused}, {@link #acceptFailed}, {@link #closeFailed}, {@link #streamReset}, {@link #webSocketRefused}.
 *   <li>On the thread that answers, which is a loop, a worker or one of the application's: {@link #responded}, {@link #exchangeFinished},
 *       {@link #handlerFailed}, {@link #pageFailed}, {@link #refused}, {@link #workerSaturated}, {@link #listenerSaturated}, {@link #slowConsumerClosed}, {@link
 *       #webSocketOpened}, {@link #webSocketClosed}, {@link #loopFailed}.
 *   <li>Never on a loop, unless an inline handler stops the server: {@link #drainBegun}, on the thread that stops it; {@link #drainEnded}.
 * </ul>
 *
 * <p>Of the application's other code, {@link Handler#streamsBody} and what a {@link SendListener} does run on loops, too, and with {@link
 * Dispatch#INLINE} handlers and listeners.
 */
public interface ServerObserver {

    /**
     * An observer that tells all of these, in this order. What one of them throws keeps nothing from the others. Each is told only
     * what it overrides; what none of them overrides is logged once.
     */
    static ServerObserver all(ServerObserver... observers) {
        return new AllObservers(List.of(observers));
    }

    // ---- exchanges

    /**
     * A final response has been handed to the connection, by whichever path; of a WebSocket its 101. Told once for each of them,
     * before the connection goes on. It costs less than {@link #exchangeFinished}.
     *
     * @param request what it answers; null if the request could not be understood
     */
    default void responded(@Nullable Request request, int status) {}

    /**
     * A request is over: its response has left as a whole, or the connection has ended before. Told once for each request that
     * began, if {@link #wantsExchanges} said so then; also for one that could not be understood.
     *
     * <p>Called by the thread that has written the last bytes, before the next request of the connection is finished.
     */
    default void exchangeFinished(FinishedExchange exchange) {}

    /**
     * Whether {@link #exchangeFinished} is to be called for a request that begins now. If nobody wants it, nothing is noted and no
     * clock is read. Asked on an event loop for every request, so it must be quick.
     *
     * <p>Default: whether this class overrides {@code exchangeFinished}.
     */
    default boolean wantsExchanges() {
        return AllObservers.OVERRIDDEN.get(getClass()).contains("exchangeFinished");
    }

    /**
     * A handler, or the body it returned, threw; or the file it returned could not be opened or read. The client got 500, or a cut
     * connection if the answer had begun.
     */
    default void handlerFailed(Request request, Throwable failure) {
        ServerLog.log(System.Logger.Level.ERROR, () -> ServerLog.nameOf(request) + " failed", failure);
    }

    /**
     * A page of {@link HttpServer.Builder#errorPages} could not be made, so the client got plain text.
     *
     * @param request null if there is none, or for the page that is made beforehand
     */
    default void pageFailed(int status, @Nullable Request request, Throwable failure) {
        ServerLog.log(System.Logger.Level.ERROR, () -> "The page for " + status + " failed", failure);
    }

    /**
     * A client broke the rules of HTTP, of the PROXY protocol or of the handshake of WebSocket, or a limit, and was refused.
     *
     * @param status what it was told
     * @param rule the broken rule, with its place in the standards
     */
    default void refused(int status, String rule) {
        ServerLog.log(System.Logger.Level.DEBUG, () -> "Refused with " + status + ": " + rule);
    }

    /**
     * The worker had no room for a request or for the body of its response; the client got 503. Unless overridden, at most one in ten
     * seconds is logged as a warning, and the others at level DEBUG.
     */
    default void workerSaturated(Request request) {
        ServerLog.NO_WORKER.log(() -> "The worker has no room for " + ServerLog.nameOf(request));
    }

    // ---- TLS

    /** A TLS handshake is over. Called on an event loop. */
    default void handshakeDone(@Nullable SocketAddress peer, boolean resumed) {}

    /**
     * A TLS handshake has failed, mostly by the client's fault, or has taken too long. Called on an event loop.
     *
     * @param why in the words of the JDK
     */
    default void handshakeFailed(@Nullable SocketAddress peer, String why) {
        ServerLog.log(System.Logger.Level.DEBUG, () -> "The TLS handshake with " + peer + " failed: " + why);
    }

    /** The certificates have changed and were loaded anew ({@link Tls#watched}). */
    default void certificatesReloaded() {
        ServerLog.log(System.Logger.Level.INFO, () -> "The certificates were loaded anew");
    }

    /** The certificates have changed and are no good ({@link Tls#watched}); those that were loaded before stay in use. */
    default void certificatesNotReloaded(Exception failure) {
        ServerLog.log(
                System.Logger.Level.ERROR,
                () -> "The certificates were not loaded anew; the old ones stay in use",
                failure);
    }

    // ---- HTTP/2

    /**
     * A stream of HTTP/2 was reset before its exchange was over, by its client or by the server. Called on an event loop.
     *
     * @param code the error code's name (RFC 9113 section 7), such as {@code CANCEL}
     */
    default void streamReset(Request request, boolean byClient, String code) {}

    // ---- channels

    /**
     * A request has become a WebSocket; its channel may be open already.
     *
     * @param request as {@link AsyncChannel#request} gives it; the same object is given when the WebSocket closes
     */
    default void webSocketOpened(Request request) {}

    /** A WebSocket is closed; its listener may not have been told yet. Told once for each that was opened. */
    default void webSocketClosed(Request request, CloseReason reason) {}

    /**
     * A client broke the rules of WebSocket, or a limit, and its WebSocket closes.
     *
     * @param request that of the handshake
     * @param closeCode what it was told (RFC 6455 section 7.4)
     * @param rule the broken rule, with its place in the standards
     */
    default void webSocketRefused(Request request, int closeCode, String rule) {
        ServerLog.log(System.Logger.Level.DEBUG, () -> "Closed a WebSocket with " + closeCode + ": " + rule);
    }

    /**
     * The worker had no room for a call to a channel's listener, or for a body sent on a channel: a WebSocket closes with 1013, the
     * connection of another channel is cut. Unless overridden, at most one in ten seconds is logged as a warning, and the others at
     * level DEBUG.
     *
     * @param request that of the channel
     */
    default void listenerSaturated(Request request) {
        ServerLog.NO_WORKER_FOR_CHANNEL.log(
                () -> "The worker has no room for the channel of " + ServerLog.nameOf(request));
    }

    /**
     * More than {@link HttpServer.Builder#maxQueuedBytes} waited for the client of a channel, which was closed.
     *
     * @param request that of the channel
     * @param queuedBytes how much waited
     */
    default void slowConsumerClosed(Request request, long queuedBytes) {
        ServerLog.log(
                System.Logger.Level.DEBUG,
                () -> "Closed the channel of " + ServerLog.nameOf(request) + ": " + queuedBytes
                        + " bytes wait for its client");
    }

    // ---- connections

    /** A connection was accepted. Told before anything of it is read. */
    default void connectionOpened(@Nullable SocketAddress peer) {}

    /** A connection is closed. Told once for each that was opened. */
    default void connectionClosed(@Nullable SocketAddress peer, CloseReason.Cause cause) {}

    /**
     * More than {@link HttpServer.Builder#maxQueuedBytesTotal} waited for all clients: the connection that was to blame most is closed.
     * Unless overridden, at most one in ten seconds is logged as a warning, and the others at level DEBUG.
     *
     * @param queuedBytes how much waited for this one
     */
    default void connectionShed(@Nullable SocketAddress peer, long queuedBytes) {
        ServerLog.SHED.log(() -> "Too much waits for the clients: closed the connection of " + peer + ", for which "
                + queuedBytes + " bytes waited");
    }

    /**
     * More was held of what clients sent than {@link HttpServer.Builder#maxReceivedBytesTotal} or {@link
     * HttpServer.Builder#maxReceivedBytesPerAddress} allows: the connection that has held most for longest gets 503 or 1013 and is
     * ended. Unless overridden, at most one in ten seconds is logged as a warning, and the others at level DEBUG.
     *
     * @param heldBytes how much was held for this one, with what that takes besides
     */
    default void inputShed(@Nullable SocketAddress peer, long heldBytes) {
        ServerLog.INPUT_SHED.log(() -> "Too much is held of what clients sent: ended the connection of " + peer
                + ", for which " + heldBytes + " bytes were held");
    }

    /** Accepting failed, mostly for want of file descriptors; it is tried again after a pause. */
    default void acceptFailed(IOException cause) {
        ServerLog.log(System.Logger.Level.WARNING, () -> "Accepting failed; trying again soon", cause);
    }

    /**
     * As many connections are open as {@link HttpServer.Builder#maxConnections} allows, and a new one has come: the one that has been
     * idle for longest was closed for it. Unless overridden, at most one in ten seconds is logged as a warning, and the others at
     * level DEBUG.
     *
     * @param idle for how long nothing had been asked on it, a second at least
     */
    default void connectionGivenUp(@Nullable SocketAddress peer, Duration idle) {
        ServerLog.GIVEN_UP.log(() -> "As many connections are open as allowed: closed that of " + peer
                + " for a new one, after " + idle.toMillis() + " ms without a request");
    }

    /**
     * As many connections are open as {@link HttpServer.Builder#maxConnections} allows, and none is idle; new ones wait until one
     * closes, or has been idle for a second. Unless overridden, at most one in ten seconds is logged as a warning, and the others at
     * level DEBUG.
     */
    default void connectionsExhausted(int open) {
        ServerLog.NO_CONNECTIONS.log(() -> open + " connections are open: accepting no more for now");
    }

    /**
     * A connection was closed at once: its client has as many open as {@link HttpServer.Builder#maxConnectionsPerAddress} allows.
     * Unless overridden, at most one in ten seconds is logged as a warning, and the others at level DEBUG.
     */
    default void connectionRefused(InetAddress client) {
        ServerLog.TOO_MANY_OF_ONE.log(() -> client.getHostAddress() + " has too many connections; refused another one");
    }

    /** The system reported an error when a socket was closed; nothing more can be done about it. */
    default void closeFailed(IOException cause) {
        ServerLog.log(System.Logger.Level.DEBUG, () -> "Closing a connection failed", cause);
    }

    // ---- the server

    /** The server begins to stop: it accepts no more, and what runs is to be finished. */
    default void drainBegun(int openConnections) {}

    /** The server has closed its last connection. */
    default void drainEnded(DrainReport report) {}

    /** Something failed inside the server; the connection concerned is closed and everything else goes on. */
    default void loopFailed(Throwable failure) {
        ServerLog.log(System.Logger.Level.ERROR, () -> "Internal failure", failure);
    }
}
