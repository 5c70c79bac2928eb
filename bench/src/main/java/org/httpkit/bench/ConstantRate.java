package org.httpkit.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;

/**
 * Sends GET requests at a constant rate, whatever the server does, and measures each from the moment when it was due. A server
 * that stalls also delays the requests behind, and they count. Prints how many got an answer in what time, and percentiles in
 * milliseconds. Requests that were due and got no answer count with the time until the end. The latency of the first second does
 * not count: in it the generator itself is compiled.
 *
 * <pre>java -cp ... org.httpkit.bench.ConstantRate PORT PATH CONNECTIONS SECONDS RATE [mixed]</pre>
 *
 * <p>With {@code mixed} other traffic goes on beside, all of it from the same thread: for each hundred requests one whose
 * handler sleeps for 10 ms, answers of 1 MiB, uploads of 256 KiB that come back, and broadcasts to 100 WebSockets. The latency
 * is that of the small requests alone.
 */
public final class ConstantRate {
    private static final long RUN_IN_NANOS = 1_000_000_000L;

    private ConstantRate() {}

    public static void main(String[] arguments) throws IOException {
        int port = Integer.parseInt(arguments[0]);
        int connections = Integer.parseInt(arguments[2]);
        double seconds = Double.parseDouble(arguments[3]);
        double rate = Double.parseDouble(arguments[4]);
        try (Selector selector = Selector.open()) {
            PacedRequests small = new PacedRequests(
                    "small requests", selector, port, PacedRequests.get(arguments[1]), rate, connections);
            List<Traffic> beside = arguments.length > 5 ? beside(selector, port, rate) : List.of();
            run(selector, small, beside, (long) (seconds * 1e9));
        }
    }

    private static List<Traffic> beside(Selector selector, int port, double rate) throws IOException {
        return List.of(
                new PacedRequests("slow handlers", selector, port, PacedRequests.get("/sleep/10"), rate / 100, 16),
                new PacedRequests("large answers", selector, port, PacedRequests.get("/bytes/1048576"), 20, 4),
                new PacedRequests("uploads", selector, port, PacedRequests.post("/echo", 256 << 10), 20, 4),
                new PacedBroadcasts(selector, port, "/bcast", 10, 100));
    }

    private static void run(Selector selector, PacedRequests small, List<Traffic> beside, long nanos)
            throws IOException {
        List<Traffic> all = new ArrayList<>(beside);
        all.add(small);
        long start = System.nanoTime();
        long end = start + RUN_IN_NANOS + nanos;
        all.forEach(each -> each.begin(start));
        small.recordFrom(start + RUN_IN_NANOS);
        long now = start;
        while (now < end) {
            for (Traffic each : all) {
                each.sendDue(now);
            }
            selector.selectNow(ConstantRate::ready); // without waiting, which would add the time of a wake-up
            now = System.nanoTime();
        }
        Histogram latencyNanos = small.end(now);
        System.out.printf(
                Locale.ROOT,
                "%d requests in %.3fs; ms: p50 %.3f, p99 %.3f, p99.9 %.3f, most %.3f%s%n",
                small.answers(),
                (now - start) / 1e9,
                latencyNanos.getValueAtPercentile(50) / 1e6,
                latencyNanos.getValueAtPercentile(99) / 1e6,
                latencyNanos.getValueAtPercentile(99.9) / 1e6,
                latencyNanos.getMaxValue() / 1e6,
                beside.stream()
                        .map(Traffic::outcome)
                        .collect(Collectors.joining(", ", beside.isEmpty() ? "" : "; ", "")));
    }

    private static void ready(SelectionKey key) {
        try {
            ((Traffic.Client) key.attachment()).ready(key);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
