package org.httpkit.internal.net;

/**
 * The time of a loop's cycle, on the scale of {@link System#nanoTime}. Confined to the loop, except for {@link #nanos}.
 */
class LoopClock {
    private volatile long nanos = System.nanoTime();
    private long cycleNanos = nanos;
    private boolean readInCycle;
    /** Whether work since the last reading may have taken long. */
    private boolean isOld;

    /** The time of the last reading. Safe from any thread. */
    long nanos() {
        return nanos;
    }

    void beginCycle() {
        readInCycle = false;
    }

    /** Reads the clock once per cycle. Returns true if this call read it. */
    boolean readOnce() {
        if (readInCycle) {
            return false;
        }
        readInCycle = true;
        isOld = false;
        read();
        cycleNanos = nanos;
        return true;
    }

    /** When the clock was first read in this cycle, or last in an earlier one. */
    long cycleNanos() {
        return cycleNanos;
    }

    void read() {
        set(systemNanos());
    }

    /** The current time, which this does not set. Tests play it. */
    long systemNanos() {
        return System.nanoTime();
    }

    /** Sets a time that was read elsewhere. */
    void set(long now) {
        nanos = now;
    }

    /** Notes that work may have taken long. */
    void workedLong() {
        isOld = true;
    }

    /** Reads the clock if work since the last reading may have taken long. */
    void readIfOld() {
        if (isOld) {
            isOld = false;
            read();
        }
    }
}
