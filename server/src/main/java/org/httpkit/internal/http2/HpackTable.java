package org.httpkit.internal.http2;

import java.util.Arrays;

/**
 * The dynamic table of a decoder (RFC 7541 sections 2.3.2 and 4). One array holds its entries, oldest first, and grows
 * with them. Confined to its loop thread.
 */
final class HpackTable {
    /** The size of each entry in addition to its bytes (section 4.1). */
    static final int ENTRY_OVERHEAD_BYTES = 32;

    private static final int SMALLEST_ARRAY = 128;
    private static final int SMALLEST_RING = 4;
    private static final byte[] NONE = {};

    private int capacity;
    /** The sum of the sizes of the entries, overhead included. */
    private int size;

    private byte[] bytes = NONE;
    /** Where the oldest entry begins, and where the newest ends. */
    private int start;

    private int end;

    private int count;
    /** For each entry, in a ring: the length of its name, then of its value. */
    private int[] ring = {};
    /**
     * For each entry, in a ring of the same layout: where it begins, counted from the first entry ever; wraps around.
     */
    private int[] positions = {};

    private int newest = -1;
    /** The position of the array's first byte. */
    private int origin;

    HpackTable(int capacity) {
        this.capacity = capacity;
    }

    int capacity() {
        return capacity;
    }

    int size() {
        return size;
    }

    int count() {
        return count;
    }

    /** The array that holds the entries; adding an entry may replace it. */
    byte[] bytes() {
        return bytes;
    }

    /** Where the name of the entry at an index begins; index 0 is the newest entry. */
    int nameStart(int index) {
        return positions[slot(index)] - origin;
    }

    /** Where its name ends, and its value begins. */
    int nameEnd(int index) {
        return nameStart(index) + ring[2 * slot(index)];
    }

    int valueEnd(int index) {
        return nameEnd(index) + ring[2 * slot(index) + 1];
    }

    /** Changes the table's capacity, and evicts entries that no longer fit (section 4.3). */
    void resize(int capacity) {
        this.capacity = capacity;
        evictTo(capacity);
    }

    /** Removes all entries. */
    void clear() {
        evictTo(0);
    }

    /**
     * Adds an entry, whose bytes must not be in the table's own array. An entry larger than the table empties the
     * table, and is not added (section 4.4).
     */
    void add(byte[] source, int nameLength, int length) {
        int entrySize = ENTRY_OVERHEAD_BYTES + length;
        if (entrySize > capacity) {
            clear();
            return;
        }
        evictTo(capacity - entrySize);
        makeRoom(length);
        if (count == positions.length) {
            growRing();
        }
        newest = (newest + 1) & (positions.length - 1);
        positions[newest] = origin + end;
        ring[2 * newest] = nameLength;
        ring[2 * newest + 1] = length - nameLength;
        System.arraycopy(source, 0, bytes, end, length);
        end += length;
        size += entrySize;
        count++;
    }

    /** Size of the arrays that hold the entries, in bytes. */
    int heldBytes() {
        return bytes.length + 4 * (ring.length + positions.length);
    }

    private int slot(int index) {
        return (newest - index) & (positions.length - 1);
    }

    private void evictTo(int mostBytes) {
        while (size > mostBytes) {
            int oldest = slot(count - 1);
            int length = ring[2 * oldest] + ring[2 * oldest + 1];
            start += length;
            size -= ENTRY_OVERHEAD_BYTES + length;
            count--;
        }
        if (count == 0) {
            origin += start;
            start = 0;
            end = 0;
        }
    }

    /**
     * If the array is full, moves the entries to the beginning; of a larger array if they fill more than half of this
     * one.
     */
    private void makeRoom(int length) {
        if (end + length <= bytes.length) {
            return;
        }
        int used = end - start;
        int needed = used + length;
        byte[] roomy = 2 * needed <= bytes.length ? bytes : new byte[Math.max(SMALLEST_ARRAY, 2 * needed)];
        System.arraycopy(bytes, start, roomy, 0, used);
        bytes = roomy;
        origin += start;
        start = 0;
        end = used;
    }

    private void growRing() {
        int[] oldPositions = positions;
        int[] oldRing = ring;
        int length = Math.max(SMALLEST_RING, 2 * positions.length);
        int[] newPositions = new int[length];
        int[] newRing = new int[2 * length];
        for (int i = 0; i < count; i++) {
            int from = slot(count - 1 - i);
            newPositions[i] = oldPositions[from];
            newRing[2 * i] = oldRing[2 * from];
            newRing[2 * i + 1] = oldRing[2 * from + 1];
        }
        positions = newPositions;
        ring = newRing;
        newest = count - 1;
    }

    @Override
    public String toString() {
        return count + " entries, " + size + " of " + capacity + " bytes, lengths " + Arrays.toString(ring);
    }
}
