package org.httpkit.jdkhttpserver;

import java.net.InetSocketAddress;
import java.security.Principal;
import java.security.cert.Certificate;
import java.util.Objects;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;
import org.httpkit.server.Request;
import org.httpkit.server.TlsSession;
import org.jspecify.annotations.Nullable;

/**
 * The known facts about the TLS session of a request. Immutable.
 *
 * <p>The id is empty, there is neither a context nor values, and the times are unknown: they belong to the engine,
 * which the server does not expose.
 */
final class SessionFacts implements SSLSession {
    private static final int PACKET_BYTES = 16_709;
    private static final int CONTENT_BYTES = 16_384;

    private final TlsSession session;
    private final InetSocketAddress peer;

    SessionFacts(Request request) {
        this.session = Objects.requireNonNull(request.tls());
        this.peer = OpenExchange.inet(request.peerAddress());
    }

    @Override
    public String getProtocol() {
        return session.protocol();
    }

    @Override
    public String getCipherSuite() {
        return session.cipherSuite();
    }

    @Override
    public Certificate[] getPeerCertificates() throws SSLPeerUnverifiedException {
        if (session.clientCertificates().isEmpty()) {
            throw new SSLPeerUnverifiedException("The client has shown no certificate");
        }
        return session.clientCertificates().toArray(Certificate[]::new);
    }

    @Override
    public Principal getPeerPrincipal() throws SSLPeerUnverifiedException {
        getPeerCertificates();
        return session.clientCertificates().get(0).getSubjectX500Principal();
    }

    @Override
    public String getPeerHost() {
        return peer.getHostString();
    }

    @Override
    public int getPeerPort() {
        return peer.getPort();
    }

    @Override
    public boolean isValid() {
        return true;
    }

    @Override
    public int getPacketBufferSize() {
        return PACKET_BYTES;
    }

    @Override
    public int getApplicationBufferSize() {
        return CONTENT_BYTES;
    }

    // ---- what the engine keeps

    @Override
    public byte[] getId() {
        return new byte[0];
    }

    @Override
    public @Nullable SSLSessionContext getSessionContext() {
        return null;
    }

    @Override
    public long getCreationTime() {
        return 0;
    }

    @Override
    public long getLastAccessedTime() {
        return 0;
    }

    @Override
    public void invalidate() {}

    @Override
    public void putValue(String name, Object value) {
        throw new UnsupportedOperationException("The session keeps no values");
    }

    @Override
    public @Nullable Object getValue(String name) {
        return null;
    }

    @Override
    public void removeValue(String name) {}

    @Override
    public String[] getValueNames() {
        return new String[0];
    }

    @Override
    public Certificate @Nullable [] getLocalCertificates() {
        return null;
    }

    @Override
    public @Nullable Principal getLocalPrincipal() {
        return null;
    }
}
