package org.httpkit.internal.dispatch;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * Wraps an application's executor, which may fail to take a task in other ways than by rejecting it, for example for
 * lack of a thread: turns such failures into rejections. Safe from any thread.
 */
public final class RejectingExecutor implements Executor {
    private final Executor executor;
    private final Consumer<Throwable> failures;

    /** @param failures receives what the executor throws, except rejections */
    public RejectingExecutor(Executor executor, Consumer<Throwable> failures) {
        this.executor = executor;
        this.failures = failures;
    }

    @Override
    public void execute(Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            throw e;
        } catch (Throwable e) {
            failures.accept(e);
            throw new RejectedExecutionException("The executor has failed", e);
        }
    }
}
