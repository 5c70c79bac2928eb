package org.httpkit.internal;

import java.util.concurrent.locks.LockSupport;
import org.httpkit.internal.context.Counters;
import org.httpkit.server.DrainReport;

/** What a stop has drained and cut, counted at the moment from which on it cuts. Confined to the thread that stops. */
final class DrainCount {
    /** How long to wait for threads that have sent an answer, but not counted it yet. */
    private static final long COUNTING_NANOS = 20_000_000;

    private static final long LOOK_NANOS = 1_000_000;

    private final Counters counters;
    private final long drained;
    /** Exchanges whose connections are to be closed. */
    private final long running;

    /** @param cuts whether connections are still open */
    DrainCount(Counters counters, boolean cuts) {
        this.counters = counters;
        if (!cuts) {
            letAnswersBeCounted();
        }
        running = cuts ? counters.exchangesRunning() : 0; // what still runs then has lost its client before
        drained = counters.exchangesDrained(); // before the exchanges that are cut end, too
    }

    /** A thread counts its answer when it has sent it: by then the client may have closed the last connection. */
    private void letAnswersBeCounted() {
        long until = System.nanoTime() + COUNTING_NANOS;
        while (counters.exchangesRunning() > 0 && System.nanoTime() - until < 0) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /** The report, when the connections are closed. */
    DrainReport report() {
        return new DrainReport(drained, running + counters.answersCut());
    }
}
