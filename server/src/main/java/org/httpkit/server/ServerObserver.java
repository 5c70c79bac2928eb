package org.httpkit.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Receives the events of a server. Unless you override a method, it logs what concerns the operator to the {@link
 * System.Logger} named {@code org.httpkit.server}, and what clients do wrong there at level DEBUG only.
 *
 * <p><b>Threads:</b> Several threads may call methods at once, so they must be safe from any thread. While a method
 * runs on an event loop, that loop serves none of its connections: the method must not block, or write to a file, a
 * pipe or a socket that may block. {@link LogSink} takes lines without blocking. The server ignores what a method
 * throws.
 *
 * <ul>
 * <li>Only event loops call {@link #wantsExchanges}, {@link #connectionOpened}, {@link #connectionClosed}, {@link
 *     #connectionShed}, {@link #inputShed}, {@link #connectionGivenUp}, {@link #connectionsExhausted}, {@link
 *     #connectionRefused}, {@link #acceptFailed}, {@link #closeFailed}, {@link #streamReset}, {@link
 *     #webSocketRefused}.
 * <li>The thread that answers, which is a loop, a worker or the application's, calls {@link #responded}, {@link
 *     #exchangeFinished}, {@link #handlerFailed}, {@link #pageFailed}, {@link #refused}, {@link #workerSaturated},
 *     {@link #listenerSaturated}, {@link #slowConsumerClosed}, {@link #webSocketOpened}, {@link #webSocketClosed},
 *     {@link #loopFailed}.
 * <li>A loop never calls these, unless an inline handler stops the server: {@link #drainBegun}, on the thread that
 *     stops it; {@link #drainEnded}.
 * </ul>
 *
 * <p>Loops also run {@link Handler#streamsBody} and {@link SendListener} code of the application and, with {@link
 * Dispatch#INLINE}, handlers and listeners.
 */
public interface ServerObserver {

    /**
     * An observer that calls all of these, in this order. An exception of one does not affect the others. Each
     * receives only the events that it overrides; events that none of them overrides are logged once.
     */
    static ServerObserver all(ServerObserver... observers) {
        return new AllObservers(List.of(observers));
    }

    // ---- exchanges

    /**
     * A final response was handed to the connection; for a WebSocket, its 101. Called once for each response, before
     * the connection continues. Cheaper than {@link #exchangeFinished}.
     *
     * @param request the request that it answers; null if the server could not parse the request
     */
    default void responded(@Nullable Request request, int status) {}

    /**
     * A request is over: its response has left completely, or the connection ended before that. Called once for each
     * request that began, if {@link #wantsExchanges} returned true at that time, including requests that the server
     * could not parse.
     *
     * <p>The thread that wrote the last bytes calls this, before the connection's next request ends.
     */
    default void exchangeFinished(FinishedExchange exchange) {}

    /**
     * Whether to call {@link #exchangeFinished} for a request that begins now. If not, the server notes nothing and
     * reads no clock. An event loop calls this for every request, so it must be quick.
     *
     * <p>Default: whether this class overrides {@code exchangeFinished}.
     */
    default boolean wantsExchanges() {
        return AllObservers.OVERRIDDEN.get(getClass()).contains("exchangeFinished");
    }

    /**
     * A handler threw, or the body that it returned threw, or its file could not be opened or read. The client got
     * 500, or a closed connection if the response had begun.
     */
    default void handlerFailed(Request request, Throwable failure) {
        ServerLog.log(System.Logger.Level.ERROR, () -> ServerLog.nameOf(request) + " failed", failure);
    }

    /**
     * {@link HttpServer.Builder#errorPages} failed to make a page, so the client got plain text.
     *
     * @param request null if there is no request, or for a page that the server makes in advance
     */
    default void pageFailed(int status, @Nullable Request request, Throwable failure) {
        ServerLog.log(System.Logger.Level.ERROR, () -> "The page for " + status + " failed", failure);
    }

    /**
     * The server refused a request that broke a rule of HTTP, of the PROXY protocol or of the WebSocket handshake, or
     * that exceeded a limit.
     *
     * @param status the status that the client got
     * @param rule the broken rule, with its place in the standards
     */
    default void refused(int status, String rule) {
        ServerLog.log(System.Logger.Level.DEBUG, () -> "Refused with " + status + ": " + rule);
    }

    /**
     * The worker had no room for a request or for the body of its response; the client got 503. By default the server
     * logs one of these as a warning every ten seconds at most, and the others at level DEBUG.
     */
    default void workerSaturated(Request request) {
        ServerLog.NO_WORKER.log(() -> "The worker has no room for " + ServerLog.nameOf(request));
    }

    // ---- TLS

    /** A TLS handshake is over. Called on an event loop. */
    default void handshakeDone(@Nullable SocketAddress peer, boolean resumed) {}

    /**
     * A TLS handshake failed, usually by the client's fault, or took too long. Called on an event loop.
     *
     * @param why in the words of the JDK
     */
    default void handshakeFailed(@Nullable SocketAddress peer, String why) {
        ServerLog.log(System.Logger.Level.DEBUG, () -> "The TLS handshake with " + peer + " failed: " + why);
    }

    /**
     * The server loaded certificates that have changed ({@link Tls#watched}). Called on the thread {@code
     * httpkit-certificates}.
     */
    default void certificatesReloaded() {
        ServerLog.log(System.Logger.Level.INFO, () -> "The certificates were loaded anew");
    }

    /**
     * The certificates have changed but cannot be used ({@link Tls#watched}); the server keeps those that it loaded
     * before. Called on the thread {@code httpkit-certificates}.
     */
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
     * A request has become a WebSocket. Its channel may already be open.
     *
     * @param request as {@link AsyncChannel#request} returns it; {@link #webSocketClosed} receives the same object
     */
    default void webSocketOpened(Request request) {}

    /** A WebSocket is closed; the server may not have called its listener yet. Called once for each that opened. */
    default void webSocketClosed(Request request, CloseReason reason) {}

    /**
     * A client broke a rule of WebSocket, or exceeded a limit, and its WebSocket closes.
     *
     * @param request the request of the handshake
     * @param closeCode the code that the client got (RFC 6455 section 7.4)
     * @param rule the broken rule, with its place in the standards
     */
    default void webSocketRefused(Request request, int closeCode, String rule) {
        ServerLog.log(System.Logger.Level.DEBUG, () -> "Closed a WebSocket with " + closeCode + ": " + rule);
    }

    /**
     * The worker had no room for a call to a channel's listener, or for a body sent on a channel. A WebSocket closes
     * with 1013; any other channel loses its connection. By default the server logs one of these as a warning every
     * ten seconds at most, and the others at level DEBUG.
     *
     * @param request the request of the channel
     */
    default void listenerSaturated(Request request) {
        ServerLog.NO_WORKER_FOR_CHANNEL.log(
                () -> "The worker has no room for the channel of " + ServerLog.nameOf(request));
    }

    /**
     * More than {@link HttpServer.Builder#maxQueuedBytes} waited for the client of a channel, and the server closed
     * the channel.
     *
     * @param request the request of the channel
     * @param queuedBytes how much waited
     */
    default void slowConsumerClosed(Request request, long queuedBytes) {
        ServerLog.log(
                System.Logger.Level.DEBUG,
                () -> "Closed the channel of " + ServerLog.nameOf(request) + ": " + queuedBytes
                        + " bytes wait for its client");
    }

    // ---- connections

    /** The server accepted a connection and has read nothing from it yet. */
    default void connectionOpened(@Nullable SocketAddress peer) {}

    /** A connection is closed. Called once for each that opened. */
    default void connectionClosed(@Nullable SocketAddress peer, CloseReason.Cause cause) {}

    /**
     * More than {@link HttpServer.Builder#maxQueuedBytesTotal} waited for all clients, and the server closes the
     * connection to blame most. By default the server logs one of these as a warning every ten seconds at most, and
     * the others at level DEBUG.
     *
     * @param queuedBytes how much waited for this connection
     */
    default void connectionShed(@Nullable SocketAddress peer, long queuedBytes) {
        ServerLog.SHED.log(() -> "Too much waits for the clients: closed the connection of " + peer + ", for which "
                + queuedBytes + " bytes waited");
    }

    /**
     * The server held more unfinished input than {@link HttpServer.Builder#maxReceivedBytesTotal} or {@link
     * HttpServer.Builder#maxReceivedBytesPerAddress} allows. The slow connection that has held most for longest gets
     * 503 or 1013, and ends. By default the server logs one of these as a warning every ten seconds at most, and the
     * others at level DEBUG.
     *
     * @param heldBytes how much the server held for this connection, including its bookkeeping
     */
    default void inputShed(@Nullable SocketAddress peer, long heldBytes) {
        ServerLog.INPUT_SHED.log(() -> "Too much unfinished input: ended the connection of " + peer
                + ", for which the server held " + heldBytes + " bytes");
    }

    /** Accepting a connection failed, usually for lack of file descriptors. The server tries again after a pause. */
    default void acceptFailed(IOException cause) {
        ServerLog.log(System.Logger.Level.WARNING, () -> "Accepting failed; trying again soon", cause);
    }

    /**
     * A new connection arrived at the limit of {@link HttpServer.Builder#maxConnections}, and the server closed the
     * one that had been idle longest. By default the server logs one of these as a warning every ten seconds at most,
     * and the others at level DEBUG.
     *
     * @param idle how long the connection had been idle, a second at least
     */
    default void connectionGivenUp(@Nullable SocketAddress peer, Duration idle) {
        ServerLog.GIVEN_UP.log(() -> "As many connections are open as allowed: closed that of " + peer
                + " for a new one, after " + idle.toMillis() + " ms without a request");
    }

    /**
     * The number of connections has reached {@link HttpServer.Builder#maxConnections}, and none is idle. New ones
     * wait until one closes or has been idle for a second. By default the server logs one of these as a warning every
     * ten seconds at most, and the others at level DEBUG.
     */
    default void connectionsExhausted(int open) {
        ServerLog.NO_CONNECTIONS.log(() -> open + " connections are open: accepting no more for now");
    }

    /**
     * The server closed a new connection at once, because its client already has as many as {@link
     * HttpServer.Builder#maxConnectionsPerAddress} allows. By default the server logs one of these as a warning every
     * ten seconds at most, and the others at level DEBUG.
     */
    default void connectionRefused(InetAddress client) {
        ServerLog.TOO_MANY_OF_ONE.log(() -> client.getHostAddress() + " has too many connections; refused another one");
    }

    /** The system reported an error when the server closed a socket. There is nothing more to do about it. */
    default void closeFailed(IOException cause) {
        ServerLog.log(System.Logger.Level.DEBUG, () -> "Closing a connection failed", cause);
    }

    // ---- the server

    /** The server begins to stop: it accepts no more connections, and lets running exchanges finish. */
    default void drainBegun(int openConnections) {}

    /** The server has closed its last connection. */
    default void drainEnded(DrainReport report) {}

    /** Something failed inside the server. It closes the connection concerned and continues. */
    default void loopFailed(Throwable failure) {
        ServerLog.log(System.Logger.Level.ERROR, () -> "Internal failure", failure);
    }
}
