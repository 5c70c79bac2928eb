package org.httpkit.ring;

import clojure.lang.AFn;
import clojure.lang.IFn;
import clojure.lang.Keyword;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.ResponseBody;
import org.httpkit.server.StopWait;
import org.jspecify.annotations.Nullable;

/**
 * Calls a Ring handler: a function of the request map, or one that also takes callbacks for its response. Safe from any
 * thread.
 */
public final class RingHandler implements Handler, StopWait {
    private static final Keyword LISTENER = Keyword.intern("ring.websocket", "listener");

    private final IFn handler;
    private final boolean isAsync;
    private final RingSettings settings;
    private final @Nullable IFn webSocket;

    /**
     * @param webSocket makes a response from the request map and a response with a WebSocket listener; null to ignore
     *     such listeners
     */
    public RingHandler(IFn handler, boolean isAsync, RingSettings settings, @Nullable IFn webSocket) {
        this.handler = handler;
        this.isAsync = isAsync;
        this.settings = settings;
        this.webSocket = webSocket;
    }

    /** As in http-kit, nil means 404. */
    @Override
    public boolean answersHeadByGet() {
        return false;
    }

    @Override
    public void awaitStop(HttpServer server, CompletionStage<?> stopped, long deadlineNanos) {
        settings.calls().awaitStop(server, stopped, deadlineNanos);
    }

    @Override
    public @Nullable Response handle(Request request) {
        RequestValues values = new RequestValues(request, settings);
        RequestMap map = new RequestMap(values);
        RingCalls calls = settings.calls();
        RingCalls before = calls.enter();
        try {
            return isAsync ? handleAsync(values, map) : response(request, map, handler.invoke(map));
        } catch (Throwable e) { // Clojure throws checked ones, too
            failing(values);
            throw e;
        } finally {
            calls.leave(before);
        }
    }

    private @Nullable Response response(Request request, RequestMap map, @Nullable Object returned) {
        if (returned == null) {
            settings.observer().notFound();
            return null;
        }
        Object answer = webSocket != null && hasListener(returned) ? webSocket.invoke(map, returned) : returned;
        RingBodies.Way way = isAsync ? RingBodies.Way.RESPONDED : RingBodies.Way.RETURNED;
        Response response = RingResponses.of(request, settings.headLength(), answer, way);
        if (response != null && response.body() instanceof ResponseBody.Channel left) {
            settings.calls().leftTo(left.channel());
        } else if (response != null) {
            settings.observer().processed(response);
        }
        return response;
    }

    private static boolean hasListener(Object returned) {
        return returned instanceof clojure.lang.ILookup map && map.valAt(LISTENER) != null;
    }

    /** Is called before the server reports a failure. */
    private void failing(RequestValues values) {
        if (!values.isWebSocket()) {
            settings.observer().failsAsHttp(values.request());
        }
    }

    /** Takes the first outcome: a response, a failure raised, or one thrown. The others are not even looked at. */
    private Response handleAsync(RequestValues values, RequestMap map) {
        CompletableFuture<@Nullable Response> answer = new CompletableFuture<>();
        AtomicBoolean taken = new AtomicBoolean();
        AFn respond = new AFn() {
            @Override
            public @Nullable Object invoke(@Nullable Object returned) {
                if (taken.compareAndSet(false, true)) {
                    try {
                        answer.complete(response(values.request(), map, returned));
                    } catch (Throwable e) { // Clojure throws checked exceptions, too
                        fail(values, answer, e);
                    }
                }
                return null;
            }
        };
        AFn raise = new AFn() {
            @Override
            public @Nullable Object invoke(@Nullable Object failure) {
                if (taken.compareAndSet(false, true)) {
                    fail(
                            values,
                            answer,
                            failure instanceof Throwable thrown
                                    ? thrown
                                    : new IllegalArgumentException(
                                            "Raised was " + failure + ", which is no exception"));
                }
                return null;
            }
        };
        try {
            handler.invoke(map, respond, raise);
        } catch (Throwable e) { // Clojure throws checked ones, too
            if (taken.compareAndSet(false, true)) {
                fail(values, answer, e);
            }
        }
        return Response.later(answer);
    }

    private void fail(RequestValues values, CompletableFuture<@Nullable Response> answer, Throwable failure) {
        failing(values);
        answer.completeExceptionally(failure);
    }
}
