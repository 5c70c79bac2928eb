package org.httpkit.internal.fields;

import org.httpkit.http.Method;
import org.httpkit.internal.bytes.Ascii;

/**
 * Determines the form and the parts of a request target (RFC 9112 section 3.2). Confined to its loop thread.
 *
 * <p>Offsets count from the first byte of the request line. If {@code pathEnd} and {@code end} differ, the query lies
 * between them, after the question mark.
 */
final class RequestTarget {
    int start;
    int end;
    int pathStart;
    int pathEnd;
    int authorityStart;
    /** Equal to {@code authorityStart} if the target has no authority. */
    int authorityEnd;
    /** Whether the target is {@code *}, which only OPTIONS may have. */
    boolean asterisk;

    /** Reads the target in the range, whose characters are of the given kinds (see {@link UriCharacters}). */
    void read(byte[] bytes, int base, int from, int to, int kinds, Method method) throws ViolationException {
        start = from - base;
        end = to - base;
        authorityStart = 0;
        authorityEnd = 0;
        asterisk = false;
        if (from == to) {
            throw Violation.INVALID_REQUEST_LINE.exception();
        }
        if (method.equals(Method.CONNECT)) {
            readAuthorityForm(bytes, base, from, to);
        } else if (bytes[from] == '/') {
            readPathAndQuery(bytes, base, from, to, kinds);
        } else if (bytes[from] == '*' && to - from == 1) {
            asterisk = true;
            pathStart = start;
            pathEnd = end;
        } else {
            readAbsoluteForm(bytes, base, from, to, kinds);
        }
    }

    private void readAuthorityForm(byte[] bytes, int base, int from, int to) throws ViolationException {
        if (!AuthoritySyntax.isValidWithPort(bytes, from, to)) {
            throw Violation.INVALID_AUTHORITY.exception();
        }
        authorityStart = from - base;
        authorityEnd = to - base;
        pathStart = end;
        pathEnd = end;
    }

    private void readAbsoluteForm(byte[] bytes, int base, int from, int to, int kinds) throws ViolationException {
        int colon = Ascii.indexOf((byte) ':', bytes, from, to);
        if (to - colon < 3 || bytes[colon + 1] != '/' || bytes[colon + 2] != '/') {
            throw Violation.INVALID_TARGET.exception();
        }
        if (!Ascii.equalsIgnoreCase(bytes, from, colon, "http")
                && !Ascii.equalsIgnoreCase(bytes, from, colon, "https")) {
            throw Violation.UNKNOWN_SCHEME.exception();
        }
        int authority = colon + 3;
        int path = authority;
        while (path < to && bytes[path] != '/' && bytes[path] != '?') {
            path++;
        }
        if (!AuthoritySyntax.isValidWithHost(bytes, authority, path)) {
            throw Violation.INVALID_AUTHORITY.exception();
        }
        authorityStart = authority - base;
        authorityEnd = path - base;
        readPathAndQuery(bytes, base, path, to, kinds);
    }

    private void readPathAndQuery(byte[] bytes, int base, int from, int to, int kinds) throws ViolationException {
        int question = (kinds & UriCharacters.QUESTION) == 0 ? to : Ascii.indexOf((byte) '?', bytes, from, to);
        if ((kinds & UriCharacters.PERCENT) != 0) {
            requirePercentEncoding(bytes, from, question);
        }
        if ((kinds & UriCharacters.QUERY_ONLY) != 0) {
            requirePathCharacters(bytes, from, question);
        }
        pathStart = from - base;
        pathEnd = question - base;
    }

    private static void requirePathCharacters(byte[] bytes, int from, int to) throws ViolationException {
        for (int i = from; i < to; i++) {
            if (UriCharacters.kindsOf(bytes[i]) == UriCharacters.QUERY_ONLY) {
                throw Violation.INVALID_TARGET.exception();
            }
        }
    }

    /**
     * Applies to a path only: in a query browsers leave a percent sign as typed (WHATWG URL section 4.4, query state).
     */
    private static void requirePercentEncoding(byte[] bytes, int from, int to) throws ViolationException {
        for (int i = from; i < to; i++) {
            if (bytes[i] == '%' && !AuthoritySyntax.isPercentEncoded(bytes, i, to)) {
                throw Violation.INVALID_PERCENT_ENCODING.exception();
            }
        }
    }
}
