package org.httpkit.testkit.simulation;

import java.util.zip.CRC32C;

/**
 * A checksum of all bytes that cross the wires of one simulation, and of their times: two runs with one seed have the
 * same. Confined to the simulation's thread.
 */
final class Story {
    private final CRC32C sum = new CRC32C();
    private long events;

    void add(long nanos, byte[] bytes, int from, int count) {
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            sum.update((int) (nanos >>> shift));
        }
        sum.update(bytes, from, count);
        events++;
    }

    /** The sum so far, below the number of its events. */
    long sum() {
        return events << Integer.SIZE | sum.getValue();
    }
}
