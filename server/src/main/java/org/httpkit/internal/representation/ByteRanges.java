package org.httpkit.internal.representation;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the Range field (RFC 9110 section 14.2). Stateless.
 *
 * <p>Ranges that overlap or touch are joined in the place of the first; the others keep the order of the request. So no
 * byte is sent twice, whatever ranges the client asks for.
 */
public final class ByteRanges {
    /** Most ranges in one field; a field with more is ignored. */
    public static final int MOST = 16;

    private static final String UNIT = "bytes";

    private ByteRanges() {}

    /**
     * Returns the ranges of a content of {@code length} bytes that the field asks for.
     *
     * @param field the whole value
     * @return null if the server ignores the field: it breaks the grammar, has another unit or too many ranges, or the
     *     content is empty, which no Content-Range can express; empty if no range is satisfiable
     */
    public static @Nullable List<ByteRange> of(String field, long length) {
        int equals = field.indexOf('=');
        if (length == 0 || equals != UNIT.length() || !isUnit(field)) {
            return null;
        }
        List<ByteRange> ranges = new ArrayList<>(1);
        int count = 0;
        for (int start = equals + 1; start <= field.length(); ) {
            int comma = field.indexOf(',', start);
            int stop = comma < 0 ? field.length() : comma;
            int from = skipWhitespace(field, start, stop);
            int to = trimEnd(field, from, stop);
            if (to > from && (++count > MOST || !add(field, from, to, length, ranges))) {
                return null;
            }
            start = stop + 1;
        }
        return count == 0 ? null : ranges;
    }

    /** Compares ignoring case, in ASCII only: some letters of other scripts map to these under a change of case. */
    private static boolean isUnit(String field) {
        for (int i = 0; i < UNIT.length(); i++) {
            if ((field.charAt(i) | 32) != UNIT.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Adds a range if it is satisfiable. Returns false if the text is not a range. */
    private static boolean add(String field, int from, int to, long length, List<ByteRange> ranges) {
        int dash = field.indexOf('-', from);
        if (dash < 0 || dash >= to || !areDigits(field, from, dash) || !areDigits(field, dash + 1, to)) {
            return false;
        }
        if (dash == from) {
            if (to == dash + 1) {
                return false;
            }
            long suffix = number(field, dash + 1, to);
            if (suffix > 0) {
                join(new ByteRange(Math.max(0, length - suffix), length - 1), ranges);
            }
            return true;
        }
        long first = number(field, from, dash);
        boolean open = to == dash + 1;
        if (!open && compare(field, from, dash, dash + 1, to) > 0) {
            return false;
        }
        if (first < length) {
            long last = open ? length - 1 : Math.min(length - 1, number(field, dash + 1, to));
            join(new ByteRange(first, last), ranges);
        }
        return true;
    }

    private static void join(ByteRange range, List<ByteRange> ranges) {
        ByteRange joined = range;
        int place = MOST;
        for (int i = ranges.size() - 1; i >= 0; i--) {
            if (joined.touches(ranges.get(i))) {
                joined = joined.with(ranges.remove(i));
                place = Math.min(place, i);
                i = ranges.size(); // an earlier range may touch it now
            }
        }
        ranges.add(Math.min(place, ranges.size()), joined);
    }

    private static boolean areDigits(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    /** The number, or the largest long if the number is larger. */
    private static long number(String text, int from, int to) {
        long number = 0;
        for (int i = from; i < to; i++) {
            int digit = text.charAt(i) - '0';
            if (number > (Long.MAX_VALUE - digit) / 10) {
                return Long.MAX_VALUE;
            }
            number = 10 * number + digit;
        }
        return number;
    }

    /** Compares two numbers of any length. */
    private static int compare(String text, int from, int to, int otherFrom, int otherTo) {
        int start = skipZeros(text, from, to);
        int otherStart = skipZeros(text, otherFrom, otherTo);
        int digits = to - start;
        int otherDigits = otherTo - otherStart;
        return digits != otherDigits
                ? digits - otherDigits
                : text.substring(start, to).compareTo(text.substring(otherStart, otherTo));
    }

    private static int skipZeros(String text, int from, int to) {
        int i = from;
        while (i < to && text.charAt(i) == '0') {
            i++;
        }
        return i;
    }

    private static int skipWhitespace(String text, int from, int to) {
        int i = from;
        while (i < to && isWhitespace(text.charAt(i))) {
            i++;
        }
        return i;
    }

    private static int trimEnd(String text, int from, int to) {
        int i = to;
        while (i > from && isWhitespace(text.charAt(i - 1))) {
            i--;
        }
        return i;
    }

    private static boolean isWhitespace(char c) {
        return c == ' ' || c == '\t';
    }
}
