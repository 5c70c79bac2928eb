package org.httpkit.internal.dispatch;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * The way of a task to a virtual thread. The task gets a thread even if another one is about to end or cannot start, and the count of
 * unfinished tasks returns to zero even if a task throws. On JDKs without virtual threads, platform threads stand in.
 */
final class VirtualPoolStress {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private VirtualPoolStress() {}

    /** Virtual threads where there are any. */
    private static ExecutorService pool() {
        return VirtualThreads.isSupported() ? VirtualThreads.newPool("stress") : failing(0);
    }

    /** Threads of the platform, the first of which cannot be started. */
    private static ExecutorService failing(int times) {
        AtomicInteger left = new AtomicInteger(times);
        return new VirtualPool(task -> {
            if (left.getAndDecrement() > 0) {
                throw new Thrown();
            }
            Thread thread = new Thread(task, "stress");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Thrown often; its stack is of no interest. */
    private static final class Thrown extends RuntimeException {
        private static final long serialVersionUID = 1;

        Thrown() {
            super(null, null, false, false);
        }
    }

    private static boolean isReached(BooleanSupplier goal) {
        long begun = System.nanoTime();
        while (!goal.getAsBoolean() && System.nanoTime() - begun < PATIENCE_NANOS) {
            Thread.yield();
        }
        return goal.getAsBoolean();
    }

    /** How many tasks a pool took, and how many of them ran. */
    private static final class Tasks {
        final AtomicInteger taken = new AtomicInteger();
        final AtomicInteger runs = new AtomicInteger();

        void give(ExecutorService pool, Runnable task) {
            try {
                pool.execute(task);
                taken.incrementAndGet();
            } catch (RejectedExecutionException e) {
                // It must not run.
            }
        }

        /** Counts a task that runs after the pool has ended as one too many. */
        void run(ExecutorService pool) {
            runs.addAndGet(pool.isTerminated() ? 100 : 1);
        }

        void fail(ExecutorService pool) {
            run(pool);
            Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> {});
            throw new Thrown();
        }

        /** Both counts, once all accepted tasks have run, or the pool has ended after a shutdown. */
        void report(ExecutorService pool, II_Result result) {
            boolean done = isReached(() -> runs.get() >= taken.get() && (!pool.isShutdown() || pool.isTerminated()));
            result.r1 = taken.get();
            result.r2 = done ? runs.get() : -1;
        }
    }

    @JCStressTest
    @Description("Two threads give tasks to a pool whose threads end as soon as nothing waits.")
    @Outcome(id = "2, 2", expect = ACCEPTABLE, desc = "Both run, once")
    @Outcome(expect = FORBIDDEN, desc = "Lost, doubled or refused")
    @State
    public static class ThreadsEnd {
        private final ExecutorService pool = pool();
        private final Tasks tasks = new Tasks();

        @Actor
        public void one() {
            tasks.give(pool, () -> tasks.run(pool));
        }

        @Actor
        public void another() {
            tasks.give(pool, () -> tasks.run(pool));
        }

        @Arbiter
        public void arbiter(II_Result result) {
            tasks.report(pool, result);
        }
    }

    @JCStressTest
    @Description("A task is given while the pool is shut down.")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Taken and run")
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "Refused and not run")
    @Outcome(expect = FORBIDDEN, desc = "Taken and lost, refused and run, or a pool that does not end")
    @State
    public static class Shutdown {
        private final ExecutorService pool = pool();
        private final Tasks tasks = new Tasks();

        @Actor
        public void giver() {
            tasks.give(pool, () -> tasks.run(pool));
        }

        @Actor
        public void stopper() {
            pool.shutdown();
        }

        @Arbiter
        public void arbiter(II_Result result) {
            tasks.report(pool, result);
        }
    }

    @JCStressTest
    @Description("Two tasks, one of which throws, are given while the pool is shut down.")
    @Outcome(id = "2, 2", expect = ACCEPTABLE, desc = "Both taken and run")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The second refused")
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "Both refused")
    @Outcome(expect = FORBIDDEN, desc = "The count of unfinished tasks is wrong")
    @State
    public static class OneThrows {
        private final ExecutorService pool = pool();
        private final Tasks tasks = new Tasks();

        @Actor
        public void giver() {
            tasks.give(pool, () -> tasks.fail(pool));
            tasks.give(pool, () -> tasks.run(pool));
        }

        @Actor
        public void stopper() {
            pool.shutdown();
        }

        @Arbiter
        public void arbiter(II_Result result) {
            tasks.report(pool, result);
        }
    }

    @JCStressTest
    @Description("Two threads give tasks to a pool whose first thread cannot be started.")
    @Outcome(
            id = "1, 1",
            expect = ACCEPTABLE,
            desc = "The submitter that met the failure is refused, the other task runs")
    @Outcome(id = "2, 2", expect = ACCEPTABLE, desc = "The other's thread has run both")
    @Outcome(expect = FORBIDDEN, desc = "Taken and lost, or refused and run")
    @State
    public static class NoThread {
        private final ExecutorService pool = VirtualPoolStress.failing(1);
        private final Tasks tasks = new Tasks();

        @Actor
        public void one() {
            tasks.give(pool, () -> tasks.run(pool));
        }

        @Actor
        public void another() {
            tasks.give(pool, () -> tasks.run(pool));
        }

        @Arbiter
        public void arbiter(II_Result result) {
            tasks.report(pool, result);
        }
    }
}
