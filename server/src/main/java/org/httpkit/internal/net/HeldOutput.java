package org.httpkit.internal.net;

import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Counts for the server's {@link OutputBudget} what waits for a link's peer outside the link's own queue: behind the
 * windows of HTTP/2, or behind a stream that a channel sends. Its owner's lock guards what is held. Safe from any
 * thread.
 */
public class HeldOutput implements OutputBudget.Sender {
    private final Link link;

    private volatile long held;
    // Guarded by the owner's lock.
    private boolean over;

    // Guarded by this.
    private long counted;
    private boolean waiting;

    private volatile boolean counts;
    private volatile long progressNanos;

    public HeldOutput(Link link) {
        this.link = link;
    }

    /** Adds to the bytes held, or subtracts. Under the owner's lock. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
    public void changed(long change) {
        if (!over) {
            held += change;
        }
    }

    /**
     * Holds nothing from now on, whatever is reported: while a connection that is shed holds something, no other one
     * is shed. Under the owner's lock.
     */
    public void end() {
        over = true;
        held = 0;
    }

    /** Notes that the client has taken something. */
    public void progressed(long nowNanos) {
        progressNanos = nowNanos;
    }

    /** Reports to the budget what is held now, upon which it may shed a link. */
    public void settle() {
        if (held == 0 && !counts) {
            return;
        }
        OutputBudget budget = link.outputBudget();
        long change;
        synchronized (this) {
            counts = true; // before the look: a thread that leaves nothing from then on comes here, too
            long now = held;
            counts = now > 0;
            change = now - counted;
            counted = now;
            if (now > 0 && !waiting) {
                waiting = true;
                progressNanos = link.freshNanos();
                budget.add(this);
            } else if (now == 0 && waiting) {
                budget.remove(this);
                waiting = false;
            }
        }
        if (change > 0) {
            budget.grew(this, change);
        } else if (change < 0) {
            budget.shrank(this, -change);
        }
    }

    /** Tells the budget, behind {@link #end}, that nothing is held any more. */
    public void close() {
        settle();
        link.outputBudget().closed(this);
        link.outputBudget().settled();
    }

    @Override
    public long progressNanos() {
        return progressNanos;
    }

    @Override
    public ClientCounts.@Nullable Count clientCount() {
        return link.clientCount();
    }

    @Override
    public long queuedBytes() {
        return held;
    }

    @Override
    public boolean isDrained() {
        return !waiting;
    }

    @Override
    public boolean waitsForPeer() {
        return counts;
    }

    @Override
    public boolean isClosed() {
        return link.isClosed();
    }

    @Override
    public void shed(ShedException cause) {
        link.shed(cause);
    }

    @Override
    public void closeSoon(@Nullable IOException cause) {
        link.closeSoon(cause);
    }

    @Override
    public long freshNanos() {
        return link.freshNanos();
    }

    // ---- the budget only asks how much waits

    @Override
    public void awaitDrained() {
        throw new UnsupportedOperationException("Streams are waited for, not all of them");
    }

    @Override
    public void flushSoon() {}

    @Override
    public void whenSent(Consumer<@Nullable IOException> callback) {
        throw new UnsupportedOperationException("Streams are waited for, not all of them");
    }
}
