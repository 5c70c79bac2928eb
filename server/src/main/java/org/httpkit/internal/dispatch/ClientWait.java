package org.httpkit.internal.dispatch;

import java.util.Set;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/** A task in a {@link GrowingPool} that waits for a client, so that another may run meanwhile. Safe from any thread. */
public final class ClientWait implements AutoCloseable {
    /** The pool's. */
    private final Lock lock;
    /** All that wait in that pool. Guarded by the lock. */
    private final Set<ClientWait> waits;

    private final Runnable giveUp;
    /** Whether it was told to end. Guarded by the lock. */
    private boolean givenUp;

    ClientWait(Lock lock, Set<ClientWait> waits, Runnable giveUp) {
        this.lock = lock;
        this.waits = waits;
        this.giveUp = giveUp;
    }

    /** The one that has waited longest, of those that were not given up before, to be {@link #giveUp given up} now. Under the lock. */
    static @Nullable ClientWait longest(Set<ClientWait> waits) {
        for (ClientWait wait : waits) {
            if (!wait.givenUp) {
                wait.givenUp = true;
                return wait;
            }
        }
        return null;
    }

    /** Has the wait end soon. Not under the lock. */
    void giveUp() {
        giveUp.run();
    }

    /** The wait is over. */
    @Override
    public void close() {
        lock.lock();
        try {
            waits.remove(this);
        } finally {
            lock.unlock();
        }
    }
}
