package org.httpkit.server;

import java.time.Duration;
import java.util.Objects;

/** Checks option values; each message names the option, the value and the legal range. */
final class Options {
    /** Keeps sums of clock readings and timeouts far from overflow. */
    private static final Duration LONGEST = Duration.ofDays(3650);

    private Options() {}

    static int requireBetween(String option, int value, int least, int most) {
        return (int) requireBetween(option, (long) value, least, most);
    }

    static long requireBetween(String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(option + " is " + value + "; it must be from " + least + " to " + most);
        }
        return value;
    }

    static Duration requireNotNegative(String option, Duration value) {
        Objects.requireNonNull(value, option);
        if (value.isNegative() || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(option + " is " + value + "; it must be from 0 to 3650 days");
        }
        return value;
    }
}
