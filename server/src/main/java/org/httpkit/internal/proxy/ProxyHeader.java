package org.httpkit.internal.proxy;

import java.net.SocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The content of a PROXY protocol header. Immutable.
 *
 * @param version 1 or 2
 * @param command whether the proxy speaks for a client or for itself
 * @param family the kind of the addresses; UNSPEC if the header has none that are valid for a stream
 * @param source the client; null if the header does not name it: then the socket's peer counts as the client
 * @param destination the address to which the client connected; null if the header does not name it
 * @param tlvs all values after the addresses, unknown ones too, in order; empty in version 1 and for a LOCAL header
 */
public record ProxyHeader(
        int version,
        Command command,
        Family family,
        @Nullable SocketAddress source,
        @Nullable SocketAddress destination,
        List<Tlv> tlvs) {

    /** On whose behalf the proxy connected. */
    public enum Command {
        /** Its own, for a health check: the socket's addresses count. */
        LOCAL,
        /** A client's. */
        PROXY
    }

    /** The kinds of addresses. */
    public enum Family {
        UNSPEC,
        INET,
        INET6,
        UNIX
    }

    static final int LEAST_TLS_BYTES = 5;
    private static final int CLIENT_TLS = 0x01;

    /** Returns the header of a connection that the proxy made for itself. */
    static ProxyHeader local(int version) {
        return new ProxyHeader(version, Command.LOCAL, Family.UNSPEC, null, null, List.of());
    }

    /** Returns the header for a client about which the proxy states nothing. */
    static ProxyHeader unspecified(int version, List<Tlv> tlvs) {
        return new ProxyHeader(version, Command.PROXY, Family.UNSPEC, null, null, tlvs);
    }

    /** The first value of this type, or null. */
    public @Nullable Tlv tlv(int type) {
        return Tlv.first(tlvs, type);
    }

    /** The protocol above the connection (RFC 7301), for example {@code h2}; null if not stated. */
    public @Nullable String alpn() {
        return textOf(Tlv.ALPN);
    }

    /** The host name that the client asked for, with TLS the server name; null if not stated. */
    public @Nullable String authority() {
        return textOf(Tlv.AUTHORITY);
    }

    /** Whether the proxy states that the client came over TLS. */
    public boolean isTls() {
        Tlv tls = tlv(Tlv.TLS);
        return tls != null && (tls.byteAt(0) & CLIENT_TLS) != 0;
    }

    /** The version of TLS, for example {@code TLSv1.3}; null if not stated. */
    public @Nullable String tlsVersion() {
        return textInTls(Tlv.TLS_VERSION);
    }

    /** The common name in the client's certificate; null if not stated. See {@link #isVerified}. */
    public @Nullable String tlsCommonName() {
        return textInTls(Tlv.TLS_COMMON_NAME);
    }

    /** Whether the client presented a certificate that the proxy verified. */
    public boolean isVerified() {
        Tlv tls = tlv(Tlv.TLS);
        if (tls == null || (tls.byteAt(0) & 0x06) == 0) {
            return false; // no certificate on this connection nor in its session
        }
        return (tls.byteAt(1) | tls.byteAt(2) | tls.byteAt(3) | tls.byteAt(4)) == 0;
    }

    private @Nullable String textOf(int type) {
        Tlv tlv = tlv(type);
        return tlv == null ? null : tlv.text();
    }

    private @Nullable String textInTls(int type) {
        Tlv tls = tlv(Tlv.TLS);
        if (tls == null) {
            return null;
        }
        try {
            Tlv nested = Tlv.first(tls.nested(LEAST_TLS_BYTES), type);
            return nested == null ? null : nested.text();
        } catch (ProxyViolationException e) {
            throw new AssertionError("Checked when it was decoded", e);
        }
    }
}
