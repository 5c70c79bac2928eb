package org.httpkit.topics;

import org.jspecify.annotations.Nullable;

/**
 * One topic: its receivers, and the messages kept for it. Confined to its thread, except its name and {@link #count}.
 */
final class Topic {
    final String name;
    final Ring ring = new Ring();

    /** The offset of the newest message that is no longer kept: a receiver behind it has a gap. */
    long forgotten;

    /** Whether the number of receivers has changed since receivers last got it. */
    boolean presenceChanged;

    @Nullable
    Membership first;

    // Written by the thread of topics, read by any.
    private volatile int count;

    Topic(String name, long forgotten) {
        this.name = name;
        this.forgotten = forgotten;
    }

    /** The number of receivers. Any thread. */
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
