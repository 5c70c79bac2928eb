package org.httpkit.examples;

import java.time.Instant;
import java.util.Locale;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;
import org.httpkit.server.ServerStats;

/**
 * A server's figures in the time between two looks at it, as JSON. Immutable.
 *
 * @param json connections and exchanges at the end of it; what happened in it, by the second; latencies in milliseconds
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

    /** Of an empty histogram null: nobody has waited, which is not the same as zero. */
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

    /** Their means, since these add up to that of the whole, which percentiles do not. */
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
