package org.httpkit.internal.fields;

import static org.httpkit.internal.bytes.Ascii.CR;
import static org.httpkit.internal.bytes.Ascii.LF;
import static org.httpkit.internal.bytes.Ascii.SP;

import java.nio.charset.StandardCharsets;
import org.httpkit.http.HttpVersion;
import org.httpkit.http.Method;
import org.httpkit.internal.bytes.Ascii;

/**
 * Reads a request line (RFC 9112 section 3) and stops anywhere between two bytes. Confined to its loop thread.
 *
 * <p>Offsets count from the first byte of the line. It refuses a misplaced character as soon as it reads it, and judges
 * the form of the target at the space that ends it.
 */
final class RequestLine {
    private enum State {
        METHOD,
        TARGET,
        VERSION,
        LINE_END,
        LINE_FEED
    }

    private static final int MAJOR = 1;
    private static final int MAJOR_OF_HTTP_2 = 2;
    private static final byte[] VERSION_PATTERN = "HTTP/d.d".getBytes(StandardCharsets.US_ASCII);
    private static final int MAJOR_DIGIT = 5;
    private static final int MINOR_DIGIT = 7;
    private static final long HTTP_1_1 = Ascii.longAt("HTTP/1.1".getBytes(StandardCharsets.US_ASCII), 0);

    final RequestTarget target = new RequestTarget();
    Method method = Method.GET;
    HttpVersion version = HttpVersion.HTTP_1_1;

    private State state = State.METHOD;
    private int maxLineBytes;
    private int position;
    private int targetStart;
    private int targetKinds;
    private int versionStart;
    /** The protocol's major version; the end of the line judges it before the rules that hold for version 1 alone. */
    private int major;

    private boolean http2Accepted;

    void start(int maxLineBytes) {
        this.maxLineBytes = maxLineBytes;
        state = State.METHOD;
        method = Method.GET;
        major = MAJOR;
        http2Accepted = false;
        position = 0;
        targetKinds = 0;
    }

    /** Accepts the line of a head that was built from HTTP/2, which no client sends. */
    void acceptHttp2() {
        http2Accepted = true;
    }

    /** How many bytes were consumed; after a violation, up to and including the offending one. */
    int position() {
        return position;
    }

    /**
     * Continues to read the line that begins at {@code base}, up to {@code end}; returns whether the line is complete.
     */
    boolean parse(byte[] bytes, int base, int end) throws ViolationException {
        int at = base + position;
        // From here on only the CRLF may follow.
        int limit = base + maxLineBytes - 2;
        int stop = Math.min(end, limit);
        if (state == State.METHOD) {
            while (at < stop && Ascii.isTokenChar(bytes[at])) {
                at++;
            }
            if (at == end) {
                return suspend(at - base, State.METHOD);
            }
            if (at == limit || bytes[at] != SP || at == base) {
                throw refuse(
                        at - base, at == limit ? Violation.METHOD_TOO_LONG : methodViolation(bytes[at], at == base));
            }
            method = methodOf(bytes, base, at);
            at++;
            targetStart = at - base;
            state = State.TARGET;
        }
        if (state == State.TARGET) {
            int kinds = targetKinds;
            int kind;
            while (at < stop && (kind = UriCharacters.kindsOf(bytes[at])) != 0) {
                kinds |= kind;
                at++;
            }
            if (at == end) {
                targetKinds = kinds;
                return suspend(at - base, State.TARGET);
            }
            if (at == limit || bytes[at] != SP) {
                throw refuse(at - base, at == limit ? Violation.REQUEST_LINE_TOO_LONG : targetViolation(bytes[at]));
            }
            position = at + 1 - base;
            target.read(bytes, base, base + targetStart, at, kinds, method);
            at++;
            versionStart = at - base;
            state = State.VERSION;
        }
        if (state == State.VERSION) {
            int start = base + versionStart;
            if (at == start && stop - at >= VERSION_PATTERN.length && Ascii.longAt(bytes, at) == HTTP_1_1) {
                version = HttpVersion.HTTP_1_1;
                at += VERSION_PATTERN.length;
            } else {
                for (; at - start < VERSION_PATTERN.length; at++) {
                    if (at == end) {
                        return suspend(at - base, State.VERSION);
                    }
                    checkVersionByte(bytes[at], at - start, at - base, at >= limit);
                }
            }
            state = State.LINE_END;
        }
        if (state == State.LINE_END) {
            if (at == end) {
                return suspend(at - base, State.LINE_END);
            }
            if (bytes[at] != CR) {
                throw refuse(at - base, at >= limit ? Violation.REQUEST_LINE_TOO_LONG : lineEndViolation(bytes[at]));
            }
            if (major != MAJOR) {
                requireHttp2(at - base);
            }
            if (target.asterisk && !method.equals(Method.OPTIONS)) {
                throw refuse(at - base, Violation.ASTERISK_WITHOUT_OPTIONS);
            }
            at++;
            state = State.LINE_FEED;
        }
        if (at == end) {
            return suspend(at - base, State.LINE_FEED);
        }
        if (bytes[at] != LF) {
            throw refuse(at - base, Violation.BARE_CR);
        }
        position = at + 1 - base;
        return true;
    }

