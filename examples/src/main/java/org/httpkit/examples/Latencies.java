package org.httpkit.examples;

import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.httpkit.server.Request;
import org.httpkit.server.ServerObserver;
import org.jspecify.annotations.Nullable;

/** How long requests wait for their answers, by an observer that counts them in a histogram. Safe from any thread. */
final class Latencies implements ServerObserver {
    private static final long LONGEST_MICROS = TimeUnit.HOURS.toMicros(1);
    private static final int EXACT_DIGITS = 2;

    private final Recorder recorder = new Recorder(LONGEST_MICROS, EXACT_DIGITS);
    private final Set<String> slowByDesign;

    /** @param slowByDesign paths that wait for something to happen, and would drown the others */
    Latencies(Set<String> slowByDesign) {
        this.slowByDesign = slowByDesign;
    }

    @Override
    public void responded(@Nullable Request request, int status) {
        if (request != null && !request.isWebSocketUpgrade() && !slowByDesign.contains(request.path())) {
            long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - request.receivedNanos());
            recorder.recordValue(Math.max(0, Math.min(micros, LONGEST_MICROS)));
        }
    }

    /** In microseconds, since this was last called. */
    Histogram take() {
        return recorder.getIntervalHistogram();
    }
}
