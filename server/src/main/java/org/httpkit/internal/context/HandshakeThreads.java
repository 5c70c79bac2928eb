package org.httpkit.internal.context;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads on which TLS handshakes do what takes long: as many as there are processors, since that is all computing. Each connection
 * has one task at most, so no more wait than there are connections, in the order in which they came. Safe from any thread.
 */
public final class HandshakeThreads {
    private static final long KEPT_SECONDS = 10;

    private final AtomicInteger number = new AtomicInteger();
    private final ThreadPoolExecutor threads;

    HandshakeThreads() {
        int processors = Runtime.getRuntime().availableProcessors();
        threads = new ThreadPoolExecutor(
                processors, processors, KEPT_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), this::newThread);
        threads.allowCoreThreadTimeOut(true);
    }

    private Thread newThread(Runnable work) {
        Thread thread = new Thread(work, "http-kit-handshake-" + number.incrementAndGet());
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Runs a task in its turn.
     *
     * @throws java.util.concurrent.RejectedExecutionException if the server has ended
     * @throws Error if there is no thread for it
     */
    public void execute(Runnable task) {
        threads.execute(task);
    }

    /** Runs nothing more. */
    void end() {
        threads.shutdownNow();
    }
}
