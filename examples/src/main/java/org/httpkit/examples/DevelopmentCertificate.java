package org.httpkit.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.UUID;
import org.httpkit.server.Tls;

/**
 * A self-signed certificate for localhost, made for this run. Immutable.
 *
 * @param file the certificate in PEM, for clients that are to trust it
 * @param tls for the server
 */
record DevelopmentCertificate(Path file, Tls tls) {
    private static final String ALIAS = "localhost";

    /** Makes one by the JDK's keytool, in a folder that goes with this process. */
    static DevelopmentCertificate make() {
        try {
            Path folder = Files.createTempDirectory("httpkit-tour");
            Path store = folder.resolve("localhost.p12");
            Path file = folder.resolve("localhost.pem");
            for (Path each : new Path[] {folder, store, file}) {
                each.toFile().deleteOnExit(); // the folder last: they are deleted the other way round
            }
            String password = UUID.randomUUID().toString();
            keytool(store, password);
            byte[] certificate = KeyStore.getInstance(store.toFile(), password.toCharArray())
                    .getCertificate(ALIAS)
                    .getEncoded();
            Files.writeString(
                    file,
                    "-----BEGIN CERTIFICATE-----\n"
                            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate)
                            + "\n-----END CERTIFICATE-----\n");
            return new DevelopmentCertificate(file, Tls.keyStore(store, password));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void keytool(Path store, String password) throws IOException {
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        ALIAS,
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost,ip:127.0.0.1",
                        "-validity",
                        "30",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        password)
                .redirectErrorStream(true)
                .start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (keytool.waitFor() != 0) {
                throw new IOException("keytool failed: " + said);
            }
        } catch (InterruptedException e) {
            keytool.destroy();
            throw new IOException("Interrupted while keytool made a certificate", e);
        }
    }
}
