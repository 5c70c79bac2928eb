package org.httpkit.internal.net;

/** The time of a loop's cycle, on the scale of {@link System#nanoTime}. Confined to the loop, but for {@link #nanos}. */
final class LoopClock {
    private volatile long nanos = System.nanoTime();
    private boolean readInCycle;
    /** Whether work that may have taken long was done since the clock was read. */
    private boolean isOld;

    /** The time when the clock was read last. Safe from any thread. */
    long nanos() {
        return nanos;
    }

    void beginCycle() {
        readInCycle = false;
    }

    /** Reads the clock, once per cycle; true if that was now. */
    boolean readOnce() {
        if (readInCycle) {
            return false;
        }
        readInCycle = true;
        isOld = false;
        read();
        return true;
    }

    void read() {
        set(System.nanoTime());
    }

    /** Goes by a time that was read elsewhere. */
    void set(long now) {
        nanos = now;
    }

    /** Work was done that may have taken long. */
    void workedLong() {
        isOld = true;
    }

    /** Reads the clock if work that may have taken long was done since. */
    void readIfOld() {
        if (isOld) {
            isOld = false;
            read();
        }
    }
}
