package org.httpkit.internal.fields;

import static org.httpkit.internal.bytes.Ascii.intAt;
import static org.httpkit.internal.bytes.Ascii.longAt;

import java.nio.charset.StandardCharsets;
import org.httpkit.http.HttpVersion;
import org.httpkit.internal.bytes.Ascii;

/**
 * Judges the fields that control the message and the connection, and reports their effect: Host, Content-Length,
 * Transfer-Encoding, Connection, Expect, Upgrade (RFC 9112 sections 3.2, 6 and 9). Confined to its loop thread.
 */
final class HeaderRules implements FieldLines.Rules {
    static final int CLOSE = 1;
    static final int KEEP_ALIVE = 2;
    static final int UPGRADE_FIELD = 8;
    static final int EXPECTS_CONTINUE = 16;
    static final int UNKNOWN_EXPECTATION = 32;
    private static final int HOST = 64;
    private static final int CHUNKED = 128;

    // Names in lower case as words; token characters or'ed with LOWER give these words for these letters alone.
    private static final long LOWER = 0x2020202020202020L;
    private static final int HOST_NAME = firstInt("host");
    private static final int EXPE = firstInt("expe");
    private static final int PECT = firstInt("pect");
    private static final int UPGR = firstInt("upgr");
    private static final int RADE = firstInt("rade");
    private static final long CONNECTI = firstLong("connecti");
    private static final long NNECTION = firstLong("nnection");
    private static final long CONTENT_ = firstLong("content-");
    private static final long T_LENGTH = firstLong("t-length");
    private static final long TRANSFER = firstLong("transfer");
    private static final long ENCODING = firstLong("encoding");

    private HttpVersion version = HttpVersion.HTTP_1_1;
    private int facts;
    private long contentLength;
    private int hostStart;
    private int hostEnd;

    void start(HttpVersion version) {
        this.version = version;
        facts = 0;
        contentLength = -1;
        hostStart = 0;
        hostEnd = 0;
    }

    @Override
    public boolean keeps(byte[] bytes, int base, int nameStart, int nameEnd, int valueStart, int valueEnd)
            throws ViolationException {
        judge(bytes, base, nameStart, nameEnd, valueStart, valueEnd);
        return true;
    }

    private void judge(byte[] bytes, int base, int nameStart, int nameEnd, int valueStart, int valueEnd)
            throws ViolationException {
        switch (nameEnd - nameStart) {
            case 4 -> {
                if (lowerIntAt(bytes, nameStart) == HOST_NAME) {
                    host(bytes, base, valueStart, valueEnd);
                }
            }
            case 6 -> {
                if (lowerIntAt(bytes, nameStart) == EXPE && lowerIntAt(bytes, nameStart + 2) == PECT) {
                    expect(bytes, valueStart, valueEnd);
                }
            }
            case 7 -> {
                if (lowerIntAt(bytes, nameStart) == UPGR && lowerIntAt(bytes, nameStart + 3) == RADE) {
                    facts |= UPGRADE_FIELD;
                }
            }
            case 10 -> {
                if (lowerLongAt(bytes, nameStart) == CONNECTI && lowerLongAt(bytes, nameStart + 2) == NNECTION) {
                    connection(bytes, valueStart, valueEnd);
                }
            }
            case 14 -> {
                if (lowerLongAt(bytes, nameStart) == CONTENT_ && lowerLongAt(bytes, nameStart + 6) == T_LENGTH) {
                    contentLength(bytes, valueStart, valueEnd);
                }
            }
            case 17 -> {
                if (lowerLongAt(bytes, nameStart) == TRANSFER
                        && bytes[nameStart + 8] == '-'
                        && lowerLongAt(bytes, nameStart + 9) == ENCODING) {
                    transferEncoding(bytes, valueStart, valueEnd);
                }
            }
            default -> {
                // A field for the handler.
            }
        }
    }

    /** Applies the rules that need the whole header section. */
    void judgeWhole() throws ViolationException {
        if (version == HttpVersion.HTTP_1_1 && (facts & HOST) == 0) {
            throw Violation.MISSING_HOST.exception();
        }
    }

    /** Notes that a body of unknown length follows, delimited in the way of this version of HTTP. */
    void expectBodyOfUnknownLength() {
        facts |= CHUNKED;
    }

    BodyFraming bodyFraming() {
        if ((facts & CHUNKED) != 0) {
            return BodyFraming.CHUNKED;
        }
        return contentLength > 0 ? BodyFraming.LENGTH : BodyFraming.NONE;
    }

    /** Whether the request has a Content-Length. */
    boolean declaresLength() {
        return contentLength >= 0;
    }

    /** The declared length, 0 without a body, -1 for a chunked body. */
    long contentLength() {
        return (facts & CHUNKED) != 0 ? -1 : Math.max(contentLength, 0);
    }

    int facts() {
        return facts;
    }

    int hostStart() {
        return hostStart;
    }

    int hostEnd() {
        return hostEnd;
    }

