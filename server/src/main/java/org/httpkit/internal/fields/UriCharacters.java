package org.httpkit.internal.fields;

/**
 * Looks up the kinds of each byte in a request target (RFC 3986 sections 2 and 3), as bits. Stateless.
 *
 * <p>It allows a few characters beyond that standard where browsers send them unencoded (WHATWG URL section 1.3, the
 * path and query percent-encode sets): existing pages have links such as {@code /?filter[name]=a|b}.
 */
final class UriCharacters {
    /** A character of a path or a query. */
    static final int PATH = 1;
    /** A character of a registered name. */
    static final int NAME = 2;
    /** The sign that begins a percent-encoded octet. */
    static final int PERCENT = 4;
    /** The sign that begins a query. */
    static final int QUESTION = 8;
    /** A character that browsers leave unencoded in a query, though it should be percent-encoded. */
    static final int QUERY_ONLY = 16;

    private static final byte[] KINDS = new byte[256];

    static {
        for (int c = 'a'; c <= 'z'; c++) {
            KINDS[c] = PATH | NAME;
            KINDS[c - 32] = PATH | NAME;
        }
        for (int c = '0'; c <= '9'; c++) {
            KINDS[c] = PATH | NAME;
        }
        for (char c : "-._~!$&'()*+,;=".toCharArray()) {
            KINDS[c] = PATH | NAME;
        }
        for (char c : ":@/".toCharArray()) {
            KINDS[c] = PATH;
        }
        KINDS['%'] = PATH | NAME | PERCENT;
        KINDS['?'] = PATH | QUESTION;
        for (char c : "[]|".toCharArray()) {
            KINDS[c] = PATH; // browsers leave them unencoded in paths too
        }
        for (char c : "{}^`\\".toCharArray()) {
            KINDS[c] = QUERY_ONLY;
        }
    }

    private UriCharacters() {}

    /** The bits of a byte; 0 for one that no part of a request target may have. */
    static int kindsOf(byte b) {
        return KINDS[b & 0xFF];
    }
}
