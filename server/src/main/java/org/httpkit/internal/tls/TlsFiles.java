package org.httpkit.internal.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.httpkit.server.Tls;

/**
 * Reads certificates and keys from their files. Its exceptions name the file and the fault. Stateless; may wait for a
 * disk.
 */
final class TlsFiles {
    private static final int MAX_FILE_BYTES = 4 << 20;

    private TlsFiles() {}

    static Identity identity(Tls.Source source) throws IOException {
        if (source instanceof Tls.Source.Pem pem) {
            return ofPem(pem);
        }
        if (source instanceof Tls.Source.Store store) {
            return ofStore(store);
        }
        throw new IllegalArgumentException(source + " has no files");
    }

    private static Identity ofPem(Tls.Source.Pem pem) throws IOException {
        List<X509Certificate> chain = certificates(pem.chain());
        PrivateKey key;
        try {
            key = PrivateKeys.read(text(pem.key()), pem.password());
        } catch (IllegalArgumentException e) {
            throw new IOException("The private key " + pem.key() + " " + e.getMessage(), e);
        }
        try {
            return Identity.of(key, chain);
        } catch (IllegalArgumentException e) {
            throw new IOException(pem.chain() + " with " + pem.key() + ": " + e.getMessage(), e);
        }
    }

    private static Identity ofStore(Tls.Source.Store source) throws IOException {
        char[] password = source.password().toCharArray();
        try {
            KeyStore store = KeyStore.getInstance(source.file().toFile(), password);
            for (String alias : Collections.list(store.aliases())) {
                if (store.getKey(alias, password) instanceof PrivateKey key) {
                    List<X509Certificate> chain = new ArrayList<>();
                    for (Certificate each : store.getCertificateChain(alias)) {
                        chain.add((X509Certificate) each);
                    }
                    return Identity.of(key, chain);
                }
            }
            throw new IllegalArgumentException("it has no private key");
        } catch (NoSuchFileException e) {
            throw missing(source.file());
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException("The key store " + source.file() + " is of no use: " + e.getMessage(), e);
        }
    }

    /** Reads the certificates of a PEM file in order; at least one. */
    static List<X509Certificate> certificates(Path file) throws IOException {
        List<X509Certificate> certificates = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (Pem.Block block : Pem.blocks(text(file))) {
                if (block.label().endsWith("CERTIFICATE")) {
                    certificates.add(
                            (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.der())));
                }
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException("The certificates " + file + " cannot be read: " + e.getMessage(), e);
        }
        if (certificates.isEmpty()) {
            throw new IOException("The file " + file + " has no block CERTIFICATE");
        }
        return certificates;
    }

    private static String text(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw missing(file);
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
            if (bytes.length > MAX_FILE_BYTES) {
                throw new IOException("The file " + file + " is larger than any certificate");
            }
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
    }

    private static IOException missing(Path file) {
        return new NoSuchFileException(file.toString(), null, "there is no such file");
    }
}
