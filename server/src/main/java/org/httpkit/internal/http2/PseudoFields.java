package org.httpkit.internal.http2;

import java.util.Arrays;
import org.httpkit.http.Method;
import org.httpkit.internal.bytes.Ascii;
import org.httpkit.internal.bytes.ByteQueue;
import org.httpkit.internal.fields.HeadBuilder;
import org.httpkit.internal.fields.ViolationException;
import org.jspecify.annotations.Nullable;

/**
 * Collects the pseudo-fields of a request and checks them (RFC 9113 section 8.3, RFC 8441 section 4). Confined to its
 * loop.
 */
final class PseudoFields {
    /** The largest array that is kept for the next block. */
    static final int LARGEST_KEPT_BYTES = 16 * 1024;

    private static final int METHOD = 0;
    private static final int SCHEME = 1;
    private static final int AUTHORITY = 2;
    private static final int PATH = 3;
    private static final int PROTOCOL = 4;
    private static final int KINDS = 5;
    private static final int MISSING = -1;

    private static final int USUAL_BYTES = 256;
    private static final byte[] HOST = {'h', 'o', 's', 't'};

    private ByteQueue values = new ByteQueue(USUAL_BYTES);
    private final int[] starts = new int[KINDS];
    private final int[] ends = new int[KINDS];

    void start() {
        values.clear();
        Arrays.fill(starts, MISSING);
    }

    /** Releases an array that has grown large; its content is no longer available. */
    void release() {
        if (values.capacity() > LARGEST_KEPT_BYTES) {
            values = new ByteQueue(USUAL_BYTES);
            start();
        }
    }

    /** Size of the array that holds them, in bytes. */
    int heldBytes() {
        return values.capacity();
    }

    /** Adds a pseudo-field; returns its violation, if any. */
    @Nullable
    Http2Violation add(byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd, Http2Limits limits) {
        int kind = kindOf(bytes, nameStart, nameEnd);
        if (kind == MISSING) {
            return Http2Violation.UNKNOWN_PSEUDO_FIELD;
        }
        if (has(kind)) {
            return Http2Violation.REPEATED_PSEUDO_FIELD;
        }
        if (valueEnd - valueStart > limits.maxFieldBytes()) {
            return kind == PATH
                    ? Http2Violation.PATH_TOO_LONG
                    : kind == METHOD ? Http2Violation.METHOD_TOO_LONG : Http2Violation.FIELD_TOO_LONG;
        }
        starts[kind] = values.length();
        values.append(bytes, valueStart, valueEnd - valueStart);
        ends[kind] = values.length();
        return null;
    }

    private static int kindOf(byte[] bytes, int from, int to) {
        return switch (to - from) {
            case 5 -> is(":path", bytes, from) ? PATH : MISSING;
            case 7 -> is(":method", bytes, from) ? METHOD : is(":scheme", bytes, from) ? SCHEME : MISSING;
            case 9 -> is(":protocol", bytes, from) ? PROTOCOL : MISSING;
            case 10 -> is(":authority", bytes, from) ? AUTHORITY : MISSING;
            default -> MISSING;
        };
    }

