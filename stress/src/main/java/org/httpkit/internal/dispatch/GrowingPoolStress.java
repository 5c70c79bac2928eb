package org.httpkit.internal.dispatch;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The worker's hand-over: an accepted task runs once, even if its thread or the pool is about to end. */
final class GrowingPoolStress {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private GrowingPoolStress() {}

    private static GrowingPool pool(int threads, long keepAliveNanos) {
        return new GrowingPool(
                0, threads, new ArrayBlockingQueue<>(1000), "stress-", keepAliveNanos, GrowingPool.MOST_WAITING);
    }

    /** Counts how often it ran. */
    private static final class Task implements Runnable {
        private final AtomicInteger runs = new AtomicInteger();

        @Override
        public void run() {
            runs.incrementAndGet();
        }

        int await() {
            long begun = System.nanoTime();
            while (runs.get() == 0 && System.nanoTime() - begun < PATIENCE_NANOS) {
                Thread.yield();
            }
            return runs.get();
        }
    }

    /** A pool whose threads end as soon as they are idle, so that each task meets one on its way out. */
    private static final class Impatient {
        static final GrowingPool POOL = pool(2, 1);
    }

    /** A pool of one thread, which stays. Tasks go to it directly, or wait in the queue. */
    private static final class Patient {
        static final GrowingPool POOL = pool(1, Long.MAX_VALUE / 4);
    }

    @JCStressTest
    @Description("Two threads give tasks to a pool whose threads end at once when idle.")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Both run, once")
    @Outcome(expect = FORBIDDEN, desc = "Lost or doubled")
    @State
    public static class ThreadsEnd {
        @Actor
        public void one(II_Result result) {
            Task task = new Task();
            Impatient.POOL.execute(task);
            result.r1 = task.await();
        }

        @Actor
        public void another(II_Result result) {
            Task task = new Task();
            Impatient.POOL.execute(task);
            result.r2 = task.await();
        }
    }

    @JCStressTest
    @Description("Two threads give tasks to a pool of one thread, which becomes idle between them.")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Both run, once")
    @Outcome(expect = FORBIDDEN, desc = "Lost or doubled")
    @State
    public static class OneThread {
        @Actor
        public void one(II_Result result) {
            Task task = new Task();
            Patient.POOL.execute(task);
            result.r1 = task.await();
        }

        @Actor
        public void another(II_Result result) {
            Task task = new Task();
            Patient.POOL.execute(task);
            result.r2 = task.await();
        }
    }

    @JCStressTest
    @Description("A task is given while the pool is shut down.")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Taken and run")
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "Refused and not run")
    @Outcome(expect = FORBIDDEN, desc = "Taken and lost, or refused and run")
    @State
    public static class Shutdown {
        private final GrowingPool pool = pool(1, Long.MAX_VALUE / 4);
        private final Task task = new Task();
        private volatile boolean taken;

        @Actor
        public void giver() {
            try {
                pool.execute(task);
                taken = true;
            } catch (RejectedExecutionException e) {
                // The pool was shut down first.
            }
        }

        @Actor
        public void stopper() {
            pool.shutdown();
        }

        @Arbiter
        public void arbiter(II_Result result) {
            long begun = System.nanoTime();
            while (!pool.isTerminated() && System.nanoTime() - begun < PATIENCE_NANOS) {
                Thread.yield();
            }
            result.r1 = taken ? 1 : 0;
            result.r2 = pool.isTerminated() ? task.runs.get() : -1;
        }
    }
}
