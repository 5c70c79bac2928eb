package org.httpkit.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import org.httpkit.http.HttpVersion;
import org.httpkit.http.Method;
import org.httpkit.server.FinishedExchange;
import org.httpkit.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * The span of one request, with the names of OpenTelemetry's semantic conventions for HTTP server spans. Safe from any
 * thread.
 */
final class RequestSpan {
    private static final AttributeKey<String> REQUEST_METHOD = AttributeKey.stringKey("http.request.method");
    private static final AttributeKey<String> ORIGINAL_METHOD = AttributeKey.stringKey("http.request.method_original");
    private static final AttributeKey<String> ROUTE = AttributeKey.stringKey("http.route");
    private static final AttributeKey<Long> STATUS = AttributeKey.longKey("http.response.status_code");
    private static final AttributeKey<String> PATH = AttributeKey.stringKey("url.path");
    private static final AttributeKey<String> SCHEME = AttributeKey.stringKey("url.scheme");
    private static final AttributeKey<String> VERSION = AttributeKey.stringKey("network.protocol.version");
    private static final AttributeKey<String> SERVER_ADDRESS = AttributeKey.stringKey("server.address");
    private static final AttributeKey<Long> SERVER_PORT = AttributeKey.longKey("server.port");
    private static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");

    private static final String OTHER = "_OTHER";
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

    final Context context;
    private final Span span;
    private final Instant start;
    private volatile @Nullable Throwable failure;

    private RequestSpan(Context parent, Span span, Instant start) {
        this.context = parent.with(span);
        this.span = span;
        this.start = start;
    }

    /** Begins the span of a request, with the attributes that samplers look at. */
    static RequestSpan begin(Tracer tracer, Context parent, Request request, @Nullable String route, Instant start) {
        Method method = request.method();
        boolean known = KNOWN.contains(method);
        SpanBuilder builder = builder(tracer, name(method, route), parent, start)
                .setAttribute(REQUEST_METHOD, known ? method.toString() : OTHER)
                .setAttribute(PATH, request.path())
                .setAttribute(SCHEME, request.scheme())
                .setAttribute(VERSION, version(request.version()));
        if (!known) {
            builder.setAttribute(ORIGINAL_METHOD, method.toString());
        }
        if (route != null) {
            builder.setAttribute(ROUTE, route);
        }
        setServer(builder, request);
        return new RequestSpan(parent, builder.startSpan(), start);
    }

    /** Begins the span of a request that the server could not parse. */
    static RequestSpan beginUnknown(Tracer tracer, Instant start) {
        Context parent = Context.root();
        SpanBuilder builder = builder(tracer, "HTTP", parent, start).setAttribute(REQUEST_METHOD, OTHER);
        return new RequestSpan(parent, builder.startSpan(), start);
    }

    private static SpanBuilder builder(Tracer tracer, String name, Context parent, Instant start) {
        return tracer.spanBuilder(name)
                .setParent(parent)
                .setSpanKind(SpanKind.SERVER)
                .setStartTimestamp(start);
    }

    private static String name(Method method, @Nullable String route) {
        String verb = KNOWN.contains(method) ? method.toString() : "HTTP";
        return route == null ? verb : verb + " " + route;
    }

    private static String version(HttpVersion version) {
        return version == HttpVersion.HTTP_2 ? "2" : version.toString().substring("HTTP/".length());
    }

    /** What the client calls the server; the address of the socket if it says nothing. */
    private static void setServer(SpanBuilder builder, Request request) {
        String authority = request.authority();
        int colon = authority.lastIndexOf(':');
        boolean hasPort = colon > authority.lastIndexOf(']');
        String host = hasPort ? authority.substring(0, colon) : authority;
        if (!host.isEmpty()) {
            builder.setAttribute(SERVER_ADDRESS, host);
            int port = hasPort ? port(authority.substring(colon + 1)) : -1;
            if (port >= 0) {
                builder.setAttribute(SERVER_PORT, (long) port);
            }
        } else if (request.localAddress() instanceof InetSocketAddress local) {
            builder.setAttribute(SERVER_ADDRESS, local.getAddress().getHostAddress());
            builder.setAttribute(SERVER_PORT, (long) local.getPort());
        }
    }

    private static int port(String text) {
        return text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : -1;
    }

    /** Names the route, if it was not known when the span began. */
    void route(Method method, @Nullable String route) {
        if (route != null) {
            span.updateName(name(method, route));
            span.setAttribute(ROUTE, route);
        }
    }

    /** Records why the handler failed. */
    void failed(Throwable why) {
        failure = why;
        span.recordException(why);
    }

    /** Ends the span as the exchange has ended. */
    void end(FinishedExchange exchange) {
        int status = exchange.status();
        if (status != 0) {
            span.setAttribute(STATUS, (long) status);
        }
        String error = error(exchange);
        if (error != null) {
            span.setAttribute(ERROR_TYPE, error);
            span.setStatus(StatusCode.ERROR);
        }
        span.end(start.plusNanos(exchange.totalNanos()));
    }

    private @Nullable String error(FinishedExchange exchange) {
        Throwable why = failure;
        return switch (exchange.outcome()) {
            case ANSWERED, REFUSED, UPGRADED -> {
                if (exchange.status() < 500) {
                    yield null;
                }
                yield why == null
                        ? Integer.toString(exchange.status())
                        : why.getClass().getName();
            }
            case CUT, UNANSWERED -> exchange.outcome().name().toLowerCase(Locale.ROOT);
        };
    }
}
