package org.httpkit.metrics;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.BaseUnits;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.httpkit.http.HttpVersion;
import org.httpkit.http.Method;
import org.httpkit.server.FinishedExchange;
import org.httpkit.server.FinishedExchange.Outcome;
import org.httpkit.server.Request;
import org.httpkit.server.ServerObserver;
import org.jspecify.annotations.Nullable;

/**
 * An observer that measures requests: how long they take, and the sizes of their bodies. Safe from any thread.
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><th>Name</th><th>Kind</th><th>What</th></tr>
 * <tr><td>{@code http.server.request.duration}</td><td>timer with a histogram</td><td>from the end of the request's head until the operating
 * system had taken all of the response</td></tr>
 * <tr><td>{@code http.server.request.body.size}</td><td>summary, bytes</td><td>without the framing of chunks</td></tr>
 * <tr><td>{@code http.server.response.body.size}</td><td>summary, bytes</td><td>the same</td></tr>
 * <tr><td>{@code httpkit.server.request.queue}</td><td>timer</td><td>until the handler was called; no tags</td></tr>
 * <tr><td>{@code httpkit.server.request.handler}</td><td>timer</td><td>from there until the response began; no tags</td></tr>
 * <tr><td>{@code httpkit.server.request.write}</td><td>timer</td><td>from there to the end; no tags</td></tr>
 * </table>
 *
 * <p>Names, tags and the histogram's boundaries follow OpenTelemetry's semantic conventions for HTTP. Clients cannot
 * create meters without end: {@code http.request.method} is a method of RFC 9110 or PATCH, otherwise {@code _OTHER};
 * {@code url.scheme} is {@code http} or {@code https}; {@code network.protocol.version} {@code 1.0}, {@code 1.1} or
 * {@code 2}; {@code http.response.status_code} the server's answer. There is no tag for the path; {@code http.route} is
 * present if {@link #routes} supplies the routes. {@code error.type} is the status if that is 500 or above, {@code cut}
 * or {@code unanswered} as {@link Outcome} has it. A tag without a value is {@code none}.
 */
public final class RequestMetrics implements ServerObserver {
    private static final String NONE = "none";
    private static final Set<Method> KNOWN = Set.of(
            Method.GET,
            Method.HEAD,
            Method.POST,
            Method.PUT,
            Method.DELETE,
            Method.CONNECT,
            Method.OPTIONS,
            Method.TRACE,
            Method.PATCH);
    private static final Duration[] BOUNDARIES = {
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(75),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofMillis(750),
        Duration.ofSeconds(1),
        Duration.ofMillis(2500),
        Duration.ofSeconds(5),
        Duration.ofMillis(7500),
        Duration.ofSeconds(10)
    };

    /** The tags of requests that are measured together. */
    private record Kind(
            @Nullable Method method,
            String scheme,
            @Nullable HttpVersion version,
            int status,
            String error,
            @Nullable String route) {
        static Kind of(FinishedExchange exchange, @Nullable String route) {
            Request request = exchange.request();
            return request == null
                    ? new Kind(null, NONE, null, exchange.status(), errorOf(exchange), route)
                    : new Kind(
                            KNOWN.contains(request.method()) ? request.method() : null,
                            request.scheme(),
                            request.version(),
                            exchange.status(),
                            errorOf(exchange),
                            route);
        }

        private static String errorOf(FinishedExchange exchange) {
            return switch (exchange.outcome()) {
                case ANSWERED, REFUSED, UPGRADED ->
                    exchange.status() >= 500 ? Integer.toString(exchange.status()) : NONE;
                case CUT, UNANSWERED -> exchange.outcome().name().toLowerCase(Locale.ROOT);
            };
        }

        Tags tags() {
            Tags tags = Tags.of(
                    "http.request.method",
                    method == null ? "_OTHER" : method.toString(),
                    "url.scheme",
                    scheme,
                    "network.protocol.version",
                    versionText(),
                    "http.response.status_code",
                    status == 0 ? NONE : Integer.toString(status),
                    "error.type",
                    error);
            return route == null ? tags : tags.and("http.route", route);
        }

        private String versionText() {
            if (version == null) {
                return NONE;
            }
            return version == HttpVersion.HTTP_2 ? "2" : version.toString().substring("HTTP/".length());
        }
    }

    private record Meters(Timer duration, DistributionSummary requestBody, DistributionSummary responseBody) {}

    private final MeterRegistry registry;
    private final Timer queue;
    private final Timer handler;
    private final Timer write;
    private final @Nullable Function<Request, @Nullable String> routes;
    private final Map<Kind, Meters> meters = new ConcurrentHashMap<>();

    /** Measures into this registry. */
    public RequestMetrics(MeterRegistry registry) {
        this(registry, null);
    }

    private RequestMetrics(MeterRegistry registry, @Nullable Function<Request, @Nullable String> routes) {
        this.registry = registry;
        this.routes = routes;
        this.queue = timer("httpkit.server.request.queue", "Until the handler was called")
                .register(registry);
        this.handler = timer("httpkit.server.request.handler", "From the call of the handler until the response began")
                .register(registry);
        this.write = timer(
                        "httpkit.server.request.write", "From the beginning of the response until all of it was taken")
                .register(registry);
    }

    /**
     * Measures by route as well; with the module {@code web}: {@code new
     * RequestMetrics(registry).routes(routes::template)}.
     *
     * @param routes returns the template of a request's route, one of a limited number, or null if it has none; called
     *     when the request is over, on event loops, too
     */
    public RequestMetrics routes(Function<Request, @Nullable String> routes) {
        return new RequestMetrics(registry, routes);
    }

    @Override
    public void exchangeFinished(FinishedExchange exchange) {
        Meters own = meters.computeIfAbsent(Kind.of(exchange, routeOf(exchange.request())), this::metersOf);
        own.duration.record(exchange.totalNanos(), TimeUnit.NANOSECONDS);
        own.requestBody.record((double) exchange.requestBodyBytes());
        own.responseBody.record((double) exchange.responseBodyBytes());
        if (exchange.outcome() != Outcome.REFUSED) {
            queue.record(exchange.queueNanos(), TimeUnit.NANOSECONDS);
            handler.record(exchange.handlerNanos(), TimeUnit.NANOSECONDS);
        }
        write.record(exchange.writeNanos(), TimeUnit.NANOSECONDS);
    }

    private @Nullable String routeOf(@Nullable Request request) {
        if (routes == null) {
            return null;
        }
        String route = request == null ? null : routes.apply(request);
        return route == null ? NONE : route;
    }

    private Meters metersOf(Kind kind) {
        Tags tags = kind.tags();
        return new Meters(
                timer("http.server.request.duration", "Duration of HTTP server requests")
                        .serviceLevelObjectives(BOUNDARIES)
                        .tags(tags)
                        .register(registry),
                sizes("http.server.request.body.size", "Size of HTTP server request bodies")
                        .tags(tags)
                        .register(registry),
                sizes("http.server.response.body.size", "Size of HTTP server response bodies")
                        .tags(tags)
                        .register(registry));
    }

    private static Timer.Builder timer(String name, String what) {
        return Timer.builder(name).description(what);
    }

    private static DistributionSummary.Builder sizes(String name, String what) {
        return DistributionSummary.builder(name).description(what).baseUnit(BaseUnits.BYTES);
    }
}