    private static boolean is(String name, byte[] bytes, int from) {
        for (int i = 0; i < name.length(); i++) {
            if (bytes[from + i] != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Checks all pseudo-fields and begins the head with them; returns their violation, if any. */
    @Nullable
    Http2Violation begin(HeadBuilder head) throws ViolationException {
        byte[] bytes = values.array();
        if (!has(METHOD)) {
            return Http2Violation.MISSING_PSEUDO_FIELD;
        }
        if (!FieldRules.isToken(bytes, starts[METHOD], ends[METHOD])) {
            return Http2Violation.INVALID_METHOD;
        }
        Method method = HeadBuilder.methodOf(bytes, starts[METHOD], ends[METHOD]);
        Http2Violation wrong = isTunnel() ? tunnelViolation() : violation(method);
        if (wrong != null) {
            return wrong;
        }
        if (has(AUTHORITY) && starts[AUTHORITY] == ends[AUTHORITY]) {
            return Http2Violation.INVALID_AUTHORITY;
        }
        int target = isTunnel() ? AUTHORITY : PATH;
        head.start(has(PROTOCOL) ? Method.GET : method, bytes, starts[target], ends[target]);
        if (has(AUTHORITY)) {
            head.field(HOST, bytes, starts[AUTHORITY], ends[AUTHORITY]);
        }
        if (has(PROTOCOL)) {
            head.protocol(bytes, starts[PROTOCOL], ends[PROTOCOL]);
        }
        return null;
    }

    /** A CONNECT has only the authority (RFC 9113 section 8.5). */
    private @Nullable Http2Violation tunnelViolation() {
        if (has(SCHEME) || has(PATH)) {
            return Http2Violation.CONNECT_WITH_PATH;
        }
        return has(AUTHORITY) ? null : Http2Violation.MISSING_AUTHORITY;
    }

    private @Nullable Http2Violation violation(Method method) {
        byte[] bytes = values.array();
        if (has(PROTOCOL)) {
            if (!method.equals(Method.CONNECT)) {
                return Http2Violation.PROTOCOL_WITHOUT_CONNECT;
            }
            if (!FieldRules.isToken(bytes, starts[PROTOCOL], ends[PROTOCOL])) {
                return Http2Violation.INVALID_PROTOCOL;
            }
        }
        if (!has(SCHEME) || !has(PATH)) {
            return Http2Violation.MISSING_PSEUDO_FIELD;
        }
        if (!schemeIs("https") && !schemeIs("http")) {
            return Http2Violation.UNKNOWN_SCHEME;
        }
        return pathViolation(method);
    }

    private @Nullable Http2Violation pathViolation(Method method) {
        int start = starts[PATH];
        int length = ends[PATH] - start;
        if (length == 0) {
            return Http2Violation.EMPTY_PATH;
        }
        byte first = values.array()[start];
        if (first == '*' && length == 1) {
            return method.equals(Method.OPTIONS) ? null : Http2Violation.ASTERISK_WITHOUT_OPTIONS;
        }
        return first == '/' ? null : Http2Violation.INVALID_PATH;
    }

    /** Whether the request is a CONNECT that asks for a tunnel. */
    boolean isTunnel() {
        return has(METHOD)
                && !has(PROTOCOL)
                && ends[METHOD] - starts[METHOD] == 7
                && is("CONNECT", values.array(), starts[METHOD]);
    }

    boolean isHead() {
        return has(METHOD) && ends[METHOD] - starts[METHOD] == 4 && is("HEAD", values.array(), starts[METHOD]);
    }

    /** Whether the bytes after the head are a body: after any CONNECT they are not. */
    boolean mayHaveBody() {
        return !isTunnel() && !has(PROTOCOL);
    }

    boolean hasAuthority() {
        return has(AUTHORITY);
    }

    /** Whether a Host field equals the authority; the case of a host does not count (RFC 3986 section 3.2.2). */
    boolean isAuthority(byte[] bytes, int from, int to) {
        int start = starts[AUTHORITY];
        int length = ends[AUTHORITY] - start;
        if (to - from != length) {
            return false;
        }
        byte[] authority = values.array();
        for (int i = 0; i < length; i++) {
            if (lower(bytes[from + i]) != lower(authority[start + i])) {
                return false;
            }
        }
        return true;
    }

    private static int lower(byte b) {
        return b >= 'A' && b <= 'Z' ? b + 32 : b;
    }

    /** Whether the scheme is https, even if the connection has no TLS: a proxy may have terminated it. */
    boolean isHttps() {
        return has(SCHEME) && schemeIs("https");
    }

    private boolean schemeIs(String scheme) {
        return Ascii.equalsIgnoreCase(values.array(), starts[SCHEME], ends[SCHEME], scheme);
    }

    private boolean has(int kind) {
        return starts[kind] != MISSING;
    }
}
