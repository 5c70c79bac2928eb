package org.httpkit.ring;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RejectedExecutionHandler;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.httpkit.PrefixThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * A {@link ThreadPoolExecutor} that grows to its maximum before a task has to wait; a plain one grows when its queue is
 * full. Safe from any thread.
 *
 * <p>Its queue refuses a task while no thread is idle and the pool may grow. The executor then makes a thread, or calls
 * its handler for rejected tasks, which gives the task to the queue after all.
 */
public final class EagerPool extends ThreadPoolExecutor {
    private static final long KEEP_ALIVE_SECONDS = 60;

    /** A queue that may refuse a task although it has room. */
    private interface Picky {

        /** Makes the queue ask this pool, which is made with it. */
        void serve(EagerPool pool);

        /** Takes the task if there is room. */
        boolean force(Runnable task);
    }

    /** Tasks that have been given and are not done. */
    private final AtomicInteger tasks = new AtomicInteger();

    private EagerPool(int minThreads, int maxThreads, BlockingQueue<Runnable> queue, String prefix) {
        super(
                minThreads,
                maxThreads,
                KEEP_ALIVE_SECONDS,
                TimeUnit.SECONDS,
                queue,
                new PrefixThreadFactory(prefix),
                new ToQueue());
        ((Picky) queue).serve(this);
    }

    /**
     * Makes a pool.
     *
     * @param linked whether the queue has a node for each task, rather than one array
     * @param queueSize tasks that may wait; more are rejected
     */
    public static EagerPool of(int minThreads, int maxThreads, boolean linked, int queueSize, String prefix) {
        BlockingQueue<Runnable> queue = linked ? new Linked(queueSize) : new Array(queueSize);
        return new EagerPool(minThreads, maxThreads, queue, prefix);
    }

    @Override
    public void execute(Runnable task) {
        tasks.incrementAndGet();
        try {
            super.execute(task);
        } catch (RejectedExecutionException | Error e) {
            tasks.decrementAndGet();
            throw e;
        }
    }

    @Override
    protected void afterExecute(Runnable task, @Nullable Throwable thrown) {
        tasks.decrementAndGet();
    }

    private boolean shouldGrow() {
        int threads = getPoolSize();
        return threads < getMaximumPoolSize() && tasks.get() > threads;
    }

    private static final class ToQueue implements RejectedExecutionHandler {
        @Override
        public void rejectedExecution(Runnable task, ThreadPoolExecutor pool) {
            if (pool.isShutdown() || !((Picky) pool.getQueue()).force(task)) {
                throw new RejectedExecutionException(
                        "The pool is " + (pool.isShutdown() ? "shut down" : "full: " + pool));
            }
            if (pool.isShutdown() && pool.remove(task)) {
                throw new RejectedExecutionException("The pool is shut down");
            }
        }
    }

    @SuppressWarnings("serial") // no pool is ever written
    private static final class Array extends ArrayBlockingQueue<Runnable> implements Picky {
        private transient @Nullable EagerPool pool;

        Array(int capacity) {
            super(capacity);
        }

        @Override
        public void serve(EagerPool pool) {
            this.pool = pool;
        }

        @Override
        public boolean offer(Runnable task) {
            return (pool == null || !pool.shouldGrow()) && super.offer(task);
        }

        @Override
        public boolean force(Runnable task) {
            return super.offer(task);
        }
    }

    @SuppressWarnings("serial") // no pool is ever written
    private static final class Linked extends LinkedBlockingQueue<Runnable> implements Picky {
        private transient @Nullable EagerPool pool;

        Linked(int capacity) {
            super(capacity);
        }

        @Override
        public void serve(EagerPool pool) {
            this.pool = pool;
        }

        @Override
        public boolean offer(Runnable task) {
            return (pool == null || !pool.shouldGrow()) && super.offer(task);
        }

        @Override
        public boolean force(Runnable task) {
            return super.offer(task);
        }
    }
}
