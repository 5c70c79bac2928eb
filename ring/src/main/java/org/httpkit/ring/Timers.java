package org.httpkit.ring;

import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks later, on one thread. As in http-kit, the thread is no daemon, so that the JVM stays for tasks that are to
 * come; it ends soon after the last one. Safe from any thread.
 */
public final class Timers {
    /** How long the thread may delay the JVM's end when nothing is left to do. */
    private static final long IDLE_SECONDS = 2;

    private static final AtomicInteger THREADS = new AtomicInteger();
    private static final ScheduledThreadPoolExecutor EXECUTOR = executor();

    private Timers() {}

    private static ScheduledThreadPoolExecutor executor() {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(
                1, task -> new Thread(task, "http-kit-timer-" + THREADS.incrementAndGet()));
        executor.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        executor.allowCoreThreadTimeOut(true);
        executor.setRemoveOnCancelPolicy(true);
        return executor;
    }

    /** Runs the task after this many milliseconds, unless it is cancelled before. */
    public static Task schedule(long millis, Runnable task) {
        Task scheduled = new Task(task);
        scheduled.schedule(millis);
        return scheduled;
    }

    /** A task for later: it is run or cancelled, never both. */
    public static final class Task implements Runnable {
        private enum State {
            WAITING,
            RUN,
            CANCELLED
        }

        private final Runnable task;
        private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
        private final AtomicReference<@Nullable Future<?>> future = new AtomicReference<>();

        private Task(Runnable task) {
            this.task = task;
        }

        private void schedule(long millis) {
            future.set(EXECUTOR.schedule(this, millis, TimeUnit.MILLISECONDS));
        }

        /** Runs the task. An exception goes to the handler of uncaught exceptions, and stops nothing else. */
        @Override
        public void run() {
            if (!state.compareAndSet(State.WAITING, State.RUN)) {
                return;
            }
            try {
                task.run();
            } catch (Throwable e) { // Clojure throws checked ones, too
                Thread thread = Thread.currentThread();
                thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
            }
        }

        /** Cancels the task; returns whether this call did so: it has not run, and will not. */
        public boolean cancel() {
            if (!state.compareAndSet(State.WAITING, State.CANCELLED)) {
                return false;
            }
            Objects.requireNonNull(future.get()).cancel(false);
            return true;
        }
    }
}
