package org.httpkit.internal;

/**
 * Tells when each of many steps is due: at a steady rate, or faster if they could not all be done in time. Immutable.
 *
 * @param beginNanos when the first step is due
 * @param stepNanos the time between two steps
 */
record Pace(long beginNanos, long stepNanos) {
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    /**
     * Returns the pace for a number of steps.
     *
     * @param perSecond the rate, or 0 for all at once
     * @param untilNanos when the last step must be done
     */
    static Pace of(int steps, int perSecond, long nowNanos, long untilNanos) {
        if (steps == 0 || perSecond == 0) {
            return new Pace(nowNanos, 0);
        }
        long atMost = Math.max(0, untilNanos - nowNanos) / steps;
        return new Pace(nowNanos, Math.min(NANOS_PER_SECOND / perSecond, atMost));
    }

    /** When the step with this number is due; numbers begin at 0. */
    long dueNanos(int step) {
        return beginNanos + step * stepNanos;
    }
}
