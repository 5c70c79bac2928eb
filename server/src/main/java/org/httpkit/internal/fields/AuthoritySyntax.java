package org.httpkit.internal.fields;

import org.httpkit.internal.bytes.Ascii;

/** Checks a host with an optional port, without user information (RFC 3986 sections 3.2.2 and 3.2.3, RFC 9110 section 7.2). Stateless. */
final class AuthoritySyntax {
    private static final int MAX_PORT = 65535;

    private AuthoritySyntax() {}

    /**
     * Whether the range is {@code host [":" port]} with a nonempty host, as an http URI requires (RFC 9110 section
     * 4.2.1).
     */
    static boolean isValidWithHost(byte[] bytes, int from, int to) {
        int hostEnd = hostEnd(bytes, from, to);
        return hostEnd > from && (hostEnd == to || isPort(bytes, hostEnd, to));
    }

    /**
     * Whether the range is {@code host [":" port]} or empty: clients send a target without authority with an empty Host
     * field (RFC 9112 section 3.2).
     */
    static boolean isValid(byte[] bytes, int from, int to) {
        return from == to || isValidWithHost(bytes, from, to);
    }

    /** Whether the range is a host and a port, neither empty, as CONNECT requires (RFC 9110 section 9.3.6). */
    static boolean isValidWithPort(byte[] bytes, int from, int to) {
        return isValidWithHost(bytes, from, to) && Ascii.isDigit(bytes[to - 1]) && hostEnd(bytes, from, to) < to;
    }

    /** Returns where the host ends: at the port's colon or at the end of the range; -1 if the host is malformed. */
    private static int hostEnd(byte[] bytes, int from, int to) {
        if (from < to && bytes[from] == '[') {
            int bracket = Ascii.indexOf((byte) ']', bytes, from, to);
            return bracket < to && isIpLiteral(bytes, from + 1, bracket) ? bracket + 1 : -1;
        }
        int i = from;
        while (i < to && (UriCharacters.kindsOf(bytes[i]) & UriCharacters.NAME) != 0) {
            if (bytes[i] == '%' && !isPercentEncoded(bytes, i, to)) {
                return -1;
            }
            i++;
        }
        return i == to || bytes[i] == ':' ? i : -1;
    }

    /** Whether a percent sign and two hexadecimal digits begin at the index. */
    static boolean isPercentEncoded(byte[] bytes, int at, int to) {
        return to - at >= 3 && Ascii.hexValue(bytes[at + 1]) >= 0 && Ascii.hexValue(bytes[at + 2]) >= 0;
    }

    private static boolean isPort(byte[] bytes, int colon, int to) {
        if (bytes[colon] != ':') {
            return false;
        }
        int port = 0;
        for (int i = colon + 1; i < to; i++) {
            if (!Ascii.isDigit(bytes[i])) {
                return false;
            }
            port = 10 * port + bytes[i] - '0';
            if (port > MAX_PORT) {
                return false;
            }
        }
        return true;
    }

    private static boolean isIpLiteral(byte[] bytes, int from, int to) {
        boolean future = from < to && (bytes[from] | 32) == 'v';
        return future ? isFutureAddress(bytes, from, to) : isIpv6(bytes, from, to);
    }

    /** {@code "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )}. */
    private static boolean isFutureAddress(byte[] bytes, int from, int to) {
        int i = from + 1;
        while (i < to && Ascii.hexValue(bytes[i]) >= 0) {
            i++;
        }
        if (i == from + 1 || i + 1 >= to || bytes[i] != '.') {
            return false;
        }
        for (i++; i < to; i++) {
            boolean allowed = bytes[i] == ':' || (UriCharacters.kindsOf(bytes[i]) & UriCharacters.NAME) != 0;
            if (!allowed || bytes[i] == '%') {
                return false;
            }
        }
        return true;
    }

    /**
     * Eight groups of up to four digits; one {@code ::} may replace one or more of them; the last two may be an IPv4
     * address.
     */
    private static boolean isIpv6(byte[] bytes, int from, int to) {
        int groups = 0;
        boolean compressed = to - from >= 2 && bytes[from] == ':' && bytes[from + 1] == ':';
        int i = compressed ? from + 2 : from;
        while (i < to) {
            int start = i;
            while (i < to && i - start < 4 && Ascii.hexValue(bytes[i]) >= 0) {
                i++;
            }
            if (i < to && bytes[i] == '.') {
                return isIpv4(bytes, start, to) && isGroupCount(groups + 2, compressed);
            }
            if (i == start) {
                return false;
            }
            groups++;
            if (i == to) {
                break;
            }
            if (bytes[i] != ':' || i + 1 == to) {
                return false;
            }
            i++;
            if (bytes[i] == ':') {
                if (compressed) {
                    return false;
                }
                compressed = true;
                i++;
            }
        }
        return isGroupCount(groups, compressed);
    }

    private static boolean isGroupCount(int groups, boolean compressed) {
        return compressed ? groups <= 7 : groups == 8;
    }

    private static boolean isIpv4(byte[] bytes, int from, int to) {
        int i = from;
        for (int octet = 0; octet < 4; octet++) {
            int start = i;
            int value = 0;
            while (i < to && i - start < 3 && Ascii.isDigit(bytes[i])) {
                value = 10 * value + bytes[i] - '0';
                i++;
            }
            boolean leadingZero = i - start > 1 && bytes[start] == '0';
            if (i == start || leadingZero || value > 255) {
                return false;
            }
            if (octet < 3) {
                if (i == to || bytes[i] != '.') {
                    return false;
                }
                i++;
            }
        }
        return i == to;
    }
}
