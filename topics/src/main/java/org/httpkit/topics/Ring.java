package org.httpkit.topics;

import org.jspecify.annotations.Nullable;

/** The kept entries of one topic, in the order of the log. Confined to its thread. */
final class Ring {
    private @Nullable Entry[] entries = new Entry[4];
    private int first;
    private int size;

    int size() {
        return size;
    }

    void add(Entry entry) {
        if (size == entries.length) {
            grow();
        }
        entries[(first + size) & (entries.length - 1)] = entry;
        size++;
    }

    /** The oldest entry, or null. */
    @Nullable
    Entry first() {
        return entries[first];
    }

    void removeFirst() {
        entries[first] = null;
        first = (first + 1) & (entries.length - 1);
        size--;
    }

    /** The oldest entry behind this offset, or null. */
    @Nullable
    Entry firstAfter(long offset) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (get(middle).offset <= offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == size ? null : get(low);
    }

    private Entry get(int index) {
        Entry entry = entries[(first + index) & (entries.length - 1)];
        if (entry == null) {
            throw new IllegalStateException("There is no entry " + index + " of " + size);
        }
        return entry;
    }

    private void grow() {
        @Nullable Entry[] larger = new Entry[entries.length * 2];
        for (int i = 0; i < size; i++) {
            larger[i] = get(i);
        }
        entries = larger;
        first = 0;
    }
}
