package org.httpkit.internal.fields;

import java.util.Arrays;
import org.httpkit.internal.bytes.Ascii;

/**
 * Judges fields that come after the content (RFC 9110 section 6.5.1). It refuses fields that a recipient needs before
 * the content, or that would change what the request asks for: framing, routing, credentials, conditions and ranges,
 * content codings. It leaves out fields that are meaningless there but harmless, so that no handler mistakes one for a
 * header field. Stateless.
 */
final class TrailerRules implements FieldLines.Rules {
    static final TrailerRules INSTANCE = new TrailerRules();

    private static final String[][] FORBIDDEN_BY_LENGTH = byLength(
            "authorization",
            "connection",
            "content-encoding",
            "content-length",
            "content-range",
            "cookie",
            "expect",
            "forwarded",
            "host",
            "if-match",
            "if-modified-since",
            "if-none-match",
            "if-range",
            "if-unmodified-since",
            "keep-alive",
            "max-forwards",
            "proxy-authenticate",
            "proxy-authorization",
            "proxy-connection",
            "range",
            "set-cookie",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "www-authenticate",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-port",
            "x-forwarded-proto");

    private static final String[][] LEFT_OUT_BY_LENGTH = byLength(
            "age",
            "cache-control",
            "content-disposition",
            "content-language",
            "content-location",
            "content-type",
            "date",
            "expires",
            "location",
            "pragma",
            "retry-after",
            "vary",
            "warning");

    private TrailerRules() {}

    @Override
    public boolean keeps(byte[] bytes, int base, int nameStart, int nameEnd, int valueStart, int valueEnd)
            throws ViolationException {
        if (isAmong(FORBIDDEN_BY_LENGTH, bytes, nameStart, nameEnd)) {
            throw Violation.FORBIDDEN_TRAILER.exception();
        }
        return !isAmong(LEFT_OUT_BY_LENGTH, bytes, nameStart, nameEnd);
    }

    private static boolean isAmong(String[][] namesByLength, byte[] bytes, int nameStart, int nameEnd) {
        int length = nameEnd - nameStart;
        if (length < namesByLength.length) {
            for (String name : namesByLength[length]) {
                if (Ascii.equalsIgnoreCase(bytes, nameStart, nameEnd, name)) {
                    return true;
                }
            }
        }
        return false;
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