    private boolean suspend(int position, State state) {
        this.position = position;
        this.state = state;
        return false;
    }

    private ViolationException refuse(int offendingByte, Violation violation) {
        position = offendingByte + 1;
        return violation.exception();
    }

    private void requireHttp2(int offset) throws ViolationException {
        if (!http2Accepted || major != MAJOR_OF_HTTP_2) {
            throw refuse(offset, Violation.UNSUPPORTED_VERSION);
        }
        version = HttpVersion.HTTP_2;
    }

    private void checkVersionByte(byte b, int index, int offset, boolean beyondLimit) throws ViolationException {
        if (beyondLimit) {
            throw refuse(offset, Violation.REQUEST_LINE_TOO_LONG);
        }
        if (index == MAJOR_DIGIT || index == MINOR_DIGIT) {
            if (!Ascii.isDigit(b)) {
                throw refuse(offset, lineEndViolation(b));
            }
        }
        if (index == MAJOR_DIGIT) {
            major = b - '0';
        } else if (index == MINOR_DIGIT) {
            // A higher minor version counts as the highest we know (RFC 9110 section 2.5).
            version = b == '0' ? HttpVersion.HTTP_1_0 : HttpVersion.HTTP_1_1;
        } else if (b != VERSION_PATTERN[index]) {
            throw refuse(offset, lineEndViolation(b));
        }
    }

    private static Violation methodViolation(byte b, boolean first) {
        if (b == LF) {
            return Violation.BARE_LF;
        }
        return b == CR || (b == SP && first) ? Violation.INVALID_REQUEST_LINE : Violation.INVALID_METHOD;
    }

    private static Violation targetViolation(byte b) {
        if (b == LF) {
            return Violation.BARE_LF;
        }
        return b == CR ? Violation.INVALID_REQUEST_LINE : Violation.INVALID_TARGET;
    }

    private static Violation lineEndViolation(byte b) {
        return b == LF ? Violation.BARE_LF : Violation.INVALID_VERSION;
    }

    /** The method in the range, which is a token. */
    static Method methodOf(byte[] bytes, int from, int to) {
        Method registered =
                switch (to - from) {
                    case 3 -> bytes[from] == 'G' ? Method.GET : Method.PUT;
                    case 4 -> bytes[from] == 'P' ? Method.POST : Method.HEAD;
                    case 5 -> bytes[from] == 'P' ? Method.PATCH : bytes[from] == 'Q' ? Method.QUERY : Method.TRACE;
                    case 6 -> Method.DELETE;
                    case 7 -> bytes[from] == 'O' ? Method.OPTIONS : Method.CONNECT;
                    default -> null;
                };
        if (registered != null && isSpelled(registered.name(), bytes, from)) {
            return registered;
        }
        return Method.of(new String(bytes, from, to - from, StandardCharsets.ISO_8859_1));
    }

    private static boolean isSpelled(String name, byte[] bytes, int from) {
        for (int i = 0; i < name.length(); i++) {
            if (bytes[from + i] != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
