package org.httpkit.server;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests. One handler serves all connections of a server, so it must be safe from many threads at once.
 *
 * <p>It runs where {@link Dispatch} says. It may block, except with {@link Dispatch#INLINE}.
 */
@FunctionalInterface
public interface Handler {

    /**
     * The response to a request; null means 404 with an empty body.
     *
     * @throws Exception the client gets 500 and a body that says nothing about it; the {@link ServerObserver} gets
     *     the exception
     */
    @Nullable
    Response handle(Request request) throws Exception;

    /**
     * Whether the handler reads this request's body as it arrives. Otherwise the server collects the body before it
     * calls {@link #handle}.
     *
     * <p>The event loop calls this method as soon as the head has arrived, so it must not block or touch the
     * request's body. Default false: the server collects the body, up to {@link HttpServer.Builder#maxBodyBytes}.
     * {@link HttpServer.Builder#maxStreamedBodyBytes} limits a streamed body, and its handler always runs on the
     * worker, because reading may have to wait.
     */
    default boolean streamsBody(Request request) {
        return false;
    }

    /**
     * Whether the server calls {@link #handle} again with GET when it has answered a HEAD request with null. Default
     * true: a handler need not handle HEAD, and the client gets the fields of GET.
     */
    default boolean answersHeadByGet() {
        return true;
    }

    /** This handler, with the bodies of all requests streamed. */
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
