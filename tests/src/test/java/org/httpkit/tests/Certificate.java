package org.httpkit.tests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate that a proxy shows for localhost, signed by itself. Immutable.
 *
 * @param pem the key and the certificate
 * @param trusted for clients that believe it
 */
record Certificate(String pem, SSLContext trusted) {
    private static final char[] PASSWORD = "password".toCharArray();

    static Certificate make(Path folder) throws IOException, InterruptedException, GeneralSecurityException {
        Path file = folder.resolve("localhost.p12");
        Daemon.start(
                        folder,
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "site",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        String.valueOf(PASSWORD))
                .awaitEnd();
        KeyStore store = KeyStore.getInstance(file.toFile(), PASSWORD);
        java.security.cert.Certificate shown = store.getCertificate("site");
        String pem = block("PRIVATE KEY", store.getKey("site", PASSWORD).getEncoded())
                + block("CERTIFICATE", shown.getEncoded());

        KeyStore known = KeyStore.getInstance(KeyStore.getDefaultType());
        known.load(null, null);
        known.setCertificateEntry("site", shown);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(known);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return new Certificate(pem, context);
    }

    Path writtenTo(Path folder) throws IOException {
        return Files.writeString(folder.resolve("site.pem"), pem);
    }

    private static String block(String type, byte[] bytes) {
        String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        return "-----BEGIN " + type + "-----\n" + lines + "\n-----END " + type + "-----\n";
    }
}
