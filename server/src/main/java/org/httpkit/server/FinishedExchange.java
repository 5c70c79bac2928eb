package org.httpkit.server;

import java.net.SocketAddress;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A request and what became of it, at its end. Immutable.
 *
 * <p>The times follow each other: the request's body arrives, the request waits for a thread ({@code queueNanos}),
 * the handler works ({@code handlerNanos}), the response leaves ({@code writeNanos}). A stage that did not happen
 * took 0. All times are in nanoseconds.
 *
 * @param request the request; null if the server could not parse it. Its body must not be read any more
 * @param remoteAddress the client, as {@link Request#remoteAddress} returns it; for a request that the server could
 *     not parse, the other end of the socket; null if it has no address
 * @param status the final status, or 101 for a WebSocket; 0 if the connection ended before a response began
 * @param outcome how it ended
 * @param requestBodyBytes how many bytes of the request's body arrived, without the framing of chunks
 * @param responseBodyBytes how many bytes of the response's body the connection received, without the framing of
 *     chunks; if the response was cut, some of them may not have left
 * @param received when the head of the request was complete
 * @param queueNanos from the moment when the request could be handled until its handler was called
 * @param handlerNanos from the call of the handler until the response began: the handler returned it, a later
 *     response completed, or a channel sent something for the first time
 * @param writeNanos from the beginning of the response until the operating system had taken all of it
 * @param totalNanos from {@code received} to the end
 */
public record FinishedExchange(
        @Nullable Request request,
        @Nullable SocketAddress remoteAddress,
        int status,
        Outcome outcome,
        long requestBodyBytes,
        long responseBodyBytes,
        Instant received,
        long queueNanos,
        long handlerNanos,
        long writeNanos,
        long totalNanos) {

    /** How an exchange ended. */
    public enum Outcome {
        /** The operating system took the whole response. */
        ANSWERED,
        /** As {@link #ANSWERED}, but without a handler: the server refused the request, or had no thread for it. */
        REFUSED,
        /** The connection became a WebSocket. */
        UPGRADED,
        /**
         * The response had begun and did not leave completely: the client went away, the handler failed, or the
         * server stopped.
         */
        CUT,
        /** The connection ended before a response began. */
        UNANSWERED
    }
}
