package org.httpkit.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** Reads IP addresses in text form, by their digits alone: a name is never looked up. Stateless; safe from any thread. */
public final class IpAddress {
    private static final int GROUPS = 8;

    private IpAddress() {}

    /**
     * The address that the text stands for, or null if it stands for none.
     *
     * <p>IPv4: four decimal numbers from 0 to 255 without leading zeros, which some systems read as octal. IPv6: the forms of
     * RFC 4291 section 2.2, without brackets and zone. An IPv4-mapped IPv6 address is returned as the IPv4 address.
     */
    public static @Nullable InetAddress parse(String text) {
        byte[] bytes = text.indexOf(':') < 0 ? ipv4(text) : ipv6(text);
        if (bytes == null) {
            return null;
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("An address of " + bytes.length + " bytes", e);
        }
    }

    private static byte @Nullable [] ipv4(String text) {
        byte[] bytes = new byte[4];
        return readIpv4(text, 0, bytes, 0) ? bytes : null;
    }

    /** Reads a dotted quad from an index to the end of the text. */
    private static boolean readIpv4(String text, int from, byte[] into, int at) {
        int i = from;
        for (int part = 0; part < 4; part++) {
            if (part > 0 && (i == text.length() || text.charAt(i++) != '.')) {
                return false;
            }
            int start = i;
            int value = 0;
            while (i < text.length() && i - start < 3 && isDigit(text.charAt(i))) {
                value = 10 * value + text.charAt(i++) - '0';
            }
            if (i == start || value > 255 || (text.charAt(start) == '0' && i - start > 1)) {
                return false;
            }
            into[at + part] = (byte) value;
        }
        return i == text.length();
    }

    private static byte @Nullable [] ipv6(String text) {
        byte[] bytes = new byte[2 * GROUPS];
        int groups = 0;
        int gap = -1; // the group that "::" stands before
        int i = 0;
        if (text.startsWith("::")) {
            gap = 0;
            i = 2;
        }
        while (i < text.length()) {
            if (groups == GROUPS) {
                return null;
            }
            int end = groupEnd(text, i);
            if (end < text.length() && text.charAt(end) == '.') {
                if (groups > GROUPS - 2 || !readIpv4(text, i, bytes, 2 * groups)) {
                    return null;
                }
                groups += 2;
                break;
            }
            if (end == i) {
                return null;
            }
            int value = Integer.parseInt(text, i, end, 16);
            bytes[2 * groups] = (byte) (value >> 8);
            bytes[2 * groups + 1] = (byte) value;
            groups++;
            if (end == text.length()) {
                break;
            }
            if (text.charAt(end) != ':') {
                return null;
            }
            i = end + 1;
            if (i < text.length() && text.charAt(i) == ':') {
                if (gap >= 0) {
                    return null;
                }
                gap = groups;
                i++;
            } else if (i == text.length()) {
                return null;
            }
        }
        return spread(bytes, groups, gap);
    }

    /** Puts zeros into the gap, which stands for one group at least. */
    private static byte @Nullable [] spread(byte[] bytes, int groups, int gap) {
        if (gap < 0) {
            return groups == GROUPS ? bytes : null;
        }
        if (groups == GROUPS) {
            return null;
        }
        byte[] whole = new byte[2 * GROUPS];
        System.arraycopy(bytes, 0, whole, 0, 2 * gap);
        System.arraycopy(bytes, 2 * gap, whole, 2 * (GROUPS - groups + gap), 2 * (groups - gap));
        return whole;
    }

    /** Where up to four hexadecimal digits end. */
    private static int groupEnd(String text, int from) {
        int i = from;
        while (i < text.length() && i - from < 4 && isHexDigit(text.charAt(i))) {
            i++;
        }
        return i;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isHexDigit(char c) {
        int lower = c | 32;
        return isDigit(c) || (lower >= 'a' && lower <= 'f');
    }
}
