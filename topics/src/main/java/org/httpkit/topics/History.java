package org.httpkit.topics;

import org.jspecify.annotations.Nullable;

/**
 * Keeps messages of all topics, within a count for each topic, an age, and bytes in all. Confined to its thread. It
 * drops the oldest message, of the topic or of all.
 */
final class History {
    private final int mostOfTopic;
    private final long mostNanos;
    private final long mostBytes;

    private @Nullable Entry oldest;
    private @Nullable Entry newest;

    // Written by the thread of topics, read by any.
    private volatile long bytes;
    private volatile int count;

    History(Limits limits) {
        this.mostOfTopic = limits.keepMessages();
        this.mostNanos = limits.keepNanos();
        this.mostBytes = limits.historyBytes();
    }

    /** Whether messages are kept at all. */
    boolean keeps() {
        return mostOfTopic > 0;
    }

    long bytes() {
        return bytes;
    }

    int count() {
        return count;
    }

    boolean isEmpty() {
        return oldest == null;
    }

    /** Keeps an entry, which is the newest of all. */
    void add(Entry entry) {
        Topic topic = entry.topic;
        if (mostOfTopic == 0) {
            topic.forgotten = entry.offset;
            return;
        }
        if (topic.ring.size() == mostOfTopic) {
            Entry first = topic.ring.first();
            if (first != null) {
                drop(first);
            }
        }
        topic.ring.add(entry);
        entry.older = newest;
        if (newest == null) {
            oldest = entry;
        } else {
            newest.newer = entry;
        }
        newest = entry;
        entry.countedBytes = entry.heldBytes();
        changed(1, entry.countedBytes);
    }

    /** Counts the forms that an entry has gained since. */
    void recount(Entry entry) {
        boolean kept = entry == newest || entry.newer != null;
        if (kept) {
            changed(0, entry.heldBytes() - entry.countedBytes);
            entry.countedBytes = entry.heldBytes();
        }
    }

    /**
     * Drops one entry that is too old or too much; returns its topic, after which the caller calls again, or null if
     * there is none.
     */
    @Nullable
    Topic trim(long nowNanos) {
        Entry first = oldest;
        if (first == null || (bytes <= mostBytes && nowNanos - first.arrivedNanos < mostNanos)) {
            return null;
        }
        drop(first);
        return first.topic;
    }

    /** Drops everything of a topic. */
    void forget(Topic topic) {
        for (Entry first = topic.ring.first(); first != null; first = topic.ring.first()) {
            drop(first);
        }
    }

    /**
     * The topic without receivers that has the oldest message; null if there is none among the first few hundred
     * messages.
     */
    @Nullable
    Topic leastUseful() {
        Entry entry = oldest;
        for (int looked = 0; entry != null && looked < 256; looked++) {
            if (entry.topic.first == null) {
                return entry.topic;
            }
            entry = entry.newer;
        }
        return null;
    }

    /** Removes an entry that is the first of its topic. */
    private void drop(Entry entry) {
        entry.topic.ring.removeFirst();
        entry.topic.forgotten = entry.offset;
        Entry before = entry.older;
        Entry after = entry.newer;
        if (before == null) {
            oldest = after;
        } else {
            before.newer = after;
        }
        if (after == null) {
            newest = before;
        } else {
            after.older = before;
        }
        entry.older = null;
        entry.newer = null;
        changed(-1, -entry.countedBytes);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    private void changed(int entries, long moreBytes) {
        count += entries;
        bytes += moreBytes;
    }
}
