package org.httpkit.internal.net;

import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.RejectedExecutionHandler;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The threads that open, read and close files, so that no loop waits for a disk, and no interrupt meant for a handler
 * closes a file. Safe from any thread.
 *
 * <p>There are at most {@value #MAX_THREADS}, and none while there is no work. If all of them wait for a stalled disk,
 * other files wait behind them, and nothing else does. Each connection has one task here at a time, so the number of
 * connections bounds the queue.
 */
final class BlockingThreads implements ThreadFactory, RejectedExecutionHandler {
    static final int MAX_THREADS = 32;

    private static final long IDLE_SECONDS = 10;

    /** Takes a task from the pool only if a thread waits for one, so that the pool starts another thread otherwise. */
    private static final class Tasks extends LinkedTransferQueue<Runnable> {
        private static final long serialVersionUID = 1;

        @Override
        public boolean offer(Runnable task) {
            return tryTransfer(task);
        }

        /** Makes the task wait until a thread is free. */
        void append(Runnable task) {
            super.offer(task);
        }
    }

    private final Tasks tasks = new Tasks();

    // Guarded by the monitor.
    private @Nullable ThreadPoolExecutor pool;
    private int threadsMade;
    private boolean ended;

    /**
     * Runs the task on one of the threads; after the end, in the caller's thread.
     *
     * @throws Error if the system provides no thread at all
     */
    void execute(Runnable task) {
        ThreadPoolExecutor threads = pool();
        try {
            threads.execute(task);
        } catch (OutOfMemoryError e) { // the system provides no more threads
            if (threads.getPoolSize() == 0) {
                throw e;
            }
            tasks.append(task);
        }
    }

    private synchronized ThreadPoolExecutor pool() {
        ThreadPoolExecutor known = pool;
        if (known == null) {
            known = new ThreadPoolExecutor(0, MAX_THREADS, IDLE_SECONDS, TimeUnit.SECONDS, tasks, this, this);
            pool = known;
            if (ended) {
                known.shutdown();
            }
        }
        return known;
    }

    /** Takes no more tasks; accepted ones still run. Does not wait for them: a disk may never answer. */
    synchronized void end() {
        ended = true;
        if (pool != null) {
            pool.shutdown();
        }
    }

    // ---- for the pool

    @Override
    public synchronized Thread newThread(Runnable work) {
        Thread thread = new Thread(work, "httpkit-file-" + ++threadsMade);
        thread.setDaemon(true);
        return thread;
    }

    /** Is called when all threads are busy. */
    @Override
    public void rejectedExecution(Runnable task, ThreadPoolExecutor threads) {
        if (threads.isShutdown()) {
            task.run();
        } else {
            tasks.append(task);
        }
    }
}
