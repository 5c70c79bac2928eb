package org.httpkit.examples;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.httpkit.server.CloseReason;
import org.httpkit.server.ServerStats;

/**
 * The figures of servers, added up, between two readings, as JSON. Immutable.
 *
 * @param json connections and exchanges at the end of that time, events per second, latencies in milliseconds
 * @param closes connections closed since the start, by cause
 */
record Figures(String json, String closes) {

    /** @param before may have fewer servers than now; a server that is new counts from its start */
    static Figures between(
            List<ServerStats> before, List<ServerStats> now, double seconds, Latencies.Taken latencies, Instant at) {
        ToDoubleFunction<ToLongFunction<ServerStats>> rate =
                figure -> (sum(now, figure) - sum(before, figure)) / seconds;
        String json = String.format(
                Locale.ROOT,
                "{\"at\":%d,\"connections\":%d,\"running\":%d,\"requests\":%.1f,\"responses\":[%.1f,%.1f,%.1f,%.1f],"
                        + "\"read\":%.0f,\"written\":%.0f,\"latency\":%s,\"parts\":%s}",
                at.toEpochMilli(),
                sum(now, ServerStats::connectionsOpen),
                sum(now, ServerStats::exchangesRunning),
                rate.applyAsDouble(ServerStats::requests),
                rate.applyAsDouble(ServerStats::responses2xx),
                rate.applyAsDouble(ServerStats::responses3xx),
                rate.applyAsDouble(ServerStats::responses4xx),
                rate.applyAsDouble(ServerStats::responses5xx),
                rate.applyAsDouble(ServerStats::bytesRead),
                rate.applyAsDouble(ServerStats::bytesWritten),
                latency(latencies.total()),
                parts(latencies));
        String closes = Stream.of(CloseReason.Cause.values())
                .map(cause ->
                        "\"" + cause + "\":" + sum(now, stats -> stats.closes().getOrDefault(cause, 0L)))
                .collect(Collectors.joining(",", "{", "}"));
        return new Figures(json, closes);
    }

    private static long sum(List<ServerStats> servers, ToLongFunction<ServerStats> figure) {
        return servers.stream().mapToLong(figure).sum();
    }

    /** Null for an empty histogram: no request has waited, which is not a wait of zero. */
    private static String latency(Histogram micros) {
        return micros.getTotalCount() == 0
                ? "null"
                : String.format(
                        Locale.ROOT,
                        "[%.3f,%.3f,%.3f,%.3f]",
                        micros.getValueAtPercentile(50) / 1000.0,
                        micros.getValueAtPercentile(90) / 1000.0,
                        micros.getValueAtPercentile(99) / 1000.0,
                        micros.getMaxValue() / 1000.0);
    }

    /** The means of the parts, because these add up to the mean of the whole. Percentiles do not. */
    private static String parts(Latencies.Taken latencies) {
        return latencies.total().getTotalCount() == 0
                ? "null"
                : String.format(
                        Locale.ROOT,
                        "[%.3f,%.3f,%.3f]",
                        latencies.queue().getMean() / 1000,
                        latencies.handler().getMean() / 1000,
                        latencies.write().getMean() / 1000);
    }
}
