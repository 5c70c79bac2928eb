package org.httpkit.server;

import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import org.httpkit.internal.dispatch.GrowingPool;
import org.httpkit.internal.dispatch.VirtualThreads;
import org.jspecify.annotations.Nullable;

/**
 * A pool on which handlers run, and its description. Immutable; the pool is safe from any thread.
 *
 * <p>On JDK 21 and later the pool has virtual threads, unless you decide otherwise. No task waits for another one, so
 * handlers may block. Only the connections and streams that the server accepts limit the number of threads. A thread
 * may run a few tasks one after another, so a handler should leave no thread-locals behind.
 *
 * <p>Otherwise the pool has platform threads. It grows before a task waits: a task goes to an idle thread if there is
 * one, to a new thread while there are fewer than {@link #maxThreads()}, and to the queue after that. If the queue is
 * full, the pool refuses the task, and the server answers 503. A thread that writes a streamed response and waits for
 * its client does not count, up to 256 of them. If more wait, the server ends those that have waited longest as soon
 * as another task needs a thread. Idle threads above {@link #minThreads()} end after 60 seconds. The first thread
 * starts with the first task.
 *
 * <p>All threads are daemons. A server that receives a worker does not shut it down.
 */
public final class Worker {
    private static final int MAX_THREADS = 1 << 15;
    private static final int MAX_QUEUE = 1 << 24;

    /** How the queue of platform threads is stored. */
    public enum QueueType {
        /** One array, allocated at once: four or eight bytes per place, no garbage. */
        ARRAY,
        /** A node per waiting task, allocated as needed. */
        LINKED
    }

    private final WorkerType type;
    private final int cores;
    private final int minThreads;
    private final int maxThreads;
    private final @Nullable QueueType queueType;
    private final int queueSize;
    private final @Nullable BlockingQueue<Runnable> queue;
    private final ExecutorService pool;

    private Worker(Builder builder) {
        cores = builder.cores;
        if (builder.allowVirtual && VirtualThreads.isSupported()) {
            type = WorkerType.VIRTUAL;
            minThreads = 0;
            maxThreads = 0;
            queueType = null;
            queueSize = 0;
            queue = null;
            pool = VirtualThreads.newPool(builder.prefix + "virtual");
        } else {
            type = WorkerType.FIXED;
            minThreads = builder.effectiveMinThreads();
            maxThreads = builder.effectiveMaxThreads();
            queueType = builder.queueType;
            queueSize = builder.queueSize;
            BlockingQueue<Runnable> waiting =
                    switch (builder.queueType) {
                        case ARRAY -> new ArrayBlockingQueue<>(queueSize);
                        case LINKED -> new LinkedBlockingQueue<>(queueSize);
                    };
            queue = waiting;
            pool = new GrowingPool(minThreads, maxThreads, waiting, builder.prefix);
        }
    }

    /** A worker with default options. */
    public static Worker create() {
        return builder().build();
    }

    /** Options for a worker. */
    public static Builder builder() {
        return new Builder();
    }

    /** Virtual or platform threads. */
    public WorkerType type() {
        return type;
    }

    /** How many processors the JVM saw when the worker was made. */
    public int cores() {
        return cores;
    }

    /** How many idle threads stay; 0 for virtual threads. */
    public int minThreads() {
        return minThreads;
    }

    /** The most threads; 0 for virtual threads, which have no such limit. */
    public int maxThreads() {
        return maxThreads;
    }

    /** How waiting tasks are stored; null for virtual threads. */
    public @Nullable QueueType queueType() {
        return queueType;
    }

    /** How many tasks may wait when all threads are busy; 0 for virtual threads. */
    public int queueSize() {
        return queueSize;
    }

    /** The tasks that wait for a thread, to look at but not to change; null for virtual threads. */
    public @Nullable BlockingQueue<Runnable> queue() {
        return queue;
    }

