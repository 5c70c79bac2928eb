package org.httpkit;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes daemon threads whose names are a prefix and a number. Safe from any thread. */
public class PrefixThreadFactory implements ThreadFactory {
    private final String prefix;
    private final AtomicInteger made = new AtomicInteger();

    public PrefixThreadFactory(String prefix) {
        this.prefix = prefix;
    }

    @Override
    public Thread newThread(Runnable task) {
        Thread thread = new Thread(task, prefix + made.incrementAndGet());
        thread.setDaemon(true);
        return thread;
    }
}
