package org.httpkit.internal.dispatch;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** An executor that is made when the first task comes. Safe from any thread. */
public final class LazyExecutor implements Executor {
    private final Supplier<ExecutorService> maker;

    // Guarded by the monitor, which no task runs under.
    private @Nullable ExecutorService made;
    private boolean ended;

    public LazyExecutor(Supplier<ExecutorService> maker) {
        this.maker = maker;
    }

    @Override
    public void execute(Runnable task) {
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

    /** Takes no more tasks; what was made is for the caller to end, if anything was. */
    public synchronized @Nullable ExecutorService end() {
        ended = true;
        return made;
    }
}
