package org.httpkit.internal.fields;

/** Writes and reads moments as header fields have them (RFC 9110 section 5.6.7), to the second. Stateless. */
public final class HttpDate {
    /** 9999-12-31T23:59:59Z; a later year has no four digits. */
    public static final long LAST_SECOND = 253_402_300_799L;

    /** The result of {@link #parse} for a text that is not a date. */
    public static final long INVALID = Long.MIN_VALUE;

    private static final String[] DAYS = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    private static final String[] LONG_DAYS = {
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"
    };
    private static final String[] MONTHS = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
    };
    private static final int[] DAYS_BEFORE_MONTH = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};

    private static final int SECONDS_OF_DAY = 86_400;
    private static final int DAYS_TO_1970 = 719_162; // since 1 January of the year 1
    private static final int FIXDATE_LENGTH = 29;
    private static final int ASCTIME_LENGTH = 24;

    private HttpDate() {}

    // ---- writing

    /**
     * Returns the moment as IMF-fixdate, {@code Sun, 06 Nov 1994 08:49:37 GMT}.
     *
     * @param epochSecond seconds since 1970, 0 up to the end of the year 9999
     */
    public static String text(long epochSecond) {
        if (epochSecond < 0 || epochSecond > LAST_SECOND) {
            throw new IllegalArgumentException("Second " + epochSecond + " is outside 0 to " + LAST_SECOND);
        }
        int day = (int) (epochSecond / SECONDS_OF_DAY);
        int second = (int) (epochSecond % SECONDS_OF_DAY);
        StringBuilder text = new StringBuilder(FIXDATE_LENGTH);
        text.append(DAYS[(day + 3) % 7]).append(", "); // 1970 began with a Thursday
        appendDay(text, day).append(' ');
        appendTwoDigits(text, second / 3600).append(':');
        appendTwoDigits(text, second / 60 % 60).append(':');
        return appendTwoDigits(text, second % 60).append(" GMT").toString();
    }

    /**
     * Appends day, month and year of a day since 1970. Computed here because java.time takes 15 milliseconds to load.
     *
     * <p>Years begin with March in this computation, so that a leap day is the last of its year. Then five months have
     * 153 days, and years and centuries are fractions of the 146,097 days after which the calendar repeats.
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

    // ---- reading

    /**
     * Reads a date in one of its three forms, exactly as the grammar spells them. The day of the week must be correct.
     *
     * @param nowSecond decides the century of a two-digit year in the obsolete form: the year is at most 50 years after
     *     this moment
     * @return seconds since 1970, negative for earlier moments; {@link #INVALID} if the text is not a date
     */
    public static long parse(String text, long nowSecond) {
        int comma = text.indexOf(',');
        if (comma < 0) {
            return asctime(text);
        }
        return comma == 3 ? fixdate(text) : rfc850(text, comma, nowSecond);
    }

    /** {@code Sun, 06 Nov 1994 08:49:37 GMT}. */
    private static long fixdate(String text) {
        if (text.length() != FIXDATE_LENGTH
                || text.charAt(4) != ' '
                || text.charAt(7) != ' '
                || text.charAt(11) != ' ') {
            return INVALID;
        }
        return moment(
                indexOf(DAYS, text, 0, 3),
                digits(text, 12, 4),
                indexOf(MONTHS, text, 8, 3),
                digits(text, 5, 2),
                gmt(text, 16));
    }

    /** {@code Sunday, 06-Nov-94 08:49:37 GMT}. */
    private static long rfc850(String text, int comma, long nowSecond) {
        int day = comma + 2;
        if (text.length() != comma + 24
                || text.charAt(comma + 1) != ' '
                || text.charAt(day + 2) != '-'
                || text.charAt(day + 6) != '-') {
            return INVALID;
        }
        int shortYear = digits(text, day + 7, 2);
        int thisYear = yearOf(nowSecond);
        int year = shortYear < 0 ? -1 : thisYear - thisYear % 100 + 100 + shortYear;
        while (year > thisYear + 50) {
            year -= 100;
        }
        return moment(
                indexOf(LONG_DAYS, text, 0, comma),
                year,
                indexOf(MONTHS, text, day + 3, 3),
                digits(text, day, 2),
                gmt(text, day + 9));
    }

    /** {@code Sun Nov  6 08:49:37 1994}. */
    private static long asctime(String text) {
        if (text.length() != ASCTIME_LENGTH
                || text.charAt(3) != ' '
                || text.charAt(7) != ' '
                || text.charAt(19) != ' ') {
            return INVALID;
        }
        int day = text.charAt(8) == ' ' ? digits(text, 9, 1) : digits(text, 8, 2);
        return moment(
                indexOf(DAYS, text, 0, 3),
                digits(text, 20, 4),
                indexOf(MONTHS, text, 4, 3),
                day,
                text.charAt(10) == ' ' ? secondOfDay(text, 11) : -1);
    }

    /** Combines the parts; a malformed part is negative. */
    private static long moment(int weekday, int year, int month, int day, int secondOfDay) {
        if (weekday < 0 || year < 1 || month < 0 || day < 1 || secondOfDay < 0) {
            return INVALID;
        }
        boolean leapYear = isLeapYear(year);
        int length = DAYS_BEFORE_MONTH[month + 1] - DAYS_BEFORE_MONTH[month] + (leapYear && month == 1 ? 1 : 0);
        int days = daysBefore(year) + DAYS_BEFORE_MONTH[month] + (leapYear && month > 1 ? 1 : 0) + day - 1;
        boolean rightDay = Math.floorMod(days + 3, 7) == weekday;
        return day <= length && rightDay ? (long) days * SECONDS_OF_DAY + secondOfDay : INVALID;
    }

    /** Days from 1970 to the beginning of a year, negative for earlier years. */
    private static int daysBefore(int year) {
        int past = year - 1;
        return 365 * past + past / 4 - past / 100 + past / 400 - DAYS_TO_1970;
    }

    private static boolean isLeapYear(int year) {
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    }

    private static int yearOf(long epochSecond) {
        int day = (int) Math.floorDiv(epochSecond, (long) SECONDS_OF_DAY);
        int year = 1970 + day / 366;
        while (daysBefore(year + 1) <= day) {
            year++;
        }
        return year;
    }

    /** Reads a time of day and the zone, up to the end of the text. */
    private static int gmt(String text, int at) {
        return text.charAt(at) == ' ' && text.endsWith(" GMT") ? secondOfDay(text, at + 1) : -1;
    }

    /** Reads {@code 08:49:37}; a leap second is the 61st of its minute. */
    private static int secondOfDay(String text, int at) {
        int hour = digits(text, at, 2);
        int minute = digits(text, at + 3, 2);
        int second = digits(text, at + 6, 2);
        boolean valid = text.charAt(at + 2) == ':'
                && text.charAt(at + 5) == ':'
                && hour >= 0
                && hour < 24
                && minute >= 0
                && minute < 60
                && second >= 0
                && second <= 60;
        return valid ? (60 * hour + minute) * 60 + second : -1;
    }

    private static int digits(String text, int from, int count) {
        int number = 0;
        for (int i = from; i < from + count; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = 10 * number + digit;
        }
        return number;
    }

    private static int indexOf(String[] names, String text, int from, int length) {
        for (int i = 0; i < names.length; i++) {
            if (names[i].length() == length && text.startsWith(names[i], from)) {
                return i;
            }
        }
        return -1;
    }
}
