package org.httpkit.server;

import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The contents of the PROXY protocol header at the beginning of a connection. Immutable; safe from any thread.
 *
 * @param version 1 or 2
 * @param local whether the proxy connected for itself, for a health check
 * @param source the client; null if the header does not name it
 * @param destination the address that the client connected to; null if the header does not name it
 * @param authority the host name that the client asked for, in TLS its server name; null if unknown
 * @param alpn the protocol that the TLS handshake chose (RFC 7301); null if unknown
 * @param tls whether the client used TLS
 * @param tlsVersion for example {@code TLSv1.3}; null if unknown
 * @param tlsCommonName the common name in the client's certificate; null if unknown
 * @param tlsVerified whether the client presented a certificate that the proxy verified
 * @param values everything after the addresses as the proxy sent it, including unknown types
 */
public record ProxyInfo(
        int version,
        boolean local,
        @Nullable SocketAddress source,
        @Nullable SocketAddress destination,
        @Nullable String authority,
        @Nullable String alpn,
        boolean tls,
        @Nullable String tlsVersion,
        @Nullable String tlsCommonName,
        boolean tlsVerified,
        List<Value> values) {

    /** With a list of its own. */
    public ProxyInfo {
        values = List.copyOf(values);
    }

    /** The first value of that type, 0 to 255, or null. */
    public @Nullable Value value(int type) {
        for (Value value : values) {
            if (value.type == type) {
                return value;
            }
        }
        return null;
    }

    /** A type and its bytes (PROXY protocol section 2.2). Immutable. */
    public static final class Value {
        private final int type;
        private final byte[] bytes;

        /** A value with a copy of the bytes. */
        public Value(int type, byte[] bytes) {
            this.type = Options.requireBetween("type", type, 0, 255);
            this.bytes = bytes.clone();
        }

        public int type() {
            return type;
        }

        /** A copy of the bytes. */
        public byte[] bytes() {
            return bytes.clone();
        }

        /** The bytes read as UTF-8. */
        public String text() {
            return new String(bytes, StandardCharsets.UTF_8);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Value that && type == that.type && Arrays.equals(bytes, that.bytes);
        }

        @Override
        public int hashCode() {
            return 31 * type + Arrays.hashCode(bytes);
        }

        @Override
        public String toString() {
            return String.format("0x%02x (%d bytes)", type, bytes.length);
        }
    }
}
