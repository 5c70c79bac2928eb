package org.httpkit.internal.exchange;

import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.httpkit.internal.net.Security;
import org.httpkit.server.TlsSession;
import org.jspecify.annotations.Nullable;

/** Shows the application the result of a handshake. Stateless. */
final class TlsSessions {
    private static final int HOST_NAME = 0;

    private TlsSessions() {}

    static TlsSession of(Security security) {
        SSLSession session = security.session();
        String chosen = security.applicationProtocol();
        return new TlsSession(
                session.getProtocol(),
                session.getCipherSuite(),
                serverName(session),
                chosen == null || chosen.isEmpty() ? null : chosen,
                security.asked() ? clientCertificates(session) : List.of(),
                security.resumed());
    }

    private static @Nullable String serverName(SSLSession session) {
        if (session instanceof ExtendedSSLSession extended) {
            for (SNIServerName name : extended.getRequestedServerNames()) {
                if (name.getType() == HOST_NAME) {
                    return new String(name.getEncoded(), StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
                }
            }
        }
        return null;
    }

    private static List<X509Certificate> clientCertificates(SSLSession session) {
        List<X509Certificate> chain = new ArrayList<>();
        try {
            for (Certificate each : session.getPeerCertificates()) {
                if (each instanceof X509Certificate known) {
                    chain.add(known);
                }
            }
        } catch (SSLPeerUnverifiedException e) {
            // The client has shown no certificate.
        }
        return List.copyOf(chain);
    }
}
