package org.httpkit.tests;

/**
 * How often the tests of races try their luck. {@code -Dhttpkit.rounds=25} makes them try a quarter as often, as
 * {@code ./check} does.
 */
final class Rounds {
    private static final int PERCENT = Integer.getInteger("httpkit.rounds", 100);

    private Rounds() {}

    /** Returns how many rounds of usually so many to run. */
    static int of(int usual) {
        return Math.max(1, Math.toIntExact((long) usual * PERCENT / 100));
    }
}
