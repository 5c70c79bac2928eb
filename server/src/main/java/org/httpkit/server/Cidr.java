package org.httpkit.server;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Objects;
import org.httpkit.http.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * A block of IP addresses: an address, and the number of leading bits that all members share (RFC 4632 section 3.1,
 * RFC 4291 section 2.3). Immutable; safe from any thread.
 *
 * <p>IPv4 and IPv6 are separate: {@code ::/0} contains no IPv4 address. An IPv4-mapped IPv6 address such as {@code
 * ::ffff:10.0.0.1} counts as the IPv4 address everywhere.
 */
public final class Cidr {
    private static final int MAPPED_BITS = 96;
    private static final byte[] MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1};
    private static final String LEGAL =
            "it must be an address such as 10.0.0.1 or ::1, a block such as 10.0.0.0/8 or fd00::/8, or unix:";

    /**
     * All processes that may connect to the server's Unix domain socket, as the permissions of its file decide. A block
     * without an address, for {@link HttpServer.Builder#trustedProxies}.
     */
    public static final Cidr UNIX = new Cidr(new byte[0], 0, "unix:");

    private final byte[] network;
    private final int prefixBits;
    private final String text;

    private Cidr(byte[] network, int prefixBits, String text) {
        this.network = network;
        this.prefixBits = prefixBits;
        this.text = text;
    }

    /**
     * The block that the text denotes: {@code 10.0.0.0/8}, {@code fd00::/8}, a single address, or {@code unix:} for
     * {@link #UNIX}. Never looks up a name.
     *
     * @throws IllegalArgumentException for any other text, for a length that the address does not have, and for an
     *     address with bits set after its prefix, which is probably a mistake: {@code 10.0.0.1/8}
     */
    public static Cidr of(String text) {
        if (text.equals(UNIX.text)) {
            return UNIX;
        }
        int slash = text.indexOf('/');
        String addressText = slash < 0 ? text : text.substring(0, slash);
        InetAddress address = IpAddress.parse(addressText);
        if (address == null) {
            throw illegal(text, LEGAL);
        }
        byte[] bytes = address.getAddress();
        // A mapped address has been read as IPv4, and its prefix counts from the beginning of the IPv6 form.
        int skippedBits = address instanceof Inet4Address && addressText.indexOf(':') >= 0 ? MAPPED_BITS : 0;
        int mostBits = skippedBits + 8 * bytes.length;
        int bits = slash < 0 ? mostBits : length(text.substring(slash + 1));
        if (bits < skippedBits || bits > mostBits) {
            throw illegal(text, "the length must be a number from " + skippedBits + " to " + mostBits);
        }
        int prefixBits = bits - skippedBits;
        byte[] network = masked(bytes, prefixBits);
        if (!Arrays.equals(bytes, network)) {
            throw illegal(text, "no bit may be set behind the first " + bits);
        }
        return new Cidr(network, prefixBits, text);
    }

    /** Whether the address is in this block. */
    public boolean contains(InetAddress address) {
        byte[] bytes = unmapped(Objects.requireNonNull(address, "address").getAddress());
        if (bytes.length != network.length) {
            return false;
        }
        int whole = prefixBits >> 3;
        if (!Arrays.equals(bytes, 0, whole, network, 0, whole)) {
            return false;
        }
        int rest = prefixBits & 7;
        return rest == 0 || (bytes[whole] & mask(rest)) == network[whole];
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Cidr that && prefixBits == that.prefixBits && Arrays.equals(network, that.network);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(network) + prefixBits;
    }

    /** The text that this block was made from. */
    @Override
    public String toString() {
        return text;
    }

    /** The number, or -1. */
    private static int length(String digits) {
        boolean legal = !digits.isEmpty() && digits.length() <= 3 && (digits.charAt(0) != '0' || digits.length() == 1);
        int value = 0;
        for (int i = 0; legal && i < digits.length(); i++) {
            int digit = digits.charAt(i) - '0';
            legal = digit >= 0 && digit <= 9;
            value = 10 * value + digit;
        }
        return legal ? value : -1;
    }

    private static byte[] masked(byte[] bytes, int bits) {
        byte[] masked = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            masked[i] = (byte) (bytes[i] & mask(Math.max(0, Math.min(8, bits - 8 * i))));
        }
        return masked;
    }

    /** A byte whose highest so many bits are set. */
    private static byte mask(int bits) {
        return (byte) (0xFF00 >> bits);
    }

    private static byte[] unmapped(byte[] bytes) {
        boolean mapped = bytes.length == 16 && Arrays.equals(bytes, 0, MAPPED.length, MAPPED, 0, MAPPED.length);
        return mapped ? Arrays.copyOfRange(bytes, MAPPED.length, bytes.length) : bytes;
    }

    private static IllegalArgumentException illegal(String text, String rule) {
        return new IllegalArgumentException("The block of addresses is \"" + text + "\"; " + rule);
    }
}
