package org.httpkit.examples;

import java.time.Instant;
import java.util.Locale;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;
import org.httpkit.server.ServerStats;

/**
 * A server's figures between two readings, as JSON. Immutable.
 *
 * @param json connections and exchanges at the end of that time, events per second, latencies in milliseconds
 * @param closes connections closed since the start, by cause
 */
record Figures(String json, String closes) {

    static Figures between(ServerStats before, ServerStats now, double seconds, Latencies.Taken latencies, Instant at) {
        String json = String.format(
                Locale.ROOT,
                "{\"at\":%d,\"connections\":%d,\"running\":%d,\"requests\":%.1f,\"responses\":[%.1f,%.1f,%.1f,%.1f],"
                        + "\"read\":%.0f,\"written\":%.0f,\"latency\":%s,\"parts\":%s}",
                at.toEpochMilli(),
                now.connectionsOpen(),
                now.exchangesRunning(),
                (now.requests() - before.requests()) / seconds,
                (now.responses2xx() - before.responses2xx()) / seconds,
                (now.responses3xx() - before.responses3xx()) / seconds,
                (now.responses4xx() - before.responses4xx()) / seconds,
                (now.responses5xx() - before.responses5xx()) / seconds,
                (now.bytesRead() - before.bytesRead()) / seconds,
                (now.bytesWritten() - before.bytesWritten()) / seconds,
                latency(latencies.total()),
                parts(latencies));
        String closes = now.closes().entrySet().stream()
                .map(each -> "\"" + each.getKey() + "\":" + each.getValue())
                .collect(Collectors.joining(",", "{", "}"));
        return new Figures(json, closes);
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
