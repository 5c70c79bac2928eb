package org.httpkit.server;

import org.jspecify.annotations.Nullable;

/**
 * Makes what clients get to read where the server answers by itself: for a broken request, a missing file, a handler that failed. Safe from
 * any thread.
 *
 * <p>Never called on an event loop but by {@link Dispatch#INLINE}'s own choice: called on the worker, where it may block. An answer to a
 * request that was never complete waits a second for it, and is plain text then, as it is if this throws, returns null, or if the worker has
 * no room. Because of that last one, the page for 503 is made beforehand as well, without a request, when the server starts.
 */
@FunctionalInterface
public interface ErrorPages {

    /**
     * The page for a status. That it is another status does not count; fields that the answer has to have, such as {@code Retry-After} or
     * {@code Content-Range}, are added where the page does not have them.
     *
     * @param status 400 to 505: see the list in docs/resources.md
     * @param reason what the client would read otherwise: for a broken request the rule, with its place in the standards, else the reason
     *     of the status. It repeats nothing of the request
     * @param request null if its head was not understood, or has not come. Its body may be missing, and it can be no channel any more
     * @return null for plain text. A body that comes later, or is a channel's, counts as null; if the connection has to end because of the
     *     error, anything but text, bytes and buffers of up to 64 KiB does, too
     */
    @Nullable
    Response page(int status, String reason, @Nullable Request request) throws Exception;
}
