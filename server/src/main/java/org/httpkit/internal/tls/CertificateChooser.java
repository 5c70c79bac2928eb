package org.httpkit.internal.tls;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** Chooses the certificate for a client by the name that it asks for. Safe from any thread. */
final class CertificateChooser extends X509ExtendedKeyManager {
    private static final int HOST_NAME = 0;
    private static final String DEFAULT = "";

    /** By normal name; the default has none. */
    private final Map<String, Identity> identities;

    /** @param identities by {@link ServerNames#normal} name, the default one by the empty name */
    CertificateChooser(Map<String, Identity> identities) {
        this.identities = Map.copyOf(identities);
    }

    /** Whether there is a certificate for this name. */
    boolean knows(String name) {
        return !name.isEmpty() && ServerNames.find(identities, name) != null;
    }

    /** The name that the client asks for, in normal form; null if there is none. It need not be a valid name. */
    static @Nullable String requestedName(@Nullable SSLSession session) {
        if (session instanceof ExtendedSSLSession extended) {
            for (SNIServerName name : extended.getRequestedServerNames()) {
                if (name.getType() == HOST_NAME) {
                    return nameOf(name);
                }
            }
        }
        return null;
    }

    static String nameOf(SNIServerName name) {
        return ServerNames.normal(new String(name.getEncoded(), StandardCharsets.ISO_8859_1));
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        SSLSession session = engine == null ? null : engine.getHandshakeSession();
        if (session != null) { // else some JDKs check whether the certificate of an earlier session is still current
            TlsEngine.noteCertificate();
        }
        String asked = requestedName(session);
        // The name decides first: the engine asks for one kind of key after the other, and takes the first alias.
        String alias = asked != null && knows(asked) ? asked : DEFAULT;
        Identity identity = ServerNames.find(identities, alias);
        return identity != null && identity.algorithm().equals(keyType) ? alias : null;
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        Identity identity = ServerNames.find(identities, alias);
        return identity == null ? null : identity.chain().clone();
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        Identity identity = ServerNames.find(identities, alias);
        return identity == null ? null : identity.key();
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return chooseEngineServerAlias(keyType, issuers, null);
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return List.copyOf(identities.keySet()).toArray(new String[0]);
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
