package org.httpkit.internal.dispatch;

import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;

/** Finds out how many tasks wait in an executor. Immutable. */
public final class Waiting {
    private Waiting() {}

    /**
     * The number of tasks that wait for a thread: 0 if tasks of this executor never wait, -1 if it does not reveal the
     * number.
     */
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
