package org.httpkit.internal.http1;

import java.nio.charset.StandardCharsets;

/** Writes the Date field (RFC 9110 sections 5.6.7 and 6.6.1) for a second that the caller knows. Stateless. */
public final class DateLine {
    private static final String[] DAYS = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    private static final String[] MONTHS = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
    };

    /** 9999-12-31T23:59:59Z; a later year has no four digits. */
    public static final long LAST_SECOND = 253_402_300_799L;

    private static final int SECONDS_OF_DAY = 86_400;

    private DateLine() {}

    /**
     * The field line, CRLF included, as {@code Date: Sun, 06 Nov 1994 08:49:37 GMT}.
     *
     * @param epochSecond seconds since 1970, 0 up to the end of the year 9999
     */
    public static byte[] of(long epochSecond) {
        return ("Date: " + text(epochSecond) + "\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    /** The moment as IMF-fixdate, {@code Sun, 06 Nov 1994 08:49:37 GMT}. */
    public static String text(long epochSecond) {
        if (epochSecond < 0 || epochSecond > LAST_SECOND) {
            throw new IllegalArgumentException("Second " + epochSecond + " is outside 0 to " + LAST_SECOND);
        }
        int day = (int) (epochSecond / SECONDS_OF_DAY);
        int second = (int) (epochSecond % SECONDS_OF_DAY);
        StringBuilder text = new StringBuilder(29);
        text.append(DAYS[(day + 3) % 7]).append(", "); // 1970 began with a Thursday
        appendDay(text, day).append(' ');
        appendTwoDigits(text, second / 3600).append(':');
        appendTwoDigits(text, second / 60 % 60).append(':');
        return appendTwoDigits(text, second % 60).append(" GMT").toString();
    }

    /**
     * Appends day, month and year of a day since 1970. Reckoned here because java.time would take 15 milliseconds to load.
     *
     * <p>Years are taken to begin with March, so that a leap day is the last of its year; then months have 153 days in five, and
     * years and centuries are fractions of the 146,097 days in which the calendar repeats.
     */
    private static StringBuilder appendDay(StringBuilder text, int day) {
        int since = day + 719_468; // days since 1 March of the year 0
        int era = since / 146_097;
        int dayOfEra = since % 146_097;
        int yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        int dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        int fromMarch = (5 * dayOfYear + 2) / 153;
        int month = (fromMarch + 2) % 12;
        int year = era * 400 + yearOfEra + (month < 2 ? 1 : 0);
        appendTwoDigits(text, dayOfYear - (153 * fromMarch + 2) / 5 + 1).append(' ');
        return text.append(MONTHS[month]).append(' ').append(year);
    }

    private static StringBuilder appendTwoDigits(StringBuilder text, int number) {
        return text.append((char) ('0' + number / 10)).append((char) ('0' + number % 10));
    }
}
