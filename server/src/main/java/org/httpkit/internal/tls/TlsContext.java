package org.httpkit.internal.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIMatcher;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.httpkit.server.Tls;
import org.jspecify.annotations.Nullable;

/** Certificates and parameters, loaded and ready for handshakes. Immutable; a change loads a new one. */
public final class TlsContext {
    private static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

    /** Suites with forward secrecy and authenticated encryption (RFC 9325 section 4.2), the fastest first. */
    private static final List<String> CIPHER_SUITES = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    private static final int MAX_SESSIONS = 10_000;
    private static final int SESSION_SECONDS = 2 * 60 * 60;
    private static final int HOST_NAME = 0;

    private final Tls tls;
    private final SSLContext context;
    /** Null if the application supplies its own context. */
    private final @Nullable CertificateChooser chooser;

    private final String[] protocols;
    private final String[] cipherSuites;

    private TlsContext(Tls tls, SSLContext context, @Nullable CertificateChooser chooser) {
        this.tls = tls;
        this.context = context;
        this.chooser = chooser;
        SSLEngine sample = context.createSSLEngine();
        this.protocols = chosen("protocol", tls.protocols(), PROTOCOLS, sample.getSupportedProtocols());
        this.cipherSuites =
                chosen("cipher suite", tls.cipherSuites(), CIPHER_SUITES, sample.getSupportedCipherSuites());
    }

    /**
     * Loads all files. May wait for a disk.
     *
     * @throws IOException if a file is unusable; the message names it
     */
    public static TlsContext load(Tls tls) throws IOException {
        if (tls.source() instanceof Tls.Source.Context given) {
            return new TlsContext(tls, given.context(), null);
        }
        Map<String, Identity> identities = new HashMap<>();
        identities.put("", TlsFiles.identity(tls.source()));
        for (Map.Entry<String, Tls.Source> entry : tls.byName().entrySet()) {
            identities.put(ServerNames.normal(entry.getKey()), TlsFiles.identity(entry.getValue()));
        }
        CertificateChooser chooser = new CertificateChooser(identities);
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {chooser}, trustManagers(tls), null);
            SSLSessionContext sessions = context.getServerSessionContext();
            sessions.setSessionCacheSize(MAX_SESSIONS);
            sessions.setSessionTimeout(SESSION_SECONDS);
            return new TlsContext(tls, context, chooser);
        } catch (GeneralSecurityException e) {
            throw new IOException("This JDK has no TLS: " + e.getMessage(), e);
        }
    }

    private static TrustManager @Nullable [] trustManagers(Tls tls) throws IOException, GeneralSecurityException {
        if (tls.trusted() == null) {
            return null; // the JDK's default
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        int number = 0;
        for (X509Certificate each : TlsFiles.certificates(tls.trusted())) {
            store.setCertificateEntry("trusted-" + number++, each);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static String[] chosen(String what, List<String> wanted, List<String> defaults, String[] supported) {
        List<String> known = Arrays.asList(supported);
        for (String name : wanted) {
            if (!known.contains(name)) {
                throw new IllegalArgumentException("There is no " + what + " " + name + " here; there are " + known);
            }
        }
        return (wanted.isEmpty() ? defaults.stream().filter(known::contains).toList() : wanted).toArray(new String[0]);
    }

    /** The description from which it was made. */
    public Tls description() {
        return tls;
    }

    /**
     * Begins a handshake.
     *
     * @param applicationProtocols the protocols that ALPN may choose, the preferred first
     */
    public Handshake begin(List<String> applicationProtocols) {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(protocols);
        parameters.setCipherSuites(cipherSuites);
        parameters.setUseCipherSuitesOrder(true);
        parameters.setAlgorithmConstraints(UsualGroups.INSTANCE);
        parameters.setSNIMatchers(List.of(new Names()));
        switch (tls.clientAuth()) {
            case NONE -> parameters.setWantClientAuth(false);
            case OPTIONAL -> parameters.setWantClientAuth(true);
            case REQUIRED -> parameters.setNeedClientAuth(true);
        }
        engine.setSSLParameters(parameters);
        engine.setHandshakeApplicationProtocolSelector((any, offered) -> choose(applicationProtocols, offered));
        return new Handshake(new TlsEngine(engine));
    }

    /** Null ends the handshake by no_application_protocol (RFC 7301 section 3.2). */
    private static @Nullable String choose(List<String> ours, List<String> offered) {
        for (String each : ours) {
            if (offered.contains(each)) {
                return each;
            }
        }
        return null;
    }

    /**
     * Accepts every name, or only known ones if the options say so. Without a matcher the engine would resume a session
     * under another name.
     */
    private final class Names extends SNIMatcher {
        Names() {
            super(HOST_NAME);
        }

        @Override
        public boolean matches(SNIServerName name) {
            return !tls.isKnownNamesOnly() || chooser == null || chooser.knows(CertificateChooser.nameOf(name));
        }
    }
}
