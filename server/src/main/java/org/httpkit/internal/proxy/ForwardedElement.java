package org.httpkit.internal.proxy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Locale;
import org.httpkit.http.IpAddress;
import org.httpkit.internal.bytes.Ascii;
import org.jspecify.annotations.Nullable;

/**
 * The report of one proxy about the request that it received: one element of Forwarded (RFC 7239 section 4). Immutable.
 *
 * @param client the address of the sender; null if the proxy hides or does not know it (sections 6.2 and 6.3)
 * @param scheme {@code http} or {@code https}; null if not stated
 * @param host the Host field as the proxy received it; null if not stated
 */
record ForwardedElement(
        @Nullable InetSocketAddress client,
        @Nullable String scheme,
        @Nullable String host) {

    private static final String HOST_CHARACTERS = "-._~!$&'()*+,;=:[]%";

    /** Reads an element of Forwarded; null if it is malformed. */
    static @Nullable ForwardedElement parse(String text) {
        String node = null;
        String scheme = null;
        String host = null;
        int i = 0;
        while (i < text.length()) {
            if (text.charAt(i) == ';') {
                i++; // an empty pair is allowed
                continue;
            }
            int equals = tokenEnd(text, i);
            if (equals == i || equals == text.length() || text.charAt(equals) != '=') {
                return null;
            }
            int valueAt = equals + 1;
            int end = valueEnd(text, valueAt);
            if (end < 0 || (end < text.length() && text.charAt(end) != ';')) {
                return null;
            }
            String value = unquoted(text, valueAt, end);
            switch (text.substring(i, equals).toLowerCase(Locale.ROOT)) {
                case "for" -> {
                    if (node != null) {
                        return null;
                    }
                    node = value;
                }
                case "proto" -> {
                    if (scheme != null || !isScheme(value)) {
                        return null;
                    }
                    scheme = value;
                }
                case "host" -> {
                    if (host != null || !isHost(value)) {
                        return null;
                    }
                    host = value;
                }
                default -> {} // "by" and extensions say nothing about the client
            }
            i = end;
        }
        if (node == null || isHidden(node)) {
            return new ForwardedElement(null, httpScheme(scheme), host);
        }
        InetSocketAddress client = bracketed(node);
        return client == null ? null : new ForwardedElement(client, httpScheme(scheme), host);
    }

    /** Reads an element of X-Forwarded-For, which may have an IPv6 address without brackets; null if it is malformed. */
    static @Nullable ForwardedElement parsePlain(String text, @Nullable String scheme) {
        if (isHidden(text)) {
            return new ForwardedElement(null, httpScheme(scheme), null);
        }
        InetAddress address = IpAddress.parse(text);
        InetSocketAddress client = address == null ? bracketed(text) : new InetSocketAddress(address, 0);
        return client == null ? null : new ForwardedElement(client, httpScheme(scheme), null);
    }

    /**
     * Returns the scheme as in requests, {@code http} or {@code https}; a WebSocket's scheme maps to the one of its
     * handshake.
     */
    static @Nullable String httpScheme(@Nullable String scheme) {
        if (scheme == null) {
            return null;
        }
        return switch (scheme.toLowerCase(Locale.ROOT)) {
            case "http", "ws" -> "http";
            case "https", "wss" -> "https";
            default -> null;
        };
    }

    /** Whether the node is {@code unknown} or an obfuscated identifier, with or without a port. */
    private static boolean isHidden(String node) {
        int colon = node.indexOf(':');
        if (colon >= 0 && !isPort(node.substring(colon + 1))) {
            return false;
        }
        String name = colon < 0 ? node : node.substring(0, colon);
        return name.equalsIgnoreCase("unknown") || isObfuscated(name);
    }

    /** An address with an optional port, IPv6 in brackets (section 6). An obfuscated port counts as 0. */
    private static @Nullable InetSocketAddress bracketed(String node) {
        int end;
        String address;
        if (node.startsWith("[")) {
            end = node.indexOf(']') + 1;
            if (end == 0 || node.indexOf(':') > end) {
                return null;
            }
            address = node.substring(1, end - 1);
            if (address.indexOf(':') < 0) {
                return null;
            }
        } else {
            int colon = node.indexOf(':');
            end = colon < 0 ? node.length() : colon;
            address = node.substring(0, end);
        }
        InetAddress parsed = IpAddress.parse(address);
        if (parsed == null) {
            return null;
        }
        if (end == node.length()) {
            return new InetSocketAddress(parsed, 0);
        }
        String port = node.substring(end + 1);
        if (node.charAt(end) != ':' || !isPort(port)) {
            return null;
        }
        return new InetSocketAddress(parsed, Math.max(0, Port.parse(port)));
    }

    private static boolean isPort(String text) {
        return Port.parse(text) >= 0 || isObfuscated(text);
    }

    private static boolean isObfuscated(String text) {
        if (text.length() < 2 || text.charAt(0) != '_') {
            return false;
        }
        for (int i = 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!isAlphanumeric(c) && c != '.' && c != '_' && c != '-') {
                return false;
            }
        }
        return true;
    }

    private static boolean isScheme(String text) {
        if (text.isEmpty() || !isAlphanumeric(text.charAt(0)) || Ascii.isDigit((byte) text.charAt(0))) {
            return false;
        }
        for (int i = 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!isAlphanumeric(c) && c != '+' && c != '-' && c != '.') {
                return false;
            }
        }
        return true;
    }

    /** Whether all characters are legal in a Host field; none of these can break out of a URL's authority. */
    private static boolean isHost(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!isAlphanumeric(text.charAt(i)) && HOST_CHARACTERS.indexOf(text.charAt(i)) < 0) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static boolean isAlphanumeric(char c) {
        int lower = c | 32;
        return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z' && c < 128);
    }

    private static int tokenEnd(String text, int from) {
        int i = from;
        while (i < text.length() && text.charAt(i) < 128 && Ascii.isTokenChar((byte) text.charAt(i))) {
            i++;
        }
        return i;
    }

    /** Returns where a token or a quoted string ends, or -1 if the text is neither. */
    private static int valueEnd(String text, int from) {
        if (from == text.length() || text.charAt(from) != '"') {
            int end = tokenEnd(text, from);
            return end == from ? -1 : end;
        }
        for (int i = from + 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"') {
                return i + 1;
            }
            if (c == '\\') {
                i++;
            }
        }
        return -1;
    }

    private static String unquoted(String text, int from, int to) {
        if (text.charAt(from) != '"') {
            return text.substring(from, to);
        }
        StringBuilder value = new StringBuilder(to - from);
        for (int i = from + 1; i < to - 1; i++) {
            if (text.charAt(i) == '\\') {
                i++;
            }
            value.append(text.charAt(i));
        }
        return value.toString();
    }
}
