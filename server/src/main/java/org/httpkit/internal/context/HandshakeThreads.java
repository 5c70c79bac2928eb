package org.httpkit.internal.context;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The threads for the long tasks of TLS handshakes: as many as there are processors, because the tasks only compute.
 * Each connection has at most one task, so the number of connections bounds the queue, which is in order of arrival.
 * Safe from any thread.
 */
public class HandshakeThreads implements ThreadFactory {
    private static final long KEPT_SECONDS = 10;

    private final AtomicInteger number = new AtomicInteger();
    /** Null before the first handshake, because a server without TLS needs no threads. */
    private @Nullable ThreadPoolExecutor threads;

    private boolean ended;

    public HandshakeThreads() {}

    private synchronized ThreadPoolExecutor threads() {
        ThreadPoolExecutor known = threads;
        if (known == null) {
            int processors = Runtime.getRuntime().availableProcessors();
            known = new ThreadPoolExecutor(
                    processors, processors, KEPT_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), this);
            known.allowCoreThreadTimeOut(true);
            threads = known;
            if (ended) {
                known.shutdownNow();
            }
        }
        return known;
    }

    @Override
    public Thread newThread(Runnable work) {
        Thread thread = new Thread(work, "httpkit-handshake-" + number.incrementAndGet());
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Runs a task in its turn.
     *
     * @throws java.util.concurrent.RejectedExecutionException if the server has ended
     * @throws Error if the system has no thread for it
     */
    public void execute(Runnable task) {
        threads().execute(task);
    }

    /** Takes and runs no more tasks. */
    public synchronized void end() {
        ended = true;
        if (threads != null) {
            threads.shutdownNow();
        }
    }
}
