package org.httpkit.internal.dispatch;

import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/**
 * An application's executor that may run a task in the thread that gives it, as {@code CallerRunsPolicy} does: what it would run on an
 * event loop goes to another executor instead, since it may block. Safe from any thread.
 */
public final class OffLoopExecutor implements Executor {
    private final Executor executor;
    private final Executor instead;
    private final BooleanSupplier onLoop;

    /**
     * @param instead never runs a task in the thread that gives it
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
