package org.httpkit.internal.coding;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Chooses a content coding by the Accept-Encoding field (RFC 9110 section 12.5.3). Stateless. */
public final class AcceptEncoding {
    /** The name for no coding. */
    public static final String IDENTITY = "identity";

    private static final String ANY = "*";
    private static final int UNSAID = -1;
    private static final int NEVER = 0;

    private AcceptEncoding() {}

    /**
     * Returns the coding to use: the one with the largest weight; of equal ones, the first in the offer. Returns
     * identity if no offered coding is acceptable, or if the client names identity and gives it a larger weight.
     *
     * @param lines the values of the field; each may be a list
     * @param offered the codings available, best first, in lower case
     * @return {@link #IDENTITY} or an offered coding; null if the client forbids identity and accepts no offered coding
     */
    public static @Nullable String choose(List<String> lines, List<String> offered) {
        int any = weight(lines, ANY);
        String best = null;
        int bestWeight = NEVER;
        for (String coding : offered) {
            int said = weight(lines, coding);
            int weight = said == UNSAID ? any : said;
            if (weight > bestWeight) {
                best = coding;
                bestWeight = weight;
            }
        }
        int said = weight(lines, IDENTITY);
        int identity = said == UNSAID ? any : said;
        if (best == null) {
            return identity == NEVER ? null : IDENTITY;
        }
        return identity > bestWeight ? IDENTITY : best;
    }

    /** The weight of a coding in thousandths, by the first element that names it; -1 if none does. */
    private static int weight(List<String> lines, String coding) {
        for (String line : lines) {
            for (int start = 0; start < line.length(); ) {
                int comma = line.indexOf(',', start);
                int stop = comma < 0 ? line.length() : comma;
                int from = skipWhitespace(line, start, stop);
                int nameEnd = endOfName(line, from, stop);
                int weight = isNamed(line, from, nameEnd, coding) ? weight(line, nameEnd, stop) : UNSAID;
                if (weight != UNSAID) {
                    return weight;
                }
                start = stop + 1;
            }
        }
        return UNSAID;
    }

    /** {@code x-gzip} is gzip (RFC 9110 section 8.4.1.3). */
    private static boolean isNamed(String line, int from, int to, String coding) {
        return Tokens.isEqual(line, from, to, coding)
                || (coding.equals("gzip") && Tokens.isEqual(line, from, to, "x-gzip"));
    }

    private static int endOfName(String line, int from, int stop) {
        int i = from;
        while (i < stop && line.charAt(i) != ';' && line.charAt(i) != ' ' && line.charAt(i) != '\t') {
            i++;
        }
        return i;
    }

    /**
     * The weight behind a name, 1000 if there is none; -1 if the text there is not a weight, so that the element does
     * not count.
     */
    private static int weight(String line, int from, int stop) {
        int at = skipWhitespace(line, from, stop);
        if (at == stop) {
            return 1000;
        }
        if (line.charAt(at) != ';') {
            return UNSAID;
        }
        at = skipWhitespace(line, at + 1, stop);
        if (stop - at < 3 || (line.charAt(at) | 32) != 'q' || line.charAt(at + 1) != '=') {
            return UNSAID;
        }
        int end = stop;
        while (end > at && (line.charAt(end - 1) == ' ' || line.charAt(end - 1) == '\t')) {
            end--;
        }
        return thousandths(line, at + 2, end);
    }

    /** Reads a weight such as {@code 0.8}: one digit, and at most three after the point. */
    private static int thousandths(String line, int from, int to) {
        int length = to - from;
        if (length < 1 || length > 5 || (length > 1 && line.charAt(from + 1) != '.')) {
            return UNSAID;
        }
        int number = 0;
        for (int i = 0; i < 5; i++) {
            char c = i == 1 || i >= length ? '0' : line.charAt(from + i);
            if (c < '0' || c > '9') {
                return UNSAID;
            }
            number = i == 1 ? number : 10 * number + c - '0';
        }
        return number > 1000 ? UNSAID : number;
    }

    private static int skipWhitespace(String line, int from, int stop) {
        int i = from;
        while (i < stop && (line.charAt(i) == ' ' || line.charAt(i) == '\t')) {
            i++;
        }
        return i;
    }
}
