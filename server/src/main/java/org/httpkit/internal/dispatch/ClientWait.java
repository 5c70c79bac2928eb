package org.httpkit.internal.dispatch;

import java.util.Set;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/** The wait of a {@link GrowingPool}'s task for a client, during which another task may run. Safe from any thread. */
public final class ClientWait implements AutoCloseable {
    /** The pool's lock. */
    private final Lock lock;
    /** All waits in that pool. Guarded by the lock. */
    private final Set<ClientWait> waits;

    private final Runnable giveUp;
    /** Whether the pool has given it up. Guarded by the lock. */
    private boolean givenUp;

    ClientWait(Lock lock, Set<ClientWait> waits, Runnable giveUp) {
        this.lock = lock;
        this.waits = waits;
        this.giveUp = giveUp;
    }

    /**
     * Returns the longest wait that has not been given up before, to {@link #giveUp give it up} now. Under the lock.
     */
    static @Nullable ClientWait longest(Set<ClientWait> waits) {
        for (ClientWait wait : waits) {
            if (!wait.givenUp) {
                wait.givenUp = true;
                return wait;
            }
        }
        return null;
    }

    /** Makes the wait end soon. Not under the lock. */
    void giveUp() {
        giveUp.run();
    }

    /** Ends the wait. */
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
