package org.httpkit.tracing;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.time.Instant;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.httpkit.http.Headers;
import org.httpkit.server.FinishedExchange;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.ResponseBody;
import org.httpkit.server.ServerObserver;
import org.jspecify.annotations.Nullable;

/**
 * An observer that makes a span of each request. It follows OpenTelemetry's semantic conventions for HTTP server spans.
 * Safe from any thread.
 *
 * <pre>{@code
 * RequestTracing tracing = new RequestTracing(openTelemetry).routes(routes::template);
 * HttpServer.builder().observer(tracing).handler(tracing.around(routes)).start();
 * }</pre>
 *
 * <p>A span begins at the end of the request's head, and ends when the operating system has taken the whole response;
 * that of a WebSocket ends with its handshake. The propagators of the {@link OpenTelemetry} read the caller's context
 * from the request's fields, such as {@code traceparent} (W3C Trace Context). With {@link #around} the span is current
 * while the handler runs, so that spans of the handler become its children. Without {@code around} the span is made
 * when the request is over.
 *
 * <p>The span's name is the method, and the route if {@link #routes} supplies one. Its attributes are {@code
 * http.request.method} (a method of RFC 9110 or PATCH, otherwise {@code _OTHER}, and {@code
 * http.request.method_original}), {@code http.route}, {@code url.path}, {@code url.scheme}, {@code
 * network.protocol.version}, {@code server.address}, {@code server.port}, and {@code http.response.status_code}. A
 * response of 500 or above, or one that did not arrive, has {@code error.type}: the class of the handler's exception,
 * the status, or {@code cut} or {@code unanswered} as {@link FinishedExchange.Outcome} has it. The query, the client's
 * address and header fields are not recorded. A request that the server could not parse is named {@code HTTP}, and
 * has no caller.
 */
public final class RequestTracing implements ServerObserver {
    private static final String SCOPE = "org.httpkit.tracing";

    @SuppressWarnings("deprecation") // keys is, and has to be there
    private static final TextMapGetter<Request> FIELDS = new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(Request request) {
            Headers headers = request.headers();
            Set<String> names = new LinkedHashSet<>();
            for (int i = 0; i < headers.size(); i++) {
                names.add(headers.lowerCaseName(i));
            }
            return names;
        }

        @Override
        public @Nullable String get(@Nullable Request request, String name) {
            return request == null ? null : request.header(name);
        }

        @Override
        public Iterator<String> getAll(@Nullable Request request, String name) {
            return request == null
                    ? Collections.emptyIterator()
                    : request.headers().all(name).iterator();
        }
    };

    private final Tracer tracer;
    private final TextMapPropagator propagator;
    private final @Nullable Function<Request, @Nullable String> routes;

    /**
     * The spans that {@link #around} has begun, until the end of their requests; by the requests that the observer gets,
     * not by those that filters make of them. As many as there are requests.
     */
    private final Map<Request, RequestSpan> begun = Collections.synchronizedMap(new WeakHashMap<>());

    /** Makes spans with this tracer provider, and reads the caller's context with these propagators. */
    public RequestTracing(OpenTelemetry openTelemetry) {
        this(openTelemetry.getTracer(SCOPE), openTelemetry.getPropagators().getTextMapPropagator(), null);
    }

    private RequestTracing(
            Tracer tracer, TextMapPropagator propagator, @Nullable Function<Request, @Nullable String> routes) {
        this.tracer = tracer;
        this.propagator = propagator;
        this.routes = routes;
    }

    /**
     * Names spans by route as well; with the module {@code web}: {@code new
     * RequestTracing(openTelemetry).routes(routes::template)}.
     *
     * @param routes returns the template of a request's route, one of a limited number, or null if it has none; called
     *     where handlers run, and on event loops, too
     */
    public RequestTracing routes(Function<Request, @Nullable String> routes) {
        return new RequestTracing(tracer, propagator, Objects.requireNonNull(routes, "routes"));
    }

    /**
     * A handler that runs another one with the request's span as the current one. The server needs this object as its
     * observer, too, which ends the span.
     */
    public Handler around(Handler handler) {
        return new TracedHandler(Objects.requireNonNull(handler, "handler"));
    }

    @Override
    public void exchangeFinished(FinishedExchange exchange) {
        Request request = exchange.request();
        RequestSpan span = request == null ? null : begun.remove(request);
        if (span == null) {
            span = request == null
                    ? RequestSpan.beginUnknown(tracer, exchange.received())
                    : begin(request, routeOf(request), exchange.received());
        }
        span.end(exchange);
    }

    private RequestSpan begin(Request request, @Nullable String route, Instant received) {
        Context caller = propagator.extract(Context.root(), request, FIELDS);
        return RequestSpan.begin(tracer, caller, request, route, received);
    }

    private @Nullable String routeOf(Request request) {
        return routes == null ? null : routes.apply(request);
    }

    /** Begins the spans, and makes them current. Safe from any thread, if the handler is. */
    private final class TracedHandler implements Handler {
        private final Handler handler;

        TracedHandler(Handler handler) {
            this.handler = handler;
        }

        @Override
        @SuppressWarnings("try") // the scope only has to be closed
        public @Nullable Response handle(Request request) throws Exception {
            RequestSpan span = spanOf(request);
            try (Scope current = span.context.makeCurrent()) {
                Response response = handler.handle(request);
                return response != null && response.body() instanceof ResponseBody.Later later
                        ? Response.later(later.response().whenComplete((late, failure) -> noteFailure(span, failure)))
                        : response;
            } catch (Throwable e) {
                span.failed(e);
                throw e;
            }
        }

        /** The span of a request, of which a handler may be called twice: see {@link Handler#answersHeadByGet}. */
        private RequestSpan spanOf(Request request) {
            Request original = request.original();
            RequestSpan known = begun.get(original);
            if (known != null) {
                known.route(original.method(), routeOf(request));
                return known;
            }
            long elapsed = System.nanoTime() - original.receivedNanos();
            RequestSpan span = begin(original, routeOf(request), Instant.now().minusNanos(elapsed));
            begun.put(original, span);
            return span;
        }

        @Override
        public boolean streamsBody(Request request) {
            return handler.streamsBody(request);
        }

        @Override
        public boolean answersHeadByGet() {
            return handler.answersHeadByGet();
        }
    }

    private static void noteFailure(RequestSpan span, @Nullable Throwable failure) {
        if (failure != null) {
            Throwable cause = failure instanceof CompletionException ? failure.getCause() : null;
            span.failed(cause == null ? failure : cause);
        }
    }
}
