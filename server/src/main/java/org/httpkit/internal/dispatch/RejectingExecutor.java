package org.httpkit.internal.dispatch;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * An application's executor, which may fail to take a task in other ways than by rejecting it: for want of a thread, say. To us that is
 * the same. Safe from any thread.
 */
public final class RejectingExecutor implements Executor {
    private final Executor executor;
    private final Consumer<Throwable> failures;

    /** @param failures is given what the executor throws, other than a rejection */
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
