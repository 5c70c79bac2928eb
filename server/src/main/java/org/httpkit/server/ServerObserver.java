package org.httpkit.server;

import java.io.IOException;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * Is told what happens in a server. Unless overridden, what concerns the operator is logged to the {@link System.Logger} named
 * {@code org.httpkit.server}; what clients do wrong only at level DEBUG.
 *
 * <p>Methods may be called on event loops and workers, several at once, so they must not block. What they throw is dropped.
 */
public interface ServerObserver {

    /** A handler, or the body it returned, threw. The client got 500, or a cut connection if the answer had begun. */
    default void handlerFailed(Request request, Throwable failure) {
        ServerLog.LOGGER.log(
                System.Logger.Level.ERROR, () -> request.method() + " " + request.path() + " failed", failure);
    }

    /**
     * A final response has been handed to the connection, by whichever path.
     *
     * @param request what it answers; null if the request could not be understood
     */
    default void responded(@Nullable Request request, int status) {}

    /**
     * A client broke the rules and was refused.
     *
     * @param status what it was told
     * @param rule the broken rule, with its place in the standards
     */
    default void refused(int status, String rule) {
        ServerLog.LOGGER.log(System.Logger.Level.DEBUG, () -> "Refused with " + status + ": " + rule);
    }

    /** The worker had no room for a request; the client got 503. */
    default void workerSaturated(Request request) {
        ServerLog.LOGGER.log(
                System.Logger.Level.WARNING,
                () -> "The worker has no room for " + request.method() + " " + request.path());
    }

    /** Accepting failed, mostly for want of file descriptors; it is tried again after a pause. */
    default void acceptFailed(IOException cause) {
        ServerLog.LOGGER.log(System.Logger.Level.WARNING, "Accepting failed; trying again soon", cause);
    }

    /** As many connections are open as {@link HttpServer.Builder#maxConnections} allows; new ones wait until one closes. */
    default void connectionsExhausted(int open) {
        ServerLog.LOGGER.log(
                System.Logger.Level.WARNING, () -> open + " connections are open: accepting no more for now");
    }

    /**
     * A connection was closed at once: its client has as many open as {@link HttpServer.Builder#maxConnectionsPerAddress} allows.
     * Unless overridden, at most one in ten seconds is logged as a warning, and the others at level DEBUG.
     */
    default void connectionRefused(InetAddress client) {
        ServerLog.TOO_MANY_OF_ONE.log(() -> client.getHostAddress() + " has too many connections; refused another one");
    }

    /** Something failed inside the server; the connection concerned is closed and everything else goes on. */
    default void loopFailed(Throwable failure) {
        ServerLog.LOGGER.log(System.Logger.Level.ERROR, "Internal failure", failure);
    }
}
