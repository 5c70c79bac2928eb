package org.httpkit.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.httpkit.server.CloseReason;
import org.httpkit.server.HttpServer;
import org.httpkit.server.ServerStats;
import org.jspecify.annotations.Nullable;

/**
 * Binds a server's counts to a registry. Safe from any thread; does work only when the registry is read.
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><th>Name</th><th>Kind</th><th>What</th></tr>
 * <tr><td>{@code http.server.active_requests}</td><td>gauge</td><td>requests that have arrived and are not answered in full</td></tr>
 * <tr><td>{@code httpkit.server.connections}</td><td>gauge</td><td>open connections</td></tr>
 * <tr><td>{@code httpkit.server.websockets}</td><td>gauge</td><td>open WebSockets</td></tr>
 * <tr><td>{@code httpkit.server.worker.queued}</td><td>gauge</td><td>tasks that wait for a thread of the worker, or NaN
 * if unknown</td></tr>
 * <tr><td>{@code httpkit.server.output.queued}</td><td>gauge, bytes</td><td>output that waits for clients</td></tr>
 * <tr><td>{@code httpkit.server.input.held}</td><td>gauge, bytes</td><td>held parts of requests and messages that
 * cannot be used yet</td></tr>
 * <tr><td>{@code httpkit.server.connections.accepted}</td><td>counter</td><td></td></tr>
 * <tr><td>{@code httpkit.server.connections.closed}</td><td>counter</td><td>by {@code cause}, a {@link CloseReason.Cause} in lower
 * case</td></tr>
 * <tr><td>{@code httpkit.server.accept.failures}</td><td>counter</td><td>mostly for lack of file descriptors</td></tr>
 * <tr><td>{@code httpkit.server.tls.handshakes}</td><td>counter</td><td>by {@code outcome}: full, resumed, failed</td></tr>
 * <tr><td>{@code httpkit.server.streams}</td><td>gauge</td><td>open streams of HTTP/2</td></tr>
 * <tr><td>{@code httpkit.server.streams.opened}</td><td>counter</td><td></td></tr>
 * <tr><td>{@code httpkit.server.streams.reset}</td><td>counter</td><td>{@code by}: client, server</td></tr>
 * <tr><td>{@code httpkit.server.streams.held.back}</td><td>counter</td><td>answers, or parts of them, that found no
 * room in a client's window</td></tr>
 * <tr><td>{@code httpkit.server.network.io}</td><td>counter, bytes</td><td>by {@code network.io.direction}: receive, transmit</td></tr>
 * </table>
 *
 * <p>The first name comes from OpenTelemetry's semantic conventions for HTTP, which have no others for a server's
 * connections. It has no tags: the server does not count running requests by method.
 *
 * <p>The registry holds the server for as long as it has the meters.
 */
public final class ServerMetrics implements MeterBinder {
    private final HttpServer server;
    private final List<Tag> tags;

    /** Measures this server. */
    public ServerMetrics(HttpServer server) {
        this(server, List.of());
    }

    /** Measures this server, with tags that distinguish it from others of the same process. */
    public ServerMetrics(HttpServer server, List<Tag> tags) {
        this.server = server;
        this.tags = List.copyOf(tags);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        gauge(registry, "http.server.active_requests", "Requests that run", null, ServerStats::exchangesRunning);
        gauge(registry, "httpkit.server.connections", "Open connections", null, ServerStats::connectionsOpen);
        gauge(registry, "httpkit.server.websockets", "Open WebSockets", null, ServerStats::webSocketsOpen);
        gauge(
                registry,
                "httpkit.server.worker.queued",
                "Tasks that wait for a thread of the worker",
                null,
                stats -> stats.workerQueued() < 0 ? Double.NaN : stats.workerQueued());
        gauge(
                registry,
                "httpkit.server.output.queued",
                "What waits for clients",
                BaseUnits.BYTES,
                ServerStats::queuedBytes);
        gauge(
                registry,
                "httpkit.server.input.held",
                "What is held of requests and messages that cannot be used yet",
                BaseUnits.BYTES,
                ServerStats::heldBytes);
        counter(
                registry,
                "httpkit.server.connections.accepted",
                "Accepted connections",
                null,
                List.of(),
                ServerStats::connectionsAccepted);
        counter(
                registry,
                "httpkit.server.accept.failures",
                "Attempts to accept that failed",
                null,
                List.of(),
                ServerStats::acceptFailures);
        for (CloseReason.Cause cause : CloseReason.Cause.values()) {
            counter(
                    registry,
                    "httpkit.server.connections.closed",
                    "Closed connections",
                    null,
                    List.of(Tag.of("cause", cause.name().toLowerCase(Locale.ROOT))),
                    stats -> stats.closes().getOrDefault(cause, 0L));
        }
        handshakes(registry, "full", ServerStats::handshakesFull);
        handshakes(registry, "resumed", ServerStats::handshakesResumed);
        handshakes(registry, "failed", ServerStats::handshakesFailed);
        streams(registry);
        bytes(registry, "receive", ServerStats::bytesRead);
        bytes(registry, "transmit", ServerStats::bytesWritten);
    }

    private void streams(MeterRegistry registry) {
        gauge(registry, "httpkit.server.streams", "Open streams of HTTP/2", null, ServerStats::streamsOpen);
        counter(
                registry,
                "httpkit.server.streams.opened",
                "Streams of HTTP/2 that clients have opened",
                null,
                List.of(),
                ServerStats::streamsOpened);
        resets(registry, "client", ServerStats::streamsResetByClients);
        resets(registry, "server", ServerStats::streamsResetByServer);
        counter(
                registry,
                "httpkit.server.streams.held.back",
                "Answers that had to wait for a window of HTTP/2",
                null,
                List.of(),
                ServerStats::streamsHeldBack);
    }

    private void resets(MeterRegistry registry, String by, ToDoubleFunction<ServerStats> figure) {
        counter(
                registry,
                "httpkit.server.streams.reset",
                "Streams of HTTP/2 that were reset",
                null,
                List.of(Tag.of("by", by)),
                figure);
    }

    private void handshakes(MeterRegistry registry, String outcome, ToDoubleFunction<ServerStats> figure) {
        counter(
                registry,
                "httpkit.server.tls.handshakes",
                "TLS handshakes",
                null,
                List.of(Tag.of("outcome", outcome)),
                figure);
    }

    private void bytes(MeterRegistry registry, String direction, ToDoubleFunction<ServerStats> figure) {
        counter(
                registry,
                "httpkit.server.network.io",
                "Bytes over all sockets",
                BaseUnits.BYTES,
                List.of(Tag.of("network.io.direction", direction)),
                figure);
    }

    private void gauge(
            MeterRegistry registry,
            String name,
            String what,
            @Nullable String unit,
            ToDoubleFunction<ServerStats> figure) {
        Gauge.builder(name, server, reading(figure))
                .description(what)
                .baseUnit(unit)
                .tags(tags)
                .register(registry);
    }

    private void counter(
            MeterRegistry registry,
            String name,
            String what,
            @Nullable String unit,
            List<Tag> own,
            ToDoubleFunction<ServerStats> figure) {
        FunctionCounter.builder(name, server, reading(figure))
                .description(what)
                .baseUnit(unit)
                .tags(tags)
                .tags(own)
                .register(registry);
    }

    /** Reads a figure. Micrometer itself has only a weak reference to the server: it is this function that keeps it. */
    private ToDoubleFunction<HttpServer> reading(ToDoubleFunction<ServerStats> figure) {
        return same -> figure.applyAsDouble(server.stats());
    }
}
