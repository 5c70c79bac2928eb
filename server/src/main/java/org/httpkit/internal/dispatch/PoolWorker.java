package org.httpkit.internal.dispatch;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One thread of a {@link GrowingPool}, which runs one task after another. Confined to that thread except where noted.
 */
abstract class PoolWorker implements Runnable {
    private @Nullable Runnable first;
    /**
     * Written under the pool's lock: by the thread that hands over a task while this worker is idle or rests, then by
     * the worker that takes it. Read by any thread.
     */
    volatile @Nullable Runnable handed;

    PoolWorker(Runnable first) {
        this.first = first;
    }

    /** Returns the next task; null if this thread must end. */
    abstract @Nullable Runnable next();

    /** Whether there is nothing more to wait for. */
    abstract boolean isOver();

    @Override
    public final void run() {
        Runnable task = first;
        first = null;
        while (task != null) {
            perform(task);
            Thread.interrupted(); // meant for the task that ended; after shutdownNow there is no further task
            task = next();
        }
    }

    private static void perform(Runnable task) {
        try {
            task.run();
        } catch (Throwable thrown) {
            Tasks.reportUncaught(thrown);
        }
    }

    /** Sleeps until a task is handed over, or for this time. */
    final void parkWhileIdle(long nanos) {
        long end = System.nanoTime() + nanos;
        for (long left = nanos; left > 0 && handed == null && !isOver(); left = end - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
            if (handed == null) {
                Thread.interrupted(); // an interrupt while idle would make every later park return at once
            }
        }
    }
}
