package org.httpkit.testkit;

import java.lang.management.ManagementFactory;
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
 * Fails a test in which a cycle of an event loop lasts: if the loop's thread waits for something for {@value #MOST_MILLIS}
 * milliseconds, or computes for so long. Calls of the application's that are made on a loop do not count. JUnit finds it by itself.
 *
 * <p>A thread of its own looks every few milliseconds. A loop that merely gets no processor is not found guilty: it neither waits nor
 * computes. What a JVM computes in its first seconds, while it loads classes, does not count either.
 */
public final class LoopWatch implements BeforeEachCallback, AfterEachCallback {
    static final long MOST_MILLIS = 100;

    private static final long LOOK_MILLIS = 10;
    private static final long WARM_MILLIS = 20_000;

    private static final List<String> FOUND = new CopyOnWriteArrayList<>();
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    static {
        Thread watch = new Thread(LoopWatch::watch, "loop-watch");
        watch.setDaemon(true);
        watch.start();
    }

    /** What was seen of one cycle. */
    private static final class Cycle {
        final long sinceNanos;
        final long cpuNanos;
        int looksWaiting;
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
            cycle.looksWaiting = waits(thread) ? cycle.looksWaiting + 1 : 0;
            String fault = fault(thread, cycle);
            if (fault != null && EventLoop.busySinceNanos(thread) == since) {
                cycle.told = true;
                FOUND.add(fault);
            }
        }
    }

    private static String fault(Thread thread, Cycle cycle) {
        if (cycle.looksWaiting * LOOK_MILLIS > MOST_MILLIS) {
            return describe(thread, "waits");
        }
        boolean warm = ManagementFactory.getRuntimeMXBean().getUptime() > WARM_MILLIS;
        return warm && cpuNanos(thread) - cycle.cpuNanos > MOST_MILLIS * 1_000_000
                ? describe(thread, "computes")
                : null;
    }

    private static boolean waits(Thread thread) {
        return switch (thread.getState()) {
            case BLOCKED, WAITING, TIMED_WAITING -> true;
            case NEW, RUNNABLE, TERMINATED -> false;
        };
    }

    @SuppressWarnings("deprecation") // Java 17 has no other name for it
    private static long cpuNanos(Thread thread) {
        return THREADS.getThreadCpuTime(thread.getId());
    }

    private static String describe(Thread thread, String does) {
        return Stream.of(thread.getStackTrace())
                .map(frame -> "    at " + frame)
                .collect(Collectors.joining(
                        "\n", thread.getName() + " " + does + " for more than " + MOST_MILLIS + " ms:\n", ""));
    }
}
