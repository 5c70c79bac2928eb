package org.httpkit.topics;

import org.jspecify.annotations.Nullable;

/** One topic: who listens, and what is kept of it. Confined to its thread, but for its name and {@link #count}. */
final class Topic {
    final String name;
    final Ring ring = new Ring();

    /** The offset of the newest message that is not kept any more: who has less than that has a gap. */
    long forgotten;

    /** Whether the number of receivers has changed since receivers heard of it. */
    boolean presenceChanged;

    @Nullable
    Membership first;

    // Written by the thread of topics, read by any.
    private volatile int count;

    Topic(String name, long forgotten) {
        this.name = name;
        this.forgotten = forgotten;
    }

    /** How many receivers it has. Any thread. */
    int count() {
        return count;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    void add(Membership membership) {
        membership.next = first;
        if (first != null) {
            first.previous = membership;
        }
        first = membership;
        count++;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    void remove(Membership membership) {
        Membership before = membership.previous;
        Membership after = membership.next;
        if (before == null) {
            first = after;
        } else {
            before.next = after;
        }
        if (after != null) {
            after.previous = before;
        }
        count--;
    }

    boolean isUnused() {
        return first == null && ring.size() == 0;
    }
}
