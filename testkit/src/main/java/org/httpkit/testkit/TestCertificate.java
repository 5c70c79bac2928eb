package org.httpkit.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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

    /** A third of the time for which keytool makes certificates valid. */
    private static final Duration KEPT = Duration.ofDays(30);

    /** How often this JVM has asked for a certificate by these options. */
    private static final Map<List<String>, AtomicInteger> ASKED = new ConcurrentHashMap<>();

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
     * Makes a certificate in this folder, with the JDK's keytool. No two calls within a JVM return the same certificate.
     *
     * <p>The system property {@code httpkit.certificates} can name a folder where certificates are kept for later runs,
     * since keytool takes a second for each.
     *
     * @param options further options of keytool: for example the kind of key, by default EC
     */
    public static TestCertificate make(Path folder, String name, String... options)
            throws IOException, InterruptedException, GeneralSecurityException {
        String file = name.replace('*', '_');
        Path store = folder.resolve(file + ".p12");
        List<String> asked = new ArrayList<>(List.of("-dname", "CN=" + name, "-ext", "san=dns:" + name));
        asked.addAll(options.length == 0 ? List.of("-keyalg", "EC", "-groupname", "secp256r1") : List.of(options));
        String kept = System.getProperty("httpkit.certificates");
        if (kept == null) {
            keytool(store, asked);
        } else {
            Files.copy(kept(Path.of(kept), asked), store, StandardCopyOption.REPLACE_EXISTING);
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

    /** Returns a store that an earlier run may have made: the first for the first call with these options, and so on. */
    private static Path kept(Path folder, List<String> asked) throws IOException, InterruptedException {
        int number = ASKED.computeIfAbsent(asked, each -> new AtomicInteger()).getAndIncrement();
        Path store = folder.resolve(UUID.nameUUIDFromBytes(asked.toString().getBytes(UTF_8)) + "-" + number + ".p12");
        Instant oldest = Instant.now().minus(KEPT);
        if (!Files.exists(store) || Files.getLastModifiedTime(store).toInstant().isBefore(oldest)) {
            Files.createDirectories(folder);
            Path made = folder.resolve(UUID.randomUUID() + ".p12");
            keytool(made, asked);
            Files.move(made, store, StandardCopyOption.ATOMIC_MOVE); // another JVM may do just the same
        }
        return store;
    }

    private static void keytool(Path store, List<String> asked) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-J-XX:TieredStopAtLevel=1", // starts sooner
                // The usual 10,000 rounds of hashing, each time the store is opened, would protect a key nobody wants.
                "-J-Dkeystore.pkcs12.keyPbeIterationCount=1",
                "-J-Dkeystore.pkcs12.certPbeIterationCount=1",
                "-J-Dkeystore.pkcs12.macIterationCount=1",
                "-genkeypair",
                "-alias",
                "site",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD));
        command.addAll(asked);
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(keytool.getInputStream().readAllBytes(), UTF_8);
        if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
            throw new IOException("keytool failed: " + said);
        }
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
