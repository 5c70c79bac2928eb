package org.httpkit.internal.dispatch;

import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The wait of a {@link GrowingPool}'s task for a client, during which another task may run. Safe from any thread. */
public final class ClientWait implements AutoCloseable {
    /** The pool's lock. */
    private final Lock lock;
    /** All waits in that pool. Guarded by the lock. */
    private final Set<ClientWait> waits;

    private final Consumer<ClientWait> giveUp;

    // Any thread.
    private volatile boolean over;

    ClientWait(Lock lock, Set<ClientWait> waits, Consumer<ClientWait> giveUp) {
        this.lock = lock;
        this.waits = waits;
        this.giveUp = giveUp;
    }

    /** Returns the longest wait, to {@link #giveUp give it up} now; it counts no more. Null if there is none. Under the lock. */
    static @Nullable ClientWait takeLongest(Set<ClientWait> waits) {
        Iterator<ClientWait> longestFirst = waits.iterator();
        if (!longestFirst.hasNext()) {
            return null;
        }
        ClientWait longest = longestFirst.next();
        longestFirst.remove();
        return longest;
    }

    /** Whether it is over, so that nothing is to be given up for it any more. */
    public boolean isOver() {
        return over;
    }

    /** Makes the wait end soon. Not under the lock. */
    void giveUp() {
        giveUp.accept(this);
    }

    /** Ends the wait. */
    @Override
    public void close() {
        over = true;
        lock.lock();
        try {
            waits.remove(this);
        } finally {
            lock.unlock();
        }
    }
}
