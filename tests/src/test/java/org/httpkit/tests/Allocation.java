package org.httpkit.tests;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;

/** Counts the heap that other threads allocate from its making on. Virtual threads count by their carriers. */
final class Allocation {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final long excludedId;
    private final Map<Long, Long> before;

    private Allocation(long excludedId) {
        this.excludedId = excludedId;
        this.before = perThread();
    }

    /** Begins to count. */
    static Allocation ofAllThreadsBut(Thread excluded) {
        return new Allocation(excluded.getId());
    }

    /** What was allocated since, by threads that live still. */
    long bytes() {
        long sum = 0;
        for (Map.Entry<Long, Long> thread : perThread().entrySet()) {
            sum += thread.getValue() - before.getOrDefault(thread.getKey(), 0L);
        }
        return sum;
    }

    private Map<Long, Long> perThread() {
        long[] ids = THREADS.getAllThreadIds();
        long[] bytes = THREADS.getThreadAllocatedBytes(ids);
        Map<Long, Long> result = new HashMap<>();
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] != excludedId && bytes[i] >= 0) {
                result.put(ids[i], bytes[i]);
            }
        }
        return result;
    }
}
