package org.httpkit.internal.dispatch;

import org.jspecify.annotations.Nullable;

/** A thread that knows its pool. */
final class PoolThread extends Thread {
    private final GrowingPool pool;

    PoolThread(GrowingPool pool, PoolWorker worker, String name, @Nullable ClassLoader contextClassLoader) {
        super(null, worker, name, 0, false);
        this.pool = pool;
        setDaemon(true);
        setContextClassLoader(contextClassLoader);
    }

    GrowingPool pool() {
        return pool;
    }
}
