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
 * The pool on which handlers run, and its description. Immutable; the pool is safe from any thread.
 *
 * <p>On JDK 21 and later it has virtual threads, unless told otherwise: no task waits for another one to finish, so handlers
 * may block. There is no bound on the number of threads but that of what the server accepts: each connection has one exchange
 * at a time. A thread may run a few tasks one after another, so a handler should not leave thread-locals behind.
 *
 * <p>Else it has platform threads. The pool grows before a task waits: a task goes to an idle thread if there is one, else to
 * a new thread while there are fewer than {@link #maxThreads()}, else into the queue, and if the queue is full it is refused
 * (the server then answers 503). A thread that makes a streamed answer and waits for its client does not count, up to 256 of
 * them; if more wait, those that have waited longest are ended as soon as somebody else needs a thread. Idle threads above {@link #minThreads()} end after 60 seconds. No thread is made before the
 * first task.
 *
 * <p>All threads are daemons. Who makes a worker shuts its pool down; a server that is given one leaves it running.
 */
public final class Worker {
    private static final int MAX_THREADS = 1 << 15;
    private static final int MAX_QUEUE = 1 << 24;

    /** How the queue before platform threads is stored. */
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

    /** A worker with every option at its default. */
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

    /** Processors the JVM saw when the worker was made. */
    public int cores() {
        return cores;
    }

    /** Idle threads that stay; 0 if the threads are virtual. */
    public int minThreads() {
        return minThreads;
    }

    /** Threads at most; 0 if the threads are virtual, which have no such bound. */
    public int maxThreads() {
        return maxThreads;
    }

    /** How waiting tasks are stored; null if the threads are virtual. */
    public @Nullable QueueType queueType() {
        return queueType;
    }

    /** Tasks that may wait when all threads run; 0 if the threads are virtual. */
    public int queueSize() {
        return queueSize;
    }

    /** The tasks that wait for a thread, to look at and not to change; null if the threads are virtual. */
    public @Nullable BlockingQueue<Runnable> queue() {
        return queue;
    }

    /**
     * The pool.
     *
     * <p>After {@code shutdown} it refuses new tasks and finishes the old ones; {@code shutdownNow} also interrupts those that
     * run and returns those that did not start.
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
         * Idle platform threads that stay.
         *
         * <p>Default: one per core and at least 2, or {@link #maxThreads(int)} if that is less.
         *
         * @throws IllegalArgumentException if not 1 to 32768
         */
        public Builder minThreads(int threads) {
            minThreads = checked("minThreads", threads, MAX_THREADS);
            return this;
        }

        /**
         * Platform threads at most.
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
         * The same number for {@link #minThreads(int)} and {@link #maxThreads(int)}.
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
         * Tasks that may wait when all platform threads run; one more is refused.
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
         * Beginning of the names of the threads. Platform threads add a number; virtual ones share one name.
         *
         * <p>Default {@code httpkit-server-worker-}.
         */
        public Builder prefix(String prefix) {
            this.prefix = Objects.requireNonNull(prefix, "prefix");
            return this;
        }

        /** Whether to have virtual threads if the JVM has them: the other options but the prefix have no effect then. Default true. */
        public Builder allowVirtual(boolean allow) {
            allowVirtual = allow;
            return this;
        }

        /**
         * Makes the worker; each call makes another one.
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
