package org.httpkit.web;

import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.httpkit.server.DrainReport;
import org.httpkit.server.FinishedExchange;
import org.httpkit.server.LogSink;
import org.httpkit.server.Request;
import org.httpkit.server.ServerObserver;
import org.jspecify.annotations.Nullable;

/**
 * An observer that writes a line of JSON for each request when it is over. Safe from any thread.
 *
 * <pre>{"time":"2026-11-25T13:55:36.123Z","remote":"192.0.2.7","method":"GET","target":"/users/7","route":"/users/{id}","version":"HTTP/1.1",
 * "status":200,"outcome":"ANSWERED","requestBytes":0,"responseBytes":2326,"millis":1.250,"referer":null,"userAgent":"curl/8.5.0"}</pre>
 *
 * <p>It is a single line, with these members in this order; unknown values are null. {@code status} is 0 if the
 * connection ended before a response began. What clients write is escaped.
 */
public final class JsonLog implements ServerObserver {
    private final Consumer<String> sink;
    private final Function<Request, @Nullable String> route;

    private JsonLog(Consumer<String> sink, Function<Request, @Nullable String> route) {
        this.sink = Objects.requireNonNull(sink, "sink");
        this.route = Objects.requireNonNull(route, "route");
    }

    /**
     * Writes lines to a sink.
     *
     * @param sink takes each line, without a line end. Event loops call it, so it must not block; a {@link LogSink}
     *     does not
     */
    public static JsonLog to(Consumer<String> sink) {
        return new JsonLog(sink, request -> null);
    }

    /** Adds the route of a request: {@code JsonLog.to(file.sink()).routes(routes::template)}. */
    public JsonLog routes(Function<Request, @Nullable String> route) {
        return new JsonLog(sink, route);
    }

    /** Closes a {@link LogSink}, so that all lines are written when the server has stopped. */
    @Override
    public void drainEnded(DrainReport report) {
        if (sink instanceof LogSink closeable) {
            closeable.close();
        }
    }

    @Override
    public void exchangeFinished(FinishedExchange exchange) {
        sink.accept(line(exchange));
    }

    /** The line of an exchange, without a line end. */
    public String line(FinishedExchange exchange) {
        Request request = exchange.request();
        String remote = exchange.remoteAddress() instanceof InetSocketAddress inet && inet.getAddress() != null
                ? inet.getAddress().getHostAddress()
                : null;
        StringBuilder line = new StringBuilder(256);
        text(line.append("{\"time\":"), exchange.received().toString());
        text(line.append(",\"remote\":"), remote);
        text(
                line.append(",\"method\":"),
                request == null ? null : request.method().name());
        text(line.append(",\"target\":"), request == null ? null : request.target());
        text(line.append(",\"route\":"), request == null ? null : route.apply(request));
        text(
                line.append(",\"version\":"),
                request == null ? null : request.version().toString());
        line.append(",\"status\":").append(exchange.status());
        text(line.append(",\"outcome\":"), exchange.outcome().name());
        line.append(",\"requestBytes\":").append(exchange.requestBodyBytes());
        line.append(",\"responseBytes\":").append(exchange.responseBodyBytes());
        long micros = exchange.totalNanos() / 1000;
        String fraction = Long.toString(1000 + micros % 1000).substring(1);
        line.append(",\"millis\":").append(micros / 1000).append('.').append(fraction);
        text(line.append(",\"referer\":"), request == null ? null : request.header("Referer"));
        text(line.append(",\"userAgent\":"), request == null ? null : request.header("User-Agent"));
        return line.append('}').toString();
    }

    private static void text(StringBuilder line, @Nullable String text) {
        if (text == null) {
            line.append("null");
            return;
        }
        line.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                line.append('\\').append(c);
            } else if (c >= ' ' && c < 0x7F) {
                line.append(c);
            } else {
                line.append("\\u").append(HexFormat.of().toHexDigits(c));
            }
        }
        line.append('"');
    }
}
