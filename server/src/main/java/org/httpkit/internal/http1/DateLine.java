package org.httpkit.internal.http1;

import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/** Writes the Date field (RFC 9110 sections 5.6.7 and 6.6.1) for a second that the caller knows. Stateless. */
public final class DateLine {
    private static final String[] DAYS = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    private static final String[] MONTHS = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
    };

    /** 9999-12-31T23:59:59Z; a later year has no four digits. */
    private static final long LAST_SECOND = 253_402_300_799L;

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
        LocalDateTime time = LocalDateTime.ofEpochSecond(epochSecond, 0, ZoneOffset.UTC);
        StringBuilder text = new StringBuilder(29);
        text.append(DAYS[time.getDayOfWeek().getValue() - 1]).append(", ");
        appendTwoDigits(text, time.getDayOfMonth()).append(' ');
        text.append(MONTHS[time.getMonthValue() - 1])
                .append(' ')
                .append(time.getYear())
                .append(' ');
        appendTwoDigits(text, time.getHour()).append(':');
        appendTwoDigits(text, time.getMinute()).append(':');
        return appendTwoDigits(text, time.getSecond()).append(" GMT").toString();
    }

    private static StringBuilder appendTwoDigits(StringBuilder text, int number) {
        return text.append((char) ('0' + number / 10)).append((char) ('0' + number % 10));
    }
}
