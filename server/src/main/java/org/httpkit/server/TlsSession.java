package org.httpkit.server;

import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of a connection's TLS handshake. Immutable. The JDK does not reveal the group of the key exchange.
 *
 * @param protocol {@code TLSv1.3} or {@code TLSv1.2}
 * @param cipherSuite the JDK's name, such as {@code TLS_AES_128_GCM_SHA256}
 * @param serverName the name that the client asked for (SNI, RFC 6066 section 3), in lower case; null if it asked for
 *     none
 * @param applicationProtocol the protocol that ALPN chose (RFC 7301), {@code http/1.1} or {@code h2}; null if the
 *     client offered none
 * @param clientCertificates the client's certificate first; empty if it presented none
 * @param resumed whether the handshake resumed an earlier session
 */
public record TlsSession(
        String protocol,
        String cipherSuite,
        @Nullable String serverName,
        @Nullable String applicationProtocol,
        List<X509Certificate> clientCertificates,
        boolean resumed) {}
