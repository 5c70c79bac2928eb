package org.httpkit.internal.dispatch;

import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;

/** Finds out how many tasks wait in an executor. Immutable. */
public final class Waiting {
    private Waiting() {}

    /** The tasks that wait for a thread: 0 where none ever does, -1 if the executor is of a kind that does not tell. */
    public static int in(Executor executor) {
        if (executor instanceof GrowingPool pool) {
            return pool.waiting();
        }
        if (executor instanceof ThreadPoolExecutor pool) {
            return pool.getQueue().size();
        }
        return executor instanceof VirtualPool ? 0 : -1;
    }
}
