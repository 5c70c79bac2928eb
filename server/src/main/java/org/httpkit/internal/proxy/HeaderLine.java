package org.httpkit.internal.proxy;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.httpkit.http.IpAddress;
import org.httpkit.internal.bytes.Ascii;

/** Reads the header of version 1: one line of US-ASCII text (PROXY protocol section 2.1). Stateless. */
final class HeaderLine {
    /** The longest legal line, in bytes, CRLF included. */
    static final int MAX_BYTES = 107;

    private static final String UNKNOWN = "UNKNOWN";

    private HeaderLine() {}

    /** Whether the line ends with its last byte. Call this check after each byte. */
    static boolean isComplete(byte[] bytes, int length) throws ProxyViolationException {
        byte last = bytes[length - 1];
        boolean afterCr = bytes[length - 2] == Ascii.CR;
        if (afterCr != (last == Ascii.LF) || (last != Ascii.CR && last != Ascii.LF && (last < ' ' || last == 0x7F))) {
            throw ProxyViolation.INVALID_LINE.exception();
        }
        if (length == MAX_BYTES && last != Ascii.LF) {
            throw ProxyViolation.LINE_TOO_LONG.exception();
        }
        return last == Ascii.LF;
    }

    /** Reads a complete line. */
    static ProxyHeader parse(byte[] bytes, int length) throws ProxyViolationException {
        String line = new String(bytes, 0, length - 2, StandardCharsets.US_ASCII);
        String[] words = line.split(" ", -1);
        return switch (words[1]) {
            // The protocol says to ignore the rest.
            case UNKNOWN -> ProxyHeader.unspecified(1, List.of());
            case "TCP4" -> known(words, ProxyHeader.Family.INET);
            case "TCP6" -> known(words, ProxyHeader.Family.INET6);
            default -> throw ProxyViolation.INVALID_LINE.exception();
        };
    }

    private static ProxyHeader known(String[] words, ProxyHeader.Family family) throws ProxyViolationException {
        if (words.length != 6) {
            throw ProxyViolation.INVALID_LINE.exception();
        }
        InetAddress source = address(words[2], family);
        InetAddress destination = address(words[3], family);
        return new ProxyHeader(
                1,
                ProxyHeader.Command.PROXY,
                family,
                new InetSocketAddress(source, port(words[4])),
                new InetSocketAddress(destination, port(words[5])),
                List.of());
    }

    private static InetAddress address(String text, ProxyHeader.Family family) throws ProxyViolationException {
        InetAddress address = IpAddress.parse(text);
        boolean isText6 = text.indexOf(':') >= 0; // the text decides: an IPv4-mapped address counts as IPv6
        if (address == null || isText6 != (family == ProxyHeader.Family.INET6)) {
            throw ProxyViolation.INVALID_ADDRESS.exception();
        }
        assert isText6 || address instanceof Inet4Address;
        return address;
    }

    private static int port(String text) throws ProxyViolationException {
        int port = Port.parse(text);
        if (port < 0) {
            throw ProxyViolation.INVALID_PORT.exception();
        }
        return port;
    }
}
