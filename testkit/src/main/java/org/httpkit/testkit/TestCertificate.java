package org.httpkit.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.httpkit.server.Tls;

/**
 * A self-signed certificate and its key, in files. Immutable.
 *
 * @param chain in PEM
 * @param key in PEM
 * @param store both in PKCS#12, with the password {@link #PASSWORD}
 */
public record TestCertificate(Path chain, Path key, Path store) {
    public static final String PASSWORD = "password";

    private static final class Localhost {
        static final TestCertificate ONE = make();

        private static TestCertificate make() {
            try {
                Path folder = Files.createTempDirectory("httpkit-tls");
                TestCertificate made = TestCertificate.make(folder, "localhost");
                for (Path file : List.of(made.chain, made.key, made.store, folder)) {
                    file.toFile().deleteOnExit();
                }
                folder.toFile().deleteOnExit();
                return made;
            } catch (IOException | InterruptedException | GeneralSecurityException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** Returns a certificate for localhost, made once in this JVM. */
    public static TestCertificate localhost() {
        return Localhost.ONE;
    }

    /**
     * Makes a certificate in this folder, with the JDK's keytool.
     *
     * @param options further options of keytool: for example the kind of key, by default EC
     */
    public static TestCertificate make(Path folder, String name, String... options)
            throws IOException, InterruptedException, GeneralSecurityException {
        String file = name.replace('*', '_');
        Path store = folder.resolve(file + ".p12");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-J-XX:TieredStopAtLevel=1", // starts sooner
                "-genkeypair",
                "-alias",
                "site",
                "-dname",
                "CN=" + name,
                "-ext",
                "san=dns:" + name,
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD));
        command.addAll(options.length == 0 ? List.of("-keyalg", "EC", "-groupname", "secp256r1") : List.of(options));
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(keytool.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
            throw new IOException("keytool failed: " + said);
        }
        KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        Path chain = folder.resolve(file + ".pem");
        Path key = folder.resolve(file + ".key");
        Files.writeString(
                chain, block("CERTIFICATE", keys.getCertificate("site").getEncoded()));
        Files.writeString(
                key,
                block("PRIVATE KEY", keys.getKey("site", PASSWORD.toCharArray()).getEncoded()));
        return new TestCertificate(chain, key, store);
    }

    private static String block(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END " + label + "-----\n";
    }

    /** The TLS settings for a server that shows it. */
    public Tls tls() {
        return Tls.pem(chain, key);
    }

    /** A context for clients that trust only these certificates. */
    public static SSLContext trusting(TestCertificate... trusted) {
        return client(null, trusted);
    }

    /** As {@link #trusting}, for a client that shows this certificate. */
    public SSLContext shownToThoseWith(TestCertificate... trusted) {
        return client(this, trusted);
    }

    /** As {@link #trusting}, for clients that take a trust manager separately. */
    public static X509TrustManager trustManager(TestCertificate... trusted) {
        try {
            for (TrustManager manager : trustManagers(trusted)) {
                if (manager instanceof X509TrustManager found) {
                    return found;
                }
            }
        } catch (GeneralSecurityException | IOException e) {
            throw new AssertionError(e);
        }
        throw new AssertionError("The JDK has none");
    }

    private static TrustManager[] trustManagers(TestCertificate... trusted)
            throws GeneralSecurityException, IOException {
        KeyStore known = KeyStore.getInstance("PKCS12");
        known.load(null, null);
        for (TestCertificate each : trusted) {
            Certificate certificate = KeyStore.getInstance(each.store.toFile(), PASSWORD.toCharArray())
                    .getCertificate("site");
            known.setCertificateEntry(each.store.toString(), certificate);
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(known);
        return trust.getTrustManagers();
    }

    private static SSLContext client(@org.jspecify.annotations.Nullable TestCertificate own, TestCertificate... all) {
        try {
            KeyManager[] keys = null;
            if (own != null) {
                KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                factory.init(KeyStore.getInstance(own.store.toFile(), PASSWORD.toCharArray()), PASSWORD.toCharArray());
                keys = factory.getKeyManagers();
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, trustManagers(all), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new AssertionError(e);
        }
    }
}
