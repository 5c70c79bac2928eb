package org.httpkit.internal.dispatch;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes an executor when the first task arrives. Safe from any thread. */
public final class LazyExecutor implements Executor {
    private final Supplier<ExecutorService> maker;

    // Guarded by the monitor, under which no task runs.
    private @Nullable ExecutorService made;
    private boolean ended;

    public LazyExecutor(Supplier<ExecutorService> maker) {
        this.maker = maker;
    }

    @Override
    public void execute(Runnable task) {
        assert !Thread.holdsLock(this);
        executor().execute(task);
    }

    private synchronized ExecutorService executor() {
        if (ended) {
            throw new RejectedExecutionException("The executor has ended");
        }
        ExecutorService known = made;
        if (known == null) {
            known = maker.get();
            made = known;
        }
        return known;
    }

    /** Takes no more tasks. Returns the executor, if one was made; the caller ends it. */
    public synchronized @Nullable ExecutorService end() {
        ended = true;
        return made;
    }
}
