package org.httpkit.examples;

import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.httpkit.server.FinishedExchange;
import org.httpkit.server.FinishedExchange.Outcome;
import org.httpkit.server.Request;
import org.httpkit.server.ServerObserver;

/** An observer that counts in histograms how long requests take. Safe from any thread. */
final class Latencies implements ServerObserver {
    private static final long LONGEST_MICROS = TimeUnit.HOURS.toMicros(1);
    private static final int EXACT_DIGITS = 2;

    /**
     * What was counted between two readings, in microseconds.
     *
     * @param total from the head of the request to the last byte of the response
     * @param queue the part of it in which the request waited for a thread
     * @param handler the part of the handler
     * @param write the part in which the response left
     */
    record Taken(Histogram total, Histogram queue, Histogram handler, Histogram write) {}

    private final Recorder total = recorder();
    private final Recorder queue = recorder();
    private final Recorder handler = recorder();
    private final Recorder write = recorder();
    private final Set<String> slowByDesign;

    /** @param slowByDesign paths whose requests wait for an event, and would drown the others */
    Latencies(Set<String> slowByDesign) {
        this.slowByDesign = slowByDesign;
    }

    @Override
    public void exchangeFinished(FinishedExchange exchange) {
        Request request = exchange.request();
        if (request != null && exchange.outcome() == Outcome.ANSWERED && !slowByDesign.contains(request.path())) {
            record(total, exchange.totalNanos());
            record(queue, exchange.queueNanos());
            record(handler, exchange.handlerNanos());
            record(write, exchange.writeNanos());
        }
    }

    /** What was counted since this was last called. */
    Taken take() {
        return new Taken(
                total.getIntervalHistogram(),
                queue.getIntervalHistogram(),
                handler.getIntervalHistogram(),
                write.getIntervalHistogram());
    }

    private static Recorder recorder() {
        return new Recorder(LONGEST_MICROS, EXACT_DIGITS);
    }

    private static void record(Recorder recorder, long nanos) {
        recorder.recordValue(Math.min(TimeUnit.NANOSECONDS.toMicros(nanos), LONGEST_MICROS));
    }
}