    /**
     * The pool.
     *
     * <p>After {@code shutdown} it refuses new tasks and finishes the others. {@code shutdownNow} also interrupts
     * running tasks, and returns those that have not started.
     */
    public ExecutorService pool() {
        return pool;
    }

    @Override
    public String toString() {
        return switch (type) {
            case VIRTUAL -> "Worker[virtual]";
            case FIXED ->
                "Worker[fixed, " + minThreads + " to " + maxThreads + " threads, " + queueType + " queue of "
                        + queueSize + "]";
        };
    }

    /** Options for a worker; confined to one thread. */
    public static final class Builder {
        private final int cores = Runtime.getRuntime().availableProcessors();
        private int minThreads;
        private int maxThreads;
        private QueueType queueType = QueueType.ARRAY;
        private int queueSize = 20480;
        private String prefix = "httpkit-server-worker-";
        private boolean allowVirtual = true;

        private Builder() {}

        /**
         * How many idle platform threads stay.
         *
         * <p>Default: one per core, at least 2, and no more than {@link #maxThreads(int)}.
         *
         * @throws IllegalArgumentException if not 1 to 32768
         */
        public Builder minThreads(int threads) {
            minThreads = checked("minThreads", threads, MAX_THREADS);
            return this;
        }

        /**
         * The most platform threads.
         *
         * <p>Default: 16 per core, or {@link #minThreads(int)} if that is more.
         *
         * @throws IllegalArgumentException if not 1 to 32768
         */
        public Builder maxThreads(int threads) {
            maxThreads = checked("maxThreads", threads, MAX_THREADS);
            return this;
        }

        /**
         * Sets {@link #minThreads(int)} and {@link #maxThreads(int)} to one number.
         *
         * @throws IllegalArgumentException if not 1 to 32768
         */
        public Builder threads(int threads) {
            minThreads = checked("threads", threads, MAX_THREADS);
            maxThreads = threads;
            return this;
        }

        /** How waiting tasks are stored. Default: {@link QueueType#ARRAY}. */
        public Builder queueType(QueueType type) {
            queueType = Objects.requireNonNull(type, "type");
            return this;
        }

        /**
         * How many tasks may wait when all platform threads are busy; the pool refuses further ones.
         *
         * <p>Default 20480.
         *
         * @throws IllegalArgumentException if not 1 to 16777216
         */
        public Builder queueSize(int tasks) {
            queueSize = checked("queueSize", tasks, MAX_QUEUE);
            return this;
        }

        /**
         * How the names of threads begin. Platform threads add a number; virtual threads share one name.
         *
         * <p>Default {@code httpkit-server-worker-}.
         */
        public Builder prefix(String prefix) {
            this.prefix = Objects.requireNonNull(prefix, "prefix");
            return this;
        }

        /**
         * Whether to use virtual threads if the JVM has them. The other options except the prefix have no effect
         * then. Default true.
         */
        public Builder allowVirtual(boolean allow) {
            allowVirtual = allow;
            return this;
        }

        /**
         * Makes a worker. Each call makes another one.
         *
         * @throws IllegalArgumentException if {@code minThreads} is greater than {@code maxThreads}
         */
        public Worker build() {
            if (minThreads > maxThreads && maxThreads != 0) {
                throw new IllegalArgumentException(
                        "minThreads: " + minThreads + " (legal: 1 to maxThreads, which is " + maxThreads + ")");
            }
            return new Worker(this);
        }

        private int effectiveMinThreads() {
            return minThreads != 0 ? minThreads : Math.min(Math.max(2, cores), effectiveMaxThreads());
        }

        private int effectiveMaxThreads() {
            return maxThreads != 0 ? maxThreads : Math.max(16 * cores, minThreads);
        }

        private static int checked(String option, int value, int max) {
            if (value < 1 || value > max) {
                throw new IllegalArgumentException(option + ": " + value + " (legal: 1 to " + max + ")");
            }
            return value;
        }
    }
}
