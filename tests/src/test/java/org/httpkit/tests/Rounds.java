package org.httpkit.tests;

/**
 * How many rounds the tests of races run. {@code -Dhttpkit.rounds=25} makes them run a quarter of the usual number, as
 * {@code ./check} does.
 */
final class Rounds {
    private static final int PERCENT = Integer.getInteger("httpkit.rounds", 100);

    private Rounds() {}

    /** Returns the number of rounds to run instead of the usual number. */
    static int of(int usual) {
        return Math.max(1, Math.toIntExact((long) usual * PERCENT / 100));
    }
}
