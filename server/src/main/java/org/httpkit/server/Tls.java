package org.httpkit.server;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How a server speaks TLS (RFC 8446, RFC 5246): its certificates, and which clients it trusts. Immutable: each method
 * returns a changed one.
 *
 * <pre>{@code
 * HttpServer.builder().port(8443).tls(Tls.pem(Path.of("chain.pem"), Path.of("key.pem"))).handler(handler).start();
 * }</pre>
 *
 * <p>By default the server speaks TLS 1.3 and 1.2 with suites that have forward secrecy and authenticated encryption,
 * and the groups X25519, P-256 and P-384 (RFC 9325). It never renegotiates. {@link HttpServer.Builder#start} reads
 * the files. If a file is missing, damaged or expired, or if a key does not belong to its certificate, it fails with
 * a sentence that names the file.
 *
 * <p>Sessions can be resumed for two hours, until the server loads certificates again.
 */
public final class Tls {

    /** Where a certificate and its key come from. Immutable. */
    public sealed interface Source {

        /**
         * PEM files.
         *
         * @param chain the server's certificate first, then the certificates of its issuers
         * @param password the password of the key; null if the key is not encrypted
         */
        record Pem(Path chain, Path key, @Nullable String password) implements Source {
            /** Without the password. */
            @Override
            public String toString() {
                return "PEM " + chain + " and " + key;
            }
        }

        /** A key store in the format PKCS#12 or JKS, with one key. */
        record Store(Path file, String password) implements Source {
            /** Without the password. */
            @Override
            public String toString() {
                return "key store " + file;
            }
        }

        /** A context that the application made, with another provider for example. */
        record Context(SSLContext context) implements Source {
            @Override
            public String toString() {
                return "context of " + context.getProvider();
            }
        }
    }

    private final Source source;
    private final Map<String, Source> byName;
    private final boolean knownNamesOnly;
    private final ClientAuth clientAuth;
    private final @Nullable Path trusted;
    private final List<String> protocols;
    private final List<String> cipherSuites;
    private final boolean watched;

    private Tls(
            Source source,
            Map<String, Source> byName,
            boolean knownNamesOnly,
            ClientAuth clientAuth,
            @Nullable Path trusted,
            List<String> protocols,
            List<String> cipherSuites,
            boolean watched) {
        this.source = source;
        this.byName = byName;
        this.knownNamesOnly = knownNamesOnly;
        this.clientAuth = clientAuth;
        this.trusted = trusted;
        this.protocols = protocols;
        this.cipherSuites = cipherSuites;
        this.watched = watched;
    }

    private static Tls of(Source source) {
        return new Tls(source, Map.of(), false, ClientAuth.NONE, null, List.of(), List.of(), false);
    }

    /**
     * A certificate in PEM files, as certbot and similar tools write them.
     *
     * @param chain the server's certificate first, then those of its issuers, without the root
     * @param key in PKCS#8, or in the older formats of RSA and EC keys; not encrypted
     */
    public static Tls pem(Path chain, Path key) {
        return of(new Source.Pem(Objects.requireNonNull(chain, "chain"), Objects.requireNonNull(key, "key"), null));
    }

    /** A certificate in PEM files with an encrypted key (PKCS#8, {@code BEGIN ENCRYPTED PRIVATE KEY}). */
    public static Tls pem(Path chain, Path key, String password) {
        return of(new Source.Pem(
                Objects.requireNonNull(chain, "chain"),
                Objects.requireNonNull(key, "key"),
                Objects.requireNonNull(password, "password")));
    }

    /** The only key of a key store in the format PKCS#12 or JKS. */
    public static Tls keyStore(Path file, String password) {
        return of(new Source.Store(Objects.requireNonNull(file, "file"), Objects.requireNonNull(password, "password")));
    }

    /**
     * A context of any provider. It selects certificates itself, so {@link #sni} and {@link #clientAuth(ClientAuth,
     * Path)} are not available.
     */
    public static Tls context(SSLContext context) {
        return of(new Source.Context(Objects.requireNonNull(context, "context")));
    }

    /**
     * Presents another certificate to clients that ask for this name (RFC 6066 section 3). Clients that ask for no
     * name, or for an unknown one, get the default; see {@link #knownNamesOnly}.
     *
     * @param name such as {@code www.example.org}, or {@code *.example.org} for any single label in front; case does
     *     not matter
     * @param other the certificate, made by {@link #pem} or {@link #keyStore}; its other settings have no effect
     * @throws IllegalArgumentException if either was made by {@link #context}
     */
    public Tls sni(String name, Tls other) {
        Objects.requireNonNull(name, "name");
        if (source instanceof Source.Context || other.source instanceof Source.Context) {
            throw new IllegalArgumentException("An SSLContext chooses by name itself: give it a key manager that does");
        }
        Map<String, Source> more = new LinkedHashMap<>(byName);
        more.put(name, other.source);
        return new Tls(source, more, knownNamesOnly, clientAuth, trusted, protocols, cipherSuites, watched);
    }

    /**
     * Refuses clients that ask for a name without a certificate by {@link #sni}, with the alert {@code
     * unrecognized_name}.
     */
    public Tls knownNamesOnly() {
        return new Tls(source, byName, true, clientAuth, trusted, protocols, cipherSuites, watched);
    }

    /**
     * Asks clients for a certificate.
     *
     * @param trusted a PEM file with the certificates of the issuers to trust
     * @throws IllegalArgumentException if this was made by {@link #context}
     */
    public Tls clientAuth(ClientAuth clientAuth, Path trusted) {
        if (source instanceof Source.Context) {
            throw new IllegalArgumentException(
                    "An SSLContext has its own trust managers: use clientAuth(ClientAuth) with it");
        }
        return new Tls(
                source,
                byName,
                knownNamesOnly,
                Objects.requireNonNull(clientAuth, "clientAuth"),
                Objects.requireNonNull(trusted, "trusted"),
                protocols,
                cipherSuites,
                watched);
    }

    /**
     * Asks clients for a certificate. The trust managers of the {@link #context}, or the JDK's default ones, verify
     * it.
     */
    public Tls clientAuth(ClientAuth clientAuth) {
        return new Tls(
                source,
                byName,
                knownNamesOnly,
                Objects.requireNonNull(clientAuth, "clientAuth"),
                null,
                protocols,
                cipherSuites,
                watched);
    }

    /**
     * Limits the versions.
     *
     * @param protocols the JDK's names: {@code TLSv1.3}, {@code TLSv1.2}; an unknown one makes {@link
     *     HttpServer.Builder#start} fail
     * @throws IllegalArgumentException for no name
     */
    public Tls protocols(String... protocols) {
        return new Tls(
                source,
                byName,
                knownNamesOnly,
                clientAuth,
                trusted,
                named("protocols", protocols),
                cipherSuites,
                watched);
    }

    /**
     * Limits the cipher suites.
     *
     * @param cipherSuites the JDK's names, the preferred ones first; an unknown one makes {@link
     *     HttpServer.Builder#start} fail
     * @throws IllegalArgumentException for no name
     */
    public Tls cipherSuites(String... cipherSuites) {
        return new Tls(
                source,
                byName,
                knownNamesOnly,
                clientAuth,
                trusted,
                protocols,
                named("cipherSuites", cipherSuites),
                watched);
    }

    private static List<String> named(String what, String[] names) {
        if (names.length == 0) {
            throw new IllegalArgumentException(what + " must not be empty");
        }
        return List.of(names);
    }

    /**
     * Checks each second whether a file has changed, and then loads all files again. New handshakes use the new
     * certificate; open connections keep theirs. If the new files are invalid, nothing changes, and the server calls
     * {@link ServerObserver#certificatesNotReloaded}.
     */
    public Tls watched() {
        return new Tls(source, byName, knownNamesOnly, clientAuth, trusted, protocols, cipherSuites, true);
    }

    /** Where the default certificate comes from. */
    public Source source() {
        return source;
    }

    /** Where the certificates for names come from. */
    public Map<String, Source> byName() {
        return byName;
    }

    public boolean isKnownNamesOnly() {
        return knownNamesOnly;
    }

    public ClientAuth clientAuth() {
        return clientAuth;
    }

    /** The PEM file with the certificates of trusted issuers; null if there is none. */
    public @Nullable Path trusted() {
        return trusted;
    }

    /** Empty for the default. */
    public List<String> protocols() {
        return protocols;
    }

    /** Empty for the default. */
    public List<String> cipherSuites() {
        return cipherSuites;
    }

    public boolean isWatched() {
        return watched;
    }

    /** All files that this names. */
    public List<Path> files() {
        List<Path> files = new ArrayList<>();
        addFiles(source, files);
        byName.values().forEach(each -> addFiles(each, files));
        if (trusted != null) {
            files.add(trusted);
        }
        return List.copyOf(files);
    }

    private static void addFiles(Source source, List<Path> files) {
        if (source instanceof Source.Pem pem) {
            files.add(pem.chain());
            files.add(pem.key());
        } else if (source instanceof Source.Store store) {
            files.add(store.file());
        }
    }

    /** Without passwords. */
    @Override
    public String toString() {
        return "TLS by " + source + (byName.isEmpty() ? "" : ", by name " + byName.keySet())
                + (clientAuth == ClientAuth.NONE ? "" : ", client certificates " + clientAuth);
    }
}
