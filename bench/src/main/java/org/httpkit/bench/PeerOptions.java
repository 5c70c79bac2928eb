package org.httpkit.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * What the command line asks of a {@link Peer}: {@code PORT [--tls-port N --tls-store FILE] [--http2 on]}. Immutable.
 *
 * @param port where it listens: the one for TLS if there is one
 * @param http2 whether it speaks HTTP/2 in the clear, and nothing else
 * @param tls its key and certificate, from a PKCS #12 file of {@code bench/compare}; null: it listens in the clear
 */
record PeerOptions(int port, boolean http2, @Nullable KeyManagerFactory tls) {
    /** What {@code bench/compare} writes its stores with. */
    private static final char[] PASSWORD = "of-a-bench".toCharArray();

    static PeerOptions parse(List<String> arguments) throws IOException, GeneralSecurityException {
        Map<String, String> named = new HashMap<>();
        for (int i = 1; i + 1 < arguments.size(); i += 2) {
            named.put(arguments.get(i), arguments.get(i + 1));
        }
        String port = named.getOrDefault("--tls-port", arguments.get(0));
        String store = named.get("--tls-store");
        return new PeerOptions(
                Integer.parseInt(port), named.containsKey("--http2"), store == null ? null : keys(store));
    }

    private static KeyManagerFactory keys(String store) throws IOException, GeneralSecurityException {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(KeyStore.getInstance(Path.of(store).toFile(), PASSWORD), PASSWORD);
        return keys;
    }
}
