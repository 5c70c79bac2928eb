package org.httpkit.internal.dispatch;

import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/**
 * Wraps an application's executor that may run a task in the caller's thread, as {@code CallerRunsPolicy} does: tasks
 * that it would run on an event loop go to another executor, because they may block. Safe from any thread.
 */
public final class OffLoopExecutor implements Executor {
    private final Executor executor;
    private final Executor instead;
    private final BooleanSupplier onLoop;

    /**
     * @param instead never runs a task in the caller's thread
     * @param onLoop whether the caller runs an event loop
     */
    public OffLoopExecutor(Executor executor, Executor instead, BooleanSupplier onLoop) {
        this.executor = executor;
        this.instead = instead;
        this.onLoop = onLoop;
    }

    @Override
    public void execute(Runnable task) {
        executor.execute(() -> {
            if (onLoop.getAsBoolean()) {
                instead.execute(task);
            } else {
                task.run();
            }
        });
    }
}