    private void host(byte[] bytes, int base, int from, int to) throws ViolationException {
        if ((facts & HOST) != 0) {
            throw Violation.REPEATED_HOST.exception();
        }
        if (!AuthoritySyntax.isValid(bytes, from, to)) {
            throw Violation.INVALID_HOST.exception();
        }
        facts |= HOST;
        hostStart = from - base;
        hostEnd = to - base;
    }

    /**
     * Refuses a list of equal lengths: a server may accept it as one length (RFC 9112 section 6.3), but honest clients
     * never send it.
     */
    private void contentLength(byte[] bytes, int from, int to) throws ViolationException {
        if (contentLength >= 0) {
            throw Violation.REPEATED_CONTENT_LENGTH.exception();
        }
        if ((facts & CHUNKED) != 0) {
            throw Violation.LENGTH_WITH_TRANSFER_ENCODING.exception();
        }
        if (from == to) {
            throw Violation.INVALID_CONTENT_LENGTH.exception();
        }
        long length = 0;
        boolean overflow = false;
        for (int i = from; i < to; i++) {
            if (!Ascii.isDigit(bytes[i])) {
                throw Violation.INVALID_CONTENT_LENGTH.exception();
            }
            int digit = bytes[i] - '0';
            overflow |= length > (Long.MAX_VALUE - digit) / 10;
            length = 10 * length + digit;
        }
        if (overflow) {
            throw Violation.CONTENT_LENGTH_OVERFLOW.exception();
        }
        contentLength = length;
    }

    /** Accepts only {@code chunked}, once over all lines of the field; no other coding is implemented. */
    private void transferEncoding(byte[] bytes, int from, int to) throws ViolationException {
        if (version == HttpVersion.HTTP_1_0) {
            throw Violation.TRANSFER_ENCODING_IN_HTTP_1_0.exception();
        }
        if (contentLength >= 0) {
            throw Violation.LENGTH_WITH_TRANSFER_ENCODING.exception();
        }
        boolean any = false;
        for (int start = from; start < to; ) {
            int comma = Ascii.indexOf((byte) ',', bytes, start, to);
            int coding = Ascii.skipWhitespace(bytes, start, comma);
            int codingEnd = Ascii.trimEnd(bytes, coding, comma);
            if (coding < codingEnd) {
                transferCoding(bytes, coding, codingEnd);
                any = true;
            }
            start = comma + 1;
        }
        if (!any) {
            throw Violation.INVALID_TRANSFER_ENCODING.exception();
        }
    }

    private void transferCoding(byte[] bytes, int from, int to) throws ViolationException {
        boolean chunked = Ascii.equalsIgnoreCase(bytes, from, to, "chunked");
        if (chunked) {
            if ((facts & CHUNKED) != 0) {
                throw Violation.REPEATED_CHUNKED.exception();
            }
            facts |= CHUNKED;
            return;
        }
        int nameEnd = from;
        while (nameEnd < to && Ascii.isTokenChar(bytes[nameEnd])) {
            nameEnd++;
        }
        int rest = Ascii.skipWhitespace(bytes, nameEnd, to);
        boolean wellFormed = nameEnd > from && (rest == to || bytes[rest] == ';');
        if (!wellFormed || Ascii.equalsIgnoreCase(bytes, from, nameEnd, "chunked")) {
            throw Violation.INVALID_TRANSFER_ENCODING.exception();
        }
        throw ((facts & CHUNKED) != 0 ? Violation.CHUNKED_NOT_LAST : Violation.UNKNOWN_TRANSFER_CODING).exception();
    }

    private void connection(byte[] bytes, int from, int to) {
        for (int start = from; start < to; ) {
            int comma = Ascii.indexOf((byte) ',', bytes, start, to);
            int option = Ascii.skipWhitespace(bytes, start, comma);
            int optionEnd = Ascii.trimEnd(bytes, option, comma);
            if (Ascii.equalsIgnoreCase(bytes, option, optionEnd, "keep-alive")) {
                facts |= KEEP_ALIVE;
            } else if (Ascii.equalsIgnoreCase(bytes, option, optionEnd, "close")) {
                facts |= CLOSE;
            }
            start = comma + 1;
        }
    }

    private void expect(byte[] bytes, int from, int to) {
        for (int start = from; start < to; ) {
            int comma = Ascii.indexOf((byte) ',', bytes, start, to);
            int expectation = Ascii.skipWhitespace(bytes, start, comma);
            int expectationEnd = Ascii.trimEnd(bytes, expectation, comma);
            if (Ascii.equalsIgnoreCase(bytes, expectation, expectationEnd, "100-continue")) {
                facts |= EXPECTS_CONTINUE;
            } else if (expectation < expectationEnd) {
                facts |= UNKNOWN_EXPECTATION;
            }
            start = comma + 1;
        }
    }

    private static int lowerIntAt(byte[] bytes, int index) {
        return intAt(bytes, index) | (int) LOWER;
    }

    private static long lowerLongAt(byte[] bytes, int index) {
        return longAt(bytes, index) | LOWER;
    }

    private static int firstInt(String text) {
        return intAt(text.getBytes(StandardCharsets.US_ASCII), 0);
    }

    private static long firstLong(String text) {
        return longAt(text.getBytes(StandardCharsets.US_ASCII), 0);
    }
}
