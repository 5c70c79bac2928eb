package org.httpkit.internal.net;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A thread that waits until a queue is empty, linked to those that began to wait before it. Immutable. */
public record DrainWaiter(Thread thread, @Nullable DrainWaiter next) {

    /** Wakes all of them, to check again. */
    public static void wake(@Nullable DrainWaiter latest) {
        for (DrainWaiter waiter = latest; waiter != null; waiter = waiter.next) {
            LockSupport.unpark(waiter.thread);
        }
    }
}
