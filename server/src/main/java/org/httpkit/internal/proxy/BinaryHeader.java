package org.httpkit.internal.proxy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads the header of version 2: signature, command, family, length, addresses and further values (PROXY protocol
 * section 2.2). Stateless.
 */
final class BinaryHeader {
    static final byte[] SIGNATURE = {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A};

    /** The part of fixed length. */
    static final int START_BYTES = 16;

    private static final int COMMAND_AT = 12;
    private static final int FAMILY_AT = 13;
    private static final int LENGTH_AT = 14;

    private static final int VERSION = 2;
    private static final int LOCAL = 0;
    private static final int PROXY = 1;
    private static final int UNIX = 3;
    private static final int STREAM = 1;
    private static final int DATAGRAM = 2;

    private static final int MAX_UNIQUE_ID_BYTES = 128;
    private static final int CHECKSUM_BYTES = 4;

    private BinaryHeader() {}

    /** Checks the newest byte of those that begin the header. */
    static void checkStart(byte[] bytes, int length) throws ProxyViolationException {
        int last = bytes[length - 1] & 0xFF;
        if (length == COMMAND_AT + 1) {
            if (last >> 4 != VERSION) {
                throw ProxyViolation.UNSUPPORTED_VERSION.exception();
            }
            if ((last & 0xF) > PROXY) {
                throw ProxyViolation.UNKNOWN_COMMAND.exception();
            }
        } else if (length == FAMILY_AT + 1 && (bytes[COMMAND_AT] & 0xF) == PROXY) {
            if (last >> 4 > UNIX || (last & 0xF) > DATAGRAM) {
                throw ProxyViolation.UNKNOWN_FAMILY.exception();
            }
        }
    }

    /** Returns the length of the whole header, given its start. */
    static int wholeLength(byte[] bytes) {
        return START_BYTES + numberAt(bytes, LENGTH_AT);
    }

    /** Reads a complete header. */
    static ProxyHeader parse(byte[] bytes, int length) throws ProxyViolationException {
        if ((bytes[COMMAND_AT] & 0xF) == LOCAL) {
            return ProxyHeader.local(VERSION); // the protocol says to discard the rest, including its family
        }
        ProxyHeader.Family family = family(bytes[FAMILY_AT] >> 4);
        int addressBytes = addressBytes(family);
        int tlvsAt = START_BYTES + 2 * addressBytes + 2 * portBytes(family);
        if (length < tlvsAt) {
            throw ProxyViolation.TRUNCATED_ADDRESSES.exception();
        }
        List<Tlv> tlvs = Tlv.readAll(bytes, tlvsAt, length);
        check(tlvs, bytes, tlvsAt, length);
        if ((bytes[FAMILY_AT] & 0xF) != STREAM) {
            return ProxyHeader.unspecified(VERSION, tlvs); // not a stream: the fallback that the section names
        }
        int destinationAt = START_BYTES + addressBytes;
        int portsAt = destinationAt + addressBytes;
        return switch (family) {
            case UNSPEC -> ProxyHeader.unspecified(VERSION, tlvs);
            case INET, INET6 ->
                new ProxyHeader(
                        VERSION,
                        ProxyHeader.Command.PROXY,
                        family,
                        internet(bytes, START_BYTES, addressBytes, numberAt(bytes, portsAt)),
                        internet(bytes, destinationAt, addressBytes, numberAt(bytes, portsAt + 2)),
                        tlvs);
            case UNIX ->
                new ProxyHeader(
                        VERSION,
                        ProxyHeader.Command.PROXY,
                        family,
                        unix(bytes, START_BYTES, addressBytes),
                        unix(bytes, destinationAt, addressBytes),
                        tlvs);
        };
    }

    private static ProxyHeader.Family family(int number) {
        return switch (number) {
            case 0 -> ProxyHeader.Family.UNSPEC;
            case 1 -> ProxyHeader.Family.INET;
            case 2 -> ProxyHeader.Family.INET6;
            case UNIX -> ProxyHeader.Family.UNIX;
            default -> throw new AssertionError("Checked when it came: " + number);
        };
    }

    private static int addressBytes(ProxyHeader.Family family) {
        return switch (family) {
            case UNSPEC -> 0;
            case INET -> 4;
            case INET6 -> 16;
            case UNIX -> 108;
        };
    }

    private static int portBytes(ProxyHeader.Family family) {
        return switch (family) {
            case UNSPEC, UNIX -> 0;
            case INET, INET6 -> 2;
        };
    }

    private static SocketAddress internet(byte[] bytes, int at, int length, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(Arrays.copyOfRange(bytes, at, at + length)), port);
        } catch (UnknownHostException e) {
            throw new AssertionError("An address of " + length + " bytes", e);
        }
    }

    /**
     * The path up to the first NUL; null if the socket has none, if it is abstract, or if this system cannot express
     * the path.
     */
    private static @Nullable SocketAddress unix(byte[] bytes, int at, int length) {
        int end = at;
        while (end < at + length && bytes[end] != 0) {
            end++;
        }
        if (end == at) {
            return null;
        }
        try {
            return UnixDomainSocketAddress.of(new String(bytes, at, end - at, StandardCharsets.UTF_8));
        } catch (InvalidPathException e) {
            return null;
        }
    }

    private static void check(List<Tlv> tlvs, byte[] bytes, int tlvsAt, int length) throws ProxyViolationException {
        int at = tlvsAt;
        boolean checked = false;
        for (Tlv tlv : tlvs) {
            int valueAt = at + Tlv.HEAD_BYTES;
            switch (tlv.type()) {
                case Tlv.CRC32C -> {
                    if (checked || tlv.length() != CHECKSUM_BYTES || !hasChecksum(bytes, length, valueAt)) {
                        throw ProxyViolation.WRONG_CHECKSUM.exception();
                    }
                    checked = true;
                }
                case Tlv.UNIQUE_ID -> {
                    if (tlv.length() > MAX_UNIQUE_ID_BYTES) {
                        throw ProxyViolation.INVALID_UNIQUE_ID.exception();
                    }
                }
                case Tlv.TLS -> checkTls(tlv);
                default -> {} // kept without judgement
            }
            at = valueAt + tlv.length();
        }
    }

    private static void checkTls(Tlv tls) throws ProxyViolationException {
        if (tls.length() < ProxyHeader.LEAST_TLS_BYTES) {
            throw ProxyViolation.INVALID_TLS_VALUE.exception();
        }
        try {
            tls.nested(ProxyHeader.LEAST_TLS_BYTES);
        } catch (ProxyViolationException e) {
            throw ProxyViolation.INVALID_TLS_VALUE.exception();
        }
    }

    /** Whether the checksum at an index matches the whole header with zeros in its place. */
    private static boolean hasChecksum(byte[] bytes, int length, int at) {
        CRC32C sum = new CRC32C();
        sum.update(bytes, 0, at);
        sum.update(new byte[CHECKSUM_BYTES]);
        sum.update(bytes, at + CHECKSUM_BYTES, length - at - CHECKSUM_BYTES);
        return sum.getValue() == ((long) numberAt(bytes, at) << 16 | numberAt(bytes, at + 2));
    }

    /** Two bytes, the higher one first. */
    private static int numberAt(byte[] bytes, int at) {
        return (bytes[at] & 0xFF) << 8 | (bytes[at + 1] & 0xFF);
    }
}
