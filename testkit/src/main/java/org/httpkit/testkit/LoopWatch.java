package org.httpkit.testkit;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.httpkit.internal.net.EventLoop;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test in which a cycle of an event loop takes too long: if the loop's thread waits for {@value #MOST_MILLIS}
 * milliseconds, or computes for that long. Calls of the application's code on a loop do not count. JUnit finds this
 * class automatically.
 *
 * <p>A thread checks every few milliseconds. A loop that merely gets no processor passes, since it neither waits nor
 * computes, and so does one that waits for a lock whose holder gets none. Computing in a JVM's first seconds, while it
 * loads classes, does not count either.
 */
public final class LoopWatch implements BeforeEachCallback, AfterEachCallback {
    static final long MOST_MILLIS = 100;

    private static final long LOOK_MILLIS = 10;
    private static final long WARM_MILLIS = 20_000;
    /** Locks that wait for each other, beyond which the watch looks no further. */
    private static final int MOST_LOCKS = 10;

    private static final List<String> FOUND = new CopyOnWriteArrayList<>();
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    static {
        Thread watch = new Thread(LoopWatch::watch, "loop-watch");
        watch.setDaemon(true);
        watch.start();
    }

    /** The observations of one cycle. */
    private static final class Cycle {
        final long sinceNanos;
        final long cpuNanos;
        int looksWaiting;
        /**
         * The thread that holds the lock for which the loop waits, and its CPU time when the wait began; 0 if there is
         * none.
         */
        long holder;

        long holderCpuNanos;
        boolean told;

        Cycle(long sinceNanos, long cpuNanos) {
            this.sinceNanos = sinceNanos;
            this.cpuNanos = cpuNanos;
        }
    }

    public LoopWatch() {}

    @Override
    public void beforeEach(ExtensionContext test) {
        FOUND.clear();
    }

    @Override
    public void afterEach(@Nullable ExtensionContext test) {
        List<String> found = List.copyOf(FOUND);
        FOUND.clear();
        if (!found.isEmpty()) {
            throw new AssertionError(String.join("\n", found));
        }
    }

    private static void watch() {
        Map<Thread, Cycle> cycles = new HashMap<>();
        Thread[] threads = new Thread[1000];
        while (true) {
            LockSupport.parkNanos(LOOK_MILLIS * 1_000_000);
            int count = Thread.enumerate(threads);
            cycles.keySet().removeIf(thread -> !thread.isAlive());
            for (int i = 0; i < count; i++) {
                look(threads[i], cycles);
            }
        }
    }

    private static void look(Thread thread, Map<Thread, Cycle> cycles) {
        long since = EventLoop.busySinceNanos(thread);
        Cycle cycle = cycles.get(thread);
        if (since == 0) {
            cycles.remove(thread);
        } else if (cycle == null || cycle.sinceNanos != since) {
            cycles.put(thread, new Cycle(since, cpuNanos(thread)));
        } else if (!cycle.told) {
            cycle.looksWaiting = waits(thread, cycle) ? cycle.looksWaiting + 1 : 0;
            String fault = fault(thread, cycle);
            if (fault != null && EventLoop.busySinceNanos(thread) == since) {
                cycle.told = true;
                FOUND.add(fault);
            }
        }
    }

    private static @Nullable String fault(Thread thread, Cycle cycle) {
        boolean holderWorks = cycle.holder != 0
                && THREADS.getThreadCpuTime(cycle.holder) - cycle.holderCpuNanos < MOST_MILLIS * 1_000_000;
        if (cycle.looksWaiting * LOOK_MILLIS > MOST_MILLIS && !holderWorks) {
            return describe(thread, "waits");
        }
        boolean warm = ManagementFactory.getRuntimeMXBean().getUptime() > WARM_MILLIS;
        return warm && cpuNanos(thread) - cycle.cpuNanos > MOST_MILLIS * 1_000_000
                ? describe(thread, "computes")
                : null;
    }

    private static boolean waits(Thread thread, Cycle cycle) {
        ThreadInfo info = THREADS.getThreadInfo(id(thread));
        if (info == null || isRunnable(info.getThreadState())) {
            return false;
        }
        ThreadInfo holder = holder(info);
        long runnable = holder == null || !isRunnable(holder.getThreadState()) ? 0 : holder.getThreadId();
        if (runnable != cycle.holder) {
            if (runnable == 0) {
                cycle.looksWaiting =
                        0; // the lock is free now, and the loop will have it as soon as it gets a processor
            }
            cycle.holder = runnable;
            cycle.holderCpuNanos = runnable == 0 ? 0 : THREADS.getThreadCpuTime(runnable);
        }
        return true;
    }

    /** The thread that holds the lock, or the one for whose lock that one waits, and so on; null if there is none. */
    private static @Nullable ThreadInfo holder(ThreadInfo waiting) {
        ThreadInfo holder = null;
        long id = waiting.getLockOwnerId();
        for (int i = 0; i < MOST_LOCKS && id >= 0; i++) {
            ThreadInfo next = THREADS.getThreadInfo(id);
            if (next == null) {
                return holder;
            }
            holder = next;
            id = isRunnable(holder.getThreadState()) ? -1 : holder.getLockOwnerId();
        }
        return holder;
    }

    private static boolean isRunnable(Thread.State state) {
        return switch (state) {
            case BLOCKED, WAITING, TIMED_WAITING -> false;
            case NEW, RUNNABLE, TERMINATED -> true;
        };
    }

    private static long cpuNanos(Thread thread) {
        return THREADS.getThreadCpuTime(id(thread));
    }

    @SuppressWarnings("deprecation") // Java 17 has no other name for it
    private static long id(Thread thread) {
        return thread.getId();
    }

    private static String describe(Thread thread, String does) {
        return Stream.of(thread.getStackTrace())
                .map(frame -> "    at " + frame)
                .collect(Collectors.joining(
                        "\n", thread.getName() + " " + does + " for more than " + MOST_MILLIS + " ms:\n", ""));
    }
}
