package org.httpkit.bench.peers;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * What the command line asks of a peer: {@code PORT [--tls-port N --tls-store FILE] [--http2 on] [--files DIR]}. Immutable.
 *
 * @param port where it listens: the one for TLS if there is one
 * @param store a PKCS #12 file with key and certificate; empty: it listens in the clear. Over TLS it speaks HTTP/1.1 and HTTP/2
 * @param http2 whether it also speaks HTTP/2 in the clear
 * @param files a folder whose files it answers below {@code /files/}
 */
record Settings(int port, Optional<String> store, boolean http2, Optional<Path> files) {
    /** What {@code bench/compare} writes its stores with. */
    static final String PASSWORD = "of-a-bench";

    static Settings parse(String... arguments) {
        Map<String, String> named = new HashMap<>();
        for (int i = 1; i + 1 < arguments.length; i += 2) {
            named.put(arguments[i], arguments[i + 1]);
        }
        return new Settings(
                Integer.parseInt(named.getOrDefault("--tls-port", arguments[0])),
                Optional.ofNullable(named.get("--tls-store")),
                named.containsKey("--http2"),
                Optional.ofNullable(named.get("--files")).map(Path::of));
    }

    /** The key and certificate, where TLS is asked for. */
    SSLContext tls() throws IOException, GeneralSecurityException {
        char[] password = PASSWORD.toCharArray();
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(KeyStore.getInstance(Path.of(store.orElseThrow()).toFile(), password), password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }
}
