package org.httpkit.server;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The logger to which observers write by default. Observers run on event loops, and a logger may wait for its
 * destination, so one thread for the whole JVM passes the messages on. Up to 1024 wait for it; further ones are
 * dropped, and the log says how many. Safe from any thread.
 */
final class ServerLog {
    static final System.Logger LOGGER = System.getLogger("org.httpkit.server");

    /** For a warning that one client can cause as often as it likes. */
    static final Seldom TOO_MANY_OF_ONE = new Seldom();

    /** For a warning that many slow clients cause, one after the other. */
    static final Seldom SHED = new Seldom();

    /** For a warning that many new connections cause. */
    static final Seldom GIVEN_UP = new Seldom();

    /** For a warning that each request causes while there is no room. */
    static final Seldom NO_WORKER = new Seldom();

    static final Seldom NO_WORKER_FOR_CHANNEL = new Seldom();

    /** For a warning that comes with each connection closed and opened again. */
    static final Seldom NO_CONNECTIONS = new Seldom();

    static final Seldom LOG_LOST = new Seldom();

    /** For a warning that many slow senders cause. */
    static final Seldom INPUT_SHED = new Seldom();

    private static final int MAX_PATH_LENGTH = 200;
    private static final int MAX_WAITING = 1024;
    private static final long IDLE_SECONDS = 10;

    private static final AtomicLong DROPPED = new AtomicLong();

    private ServerLog() {}

    /** Made for the first message, not at the start of a server. */
    private static final class Writer {
        static final ThreadPoolExecutor POOL = pool();

        private static ThreadPoolExecutor pool() {
            ThreadPoolExecutor pool = new ThreadPoolExecutor(
                    1,
                    1,
                    IDLE_SECONDS,
                    TimeUnit.SECONDS,
                    new ArrayBlockingQueue<>(MAX_WAITING),
                    task -> {
                        Thread thread = new Thread(task, "httpkit-logger");
                        thread.setDaemon(true);
                        return thread;
                    },
                    (task, full) -> DROPPED.incrementAndGet());
            pool.allowCoreThreadTimeOut(true);
            return pool;
        }
    }

    /**
     * Logs a message soon. The message is made at once, since its subject may change, and only if its level is logged.
     */
    static void log(System.Logger.Level level, Supplier<String> message, @Nullable Throwable thrown) {
        if (!LOGGER.isLoggable(level)) {
            return;
        }
        String text = message.get();
        Writer.POOL.execute(() -> {
            long dropped = DROPPED.getAndSet(0);
            if (dropped > 0) {
                LOGGER.log(System.Logger.Level.WARNING, dropped + " messages were dropped: the logger was too slow");
            }
            LOGGER.log(level, text, thrown);
        });
    }

    /** For tests: waits until the messages logged so far have been written. */
    static void awaitWritten() throws InterruptedException {
        CountDownLatch written = new CountDownLatch(1);
        Writer.POOL.execute(written::countDown);
        written.await();
    }

    static void log(System.Logger.Level level, Supplier<String> message) {
        log(level, message, null);
    }

    /** Describes a request's target in a line: clients may send paths of many thousand characters. */
    static String nameOf(Request request) {
        String path = request.path();
        return request.method() + " "
                + (path.length() <= MAX_PATH_LENGTH ? path : path.substring(0, MAX_PATH_LENGTH) + "...");
    }

    /** A warning that must not fill the log: all but one in ten seconds are logged at level DEBUG. Safe from any thread. */
    static final class Seldom {
        private static final long PAUSE_NANOS = 10_000_000_000L;

        private final AtomicLong lastNanos = new AtomicLong(System.nanoTime() - PAUSE_NANOS);

        void log(Supplier<String> message) {
            long now = System.nanoTime();
            long last = lastNanos.get();
            boolean due = now - last >= PAUSE_NANOS && lastNanos.compareAndSet(last, now);
            ServerLog.log(due ? System.Logger.Level.WARNING : System.Logger.Level.DEBUG, message);
        }
    }
}
