package org.httpkit.server;

import org.jspecify.annotations.Nullable;

/**
 * Makes the responses that the server would otherwise make itself: for a broken request, a missing file, a handler
 * that failed. Safe from any thread.
 *
 * <p>The worker calls it, so it may block; an event loop calls it only with {@link Dispatch#INLINE}, for a channel that
 * has not answered in time. The response to a request that was never complete waits for the page for a second. It is
 * plain text after that time, and also if this throws, returns null, or if the worker has no room. For that last case,
 * the server makes the page for 503 in advance, without a request, in the thread that calls {@link
 * HttpServer.Builder#start} or {@link HttpServer#reconfigure}.
 */
@FunctionalInterface
public interface ErrorPages {

    /**
     * The page for a status. The server ignores the page's status, and adds fields that the response must have, such
     * as {@code Retry-After} or {@code Content-Range}, if the page lacks them.
     *
     * @param status 400 to 505; docs/resources.md lists them
     * @param reason the text that the client would get otherwise: for a broken request the rule, with its place in
     *     the standards, otherwise the status's reason. It repeats nothing of the request
     * @param request null if the head was malformed or incomplete. Its body may be missing, and it cannot become a
     *     channel any more
     * @return null for plain text. A response that comes later, or from a channel, counts as null. If the connection
     *     has to close because of the error, so does any body other than text, bytes or a buffer of up to 64 KiB
     */
    @Nullable
    Response page(int status, String reason, @Nullable Request request) throws Exception;
}
