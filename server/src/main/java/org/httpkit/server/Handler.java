package org.httpkit.server;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests. One handler serves all connections of a server, so it must be safe to call from many threads at once.
 *
 * <p>It runs where {@link Dispatch} says: on the worker, where it may block, unless the server was built otherwise.
 */
@FunctionalInterface
public interface Handler {

    /**
     * The response to a request; null means 404 with an empty body.
     *
     * @throws Exception answered with 500 and a body that tells the client nothing; the {@link ServerObserver} gets it
     */
    @Nullable
    Response handle(Request request) throws Exception;

    /**
     * Whether this request's body shall be read as it arrives rather than be collected before {@link #handle} is called.
     *
     * <p>Asked on the event loop as soon as the head has arrived, so it must not block; the request's body must not be touched
     * yet. Default false: the body is collected, up to {@link HttpServer.Builder#maxBodyBytes}. A streamed body has
     * {@link HttpServer.Builder#maxStreamedBodyBytes} instead, and its handler always runs on the worker, since reading may have to wait.
     */
    default boolean streamsBody(Request request) {
        return false;
    }

    /**
     * Whether a request for HEAD that {@link #handle} answers with null is handed to it once more, as one for GET, in the same call. Default true:
     * a handler need not know HEAD, and the client gets the fields of GET.
     */
    default boolean answersHeadByGet() {
        return true;
    }

    /** The same handler, but with the bodies of all requests streamed. */
    static Handler streaming(Handler handler) {
        Objects.requireNonNull(handler, "handler");
        return new Handler() {
            @Override
            public @Nullable Response handle(Request request) throws Exception {
                return handler.handle(request);
            }

            @Override
            public boolean streamsBody(Request request) {
                return true;
            }

            @Override
            public boolean answersHeadByGet() {
                return handler.answersHeadByGet();
            }
        };
    }
}
