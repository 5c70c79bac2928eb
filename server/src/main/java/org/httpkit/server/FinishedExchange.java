package org.httpkit.server;

import java.net.SocketAddress;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One request and what became of it, told when it is over. Immutable.
 *
 * <p>The times follow each other: the body of the request arrives, it waits for a thread ({@code queueNanos}), the handler works
 * ({@code handlerNanos}), the response leaves ({@code writeNanos}). What did not happen took 0. All are nanoseconds.
 *
 * @param request what was asked, headers and all; null if that could not be understood. Its body must not be read any more
 * @param remoteAddress the client, as {@link Request#remoteAddress} tells; of a request that could not be understood the socket's
 *     other end; null if it has no address
 * @param status the final status, or 101 for a WebSocket; 0 if the connection ended before a response had begun
 * @param outcome how it ended
 * @param requestBodyBytes bytes of the request's body that arrived, without the framing of chunks
 * @param responseBodyBytes bytes of the response's body that were handed to the connection, without the framing of chunks; if it
 *     was cut, some of them may not have left
 * @param received when the head of the request was complete
 * @param queueNanos from the moment the request could be handled until its handler was called
 * @param handlerNanos from the call of the handler until the response began: what it returned was there, a later response
 *     completed, a channel sent for the first time
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
        /** The whole response was handed to the operating system. */
        ANSWERED,
        /** The same, but no handler was called: the server itself refused the request, or had no thread for it. */
        REFUSED,
        /** The connection became a WebSocket. */
        UPGRADED,
        /** The response had begun and did not leave as a whole: the client went away, the handler failed, the server stopped. */
        CUT,
        /** The connection ended before a response began. */
        UNANSWERED
    }
}
