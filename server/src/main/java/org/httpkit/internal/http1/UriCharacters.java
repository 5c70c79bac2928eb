package org.httpkit.internal.http1;

import org.httpkit.internal.bytes.Ascii;

/** What each byte may be in a request target (RFC 3986 sections 2 and 3), as bits to be looked up. Stateless. */
final class UriCharacters {
    /** A character of a path or a query. */
    static final int PATH = 1;
    /** A character of a registered name. */
    static final int NAME = 2;
    /** The sign that begins a percent-encoded octet. */
    static final int PERCENT = 4;
    /** The sign that begins a query. */
    static final int QUESTION = 8;
    /** A bracket around an IP literal; nowhere else. */
    static final int BRACKET = 16;

    private static final long EQUALS_SIGNS = Ascii.ONES * '=';
    private static final long UNDERSCORES = Ascii.ONES * '_';

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
        KINDS['['] = BRACKET;
        KINDS[']'] = BRACKET;
    }

    private UriCharacters() {}

    /** Skips plain characters of a path or query, most of them at once; what it stops at may be one, too. */
    static int skipPlain(byte[] bytes, int from, int to) {
        int i = from;
        while (i <= to - 8) {
            long word = Ascii.longAt(bytes, i);
            // From & to ; all characters are plain, digits, points and slashes among them.
            long plain = Ascii.letters(word)
                    | Ascii.between(word, '&', ';')
                    | Ascii.equalTo(word, EQUALS_SIGNS)
                    | Ascii.equalTo(word, UNDERSCORES);
            long others = Ascii.HIGH_BITS & (~plain | word);
            if (others != 0) {
                return i + (Long.numberOfTrailingZeros(others) >>> 3);
            }
            i += 8;
        }
        return i;
    }

    /** The bits of a byte; 0 for one that no part of a request target may have. */
    static int kindsOf(byte b) {
        return KINDS[b & 0xFF];
    }
}
