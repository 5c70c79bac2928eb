package org.httpkit.internal.tls;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Objects;
import org.httpkit.server.Tls;

/** Keys and certificates that OpenSSL has made for the tests, valid for a hundred years. */
public final class TestFiles {
    private TestFiles() {}

    static Path path(String name) {
        try {
            return Path.of(Objects.requireNonNull(TestFiles.class.getResource("/tls/" + name))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    static String text(String name) throws IOException {
        return Files.readString(path(name), StandardCharsets.US_ASCII);
    }

    /** One of the certificates. */
    public static Certificate certificate(String name) throws IOException, CertificateException {
        try (InputStream in = Files.newInputStream(path(name))) {
            return CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    public static Tls tls() {
        return Tls.pem(path("ec.pem"), path("ec.key"));
    }
}
