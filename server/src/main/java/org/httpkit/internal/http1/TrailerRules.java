package org.httpkit.internal.http1;

import java.util.Arrays;
import org.httpkit.internal.bytes.Ascii;

/**
 * Refuses fields that may not come after the content: those for framing, routing, authentication, connection and content
 * format, request modifiers and response controls (RFC 9110 section 6.5.1). Stateless.
 */
final class TrailerRules implements FieldLines.Rules {
    static final TrailerRules INSTANCE = new TrailerRules();

    private static final String[][] FORBIDDEN_BY_LENGTH = byLength(
            "age",
            "authorization",
            "cache-control",
            "connection",
            "content-disposition",
            "content-encoding",
            "content-language",
            "content-length",
            "content-location",
            "content-range",
            "content-type",
            "cookie",
            "date",
            "expect",
            "expires",
            "forwarded",
            "host",
            "if-match",
            "if-modified-since",
            "if-none-match",
            "if-range",
            "if-unmodified-since",
            "keep-alive",
            "location",
            "max-forwards",
            "pragma",
            "proxy-authenticate",
            "proxy-authorization",
            "proxy-connection",
            "range",
            "retry-after",
            "set-cookie",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "vary",
            "warning",
            "www-authenticate",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-port",
            "x-forwarded-proto");

    private TrailerRules() {}

    @Override
    public void judge(byte[] bytes, int base, int nameStart, int nameEnd, int valueStart, int valueEnd)
            throws ViolationException {
        int length = nameEnd - nameStart;
        if (length < FORBIDDEN_BY_LENGTH.length) {
            for (String forbidden : FORBIDDEN_BY_LENGTH[length]) {
                if (Ascii.equalsIgnoreCase(bytes, nameStart, nameEnd, forbidden)) {
                    throw Violation.FORBIDDEN_TRAILER.exception();
                }
            }
        }
    }

    private static String[][] byLength(String... names) {
        String[][] table = new String[32][0];
        for (String name : names) {
            String[] longer = Arrays.copyOf(table[name.length()], table[name.length()].length + 1);
            longer[longer.length - 1] = name;
            table[name.length()] = longer;
        }
        return table;
    }
}
