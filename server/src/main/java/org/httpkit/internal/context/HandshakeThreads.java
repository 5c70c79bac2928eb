package org.httpkit.internal.context;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The threads on which TLS handshakes do what takes long: as many as there are processors, since that is all computing. Each connection
 * has one task at most, so no more wait than there are connections, in the order in which they came. Safe from any thread.
 */
public final class HandshakeThreads implements ThreadFactory {
    private static final long KEPT_SECONDS = 10;

    private final AtomicInteger number = new AtomicInteger();
    /** Null before the first handshake: a server without TLS needs none. */
    private @Nullable ThreadPoolExecutor threads;

    private boolean ended;

    HandshakeThreads() {}

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
     * @throws Error if there is no thread for it
     */
    public void execute(Runnable task) {
        threads().execute(task);
    }

    /** Runs nothing more. */
    synchronized void end() {
        ended = true;
        if (threads != null) {
            threads.shutdownNow();
        }
    }
}
