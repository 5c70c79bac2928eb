package org.httpkit.internal.proxy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the elements of a list field, the last one first, over all its lines (RFC 9110 section 5.6.1); skips empty
 * elements. Used by one thread.
 *
 * <p>It reads from the end, because only the end comes from a known writer: no text that a client put before it, in
 * particular an opening quote, can change how the elements behind it are read.
 */
final class ListFromTheEnd {
    private final List<String> lines;
    private final boolean quotes;

    private int line;
    /** The end of the rest of the current line; -1 if nothing is left. */
    private int end = -1;

    /**
     * Begins at the end of these lines.
     *
     * @param quotes whether a comma within a quoted string is not a separator
     */
    ListFromTheEnd(List<String> lines, boolean quotes) {
        this.lines = lines;
        this.quotes = quotes;
        this.line = lines.size();
    }

    /** Returns the next element to the left, without white space around it, or null. */
    @Nullable
    String previous() {
        while (true) {
            if (end < 0) {
                if (line == 0) {
                    return null;
                }
                end = lines.get(--line).length();
            }
            String text = lines.get(line);
            int comma = commaBefore(text, end);
            String element = trimmed(text, comma + 1, end);
            end = comma;
            if (!element.isEmpty()) {
                return element;
            }
        }
    }

    /** How many elements there are. */
    static int count(List<String> lines) {
        ListFromTheEnd list = new ListFromTheEnd(lines, false);
        int count = 0;
        while (list.previous() != null) {
            count++;
        }
        return count;
    }

    private int commaBefore(String text, int from) {
        boolean quoted = false;
        for (int i = from - 1; i >= 0; i--) {
            char c = text.charAt(i);
            if (c == '"' && quotes) {
                quoted = !quoted || isEscaped(text, i);
            } else if (c == ',' && !quoted) {
                return i;
            }
        }
        return -1;
    }

    /** Whether an odd number of backslashes precedes the index, which is within a quoted string. */
    private static boolean isEscaped(String text, int index) {
        int i = index;
        while (i > 0 && text.charAt(i - 1) == '\\') {
            i--;
        }
        return ((index - i) & 1) != 0;
    }

    private static String trimmed(String text, int from, int to) {
        int start = from;
        int stop = to;
        while (start < stop && isWhitespace(text.charAt(start))) {
            start++;
        }
        while (stop > start && isWhitespace(text.charAt(stop - 1))) {
            stop--;
        }
        return text.substring(start, stop);
    }

    private static boolean isWhitespace(char c) {
        return c == ' ' || c == '\t';
    }
}
