package org.httpkit.server;

import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a connection's TLS handshake has agreed on. Immutable. (The group of the key exchange is not there: the JDK does not tell it.)
 *
 * @param protocol {@code TLSv1.3} or {@code TLSv1.2}
 * @param cipherSuite by the JDK's name, such as {@code TLS_AES_128_GCM_SHA256}
 * @param serverName what the client asked for (SNI, RFC 6066 section 3), in lower case; null if it named nothing
 * @param applicationProtocol what ALPN has chosen (RFC 7301), {@code http/1.1} or {@code h2}; null if the client did not ask
 * @param clientCertificates the client's own first; empty if it has shown none
 * @param resumed whether an earlier session goes on
 */
public record TlsSession(
        String protocol,
        String cipherSuite,
        @Nullable String serverName,
        @Nullable String applicationProtocol,
        List<X509Certificate> clientCertificates,
        boolean resumed) {}
