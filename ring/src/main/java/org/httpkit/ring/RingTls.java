package org.httpkit.ring;

import clojure.lang.Keyword;
import clojure.lang.Named;
import clojure.lang.PersistentArrayMap;
import clojure.lang.RT;
import java.io.File;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.httpkit.server.ClientAuth;
import org.httpkit.server.Request;
import org.httpkit.server.Tls;
import org.httpkit.server.TlsSession;
import org.jspecify.annotations.Nullable;

/**
 * Reads TLS settings in the form of Ring programs: a map with {@code :cert} and {@code :key} (PEM files), or {@code
 * :key-store}, and with {@code :password}, {@code :client-auth}, {@code :trusted}, {@code :sni}, {@code :watch?}.
 * Stateless.
 */
final class RingTls {
    private static final Keyword CLIENT_CERTIFICATE = Keyword.intern(null, "ssl-client-cert");
    private static final Set<String> KNOWN =
            Set.of("cert", "key", "password", "key-store", "client-auth", "trusted", "sni", "watch?");

    private RingTls() {}

    /** @throws IllegalArgumentException if the map lacks something, or has an unknown value */
    static Tls of(Map<?, ?> map) {
        for (Object key : map.keySet()) {
            if (!(key instanceof Keyword known) || !KNOWN.contains(known.getName())) {
                throw new IllegalArgumentException(
                        ":tls has a key " + RT.printString(key) + "; known are " + List.copyOf(KNOWN));
            }
        }
        Object password = get(map, "password");
        Object keyStore = get(map, "key-store");
        Tls tls;
        if (keyStore != null) {
            tls = Tls.keyStore(path("key-store", keyStore), password == null ? "" : password.toString());
        } else {
            Path chain = path("cert", get(map, "cert"));
            Path key = path("key", get(map, "key"));
            tls = password == null ? Tls.pem(chain, key) : Tls.pem(chain, key, password.toString());
        }
        return withClients(withNames(tls, get(map, "sni")), map);
    }

    private static Tls withNames(Tls tls, @Nullable Object names) {
        Tls result = tls;
        if (names instanceof Map<?, ?> byName) {
            for (Map.Entry<?, ?> entry : byName.entrySet()) {
                if (!(entry.getValue() instanceof Map<?, ?> other)) {
                    throw new IllegalArgumentException(":sni has no map for " + RT.printString(entry.getKey()));
                }
                result = result.sni(String.valueOf(entry.getKey()), of(other));
            }
        }
        return result;
    }

    private static Tls withClients(Tls tls, Map<?, ?> map) {
        Object trusted = get(map, "trusted");
        Object auth = get(map, "client-auth");
        Tls result = RT.booleanCast(get(map, "watch?")) ? tls.watched() : tls;
        if (auth == null && trusted == null) {
            return result;
        }
        ClientAuth wanted = auth == null ? ClientAuth.REQUIRED : clientAuth(auth);
        return trusted == null ? result.clientAuth(wanted) : result.clientAuth(wanted, path("trusted", trusted));
    }

    private static ClientAuth clientAuth(Object value) {
        String name = value instanceof Named named ? named.getName() : value.toString();
        // Accepts the names of ring-jetty-adapter, too.
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "none" -> ClientAuth.NONE;
            case "want", "optional" -> ClientAuth.OPTIONAL;
            case "need", "required" -> ClientAuth.REQUIRED;
            default ->
                throw new IllegalArgumentException(
                        ":client-auth is " + RT.printString(value) + "; it must be one of :none, :optional, :required");
        };
    }

    private static @Nullable Object get(Map<?, ?> map, String key) {
        return map.get(Keyword.intern(null, key));
    }

    private static Path path(String key, @Nullable Object value) {
        if (value instanceof Path path) {
            return path;
        }
        if (value instanceof File file) {
            return file.toPath();
        }
        if (value instanceof String text) {
            return Path.of(text);
        }
        throw new IllegalArgumentException(":tls needs " + ":" + key + ", a file: " + RT.printString(value));
    }

    /** Returns the further entries of a request map: the client's certificate, if it has shown one. */
    static PersistentArrayMap certificateOf(Request request) {
        TlsSession session = request.tls();
        List<X509Certificate> shown = session == null ? List.of() : session.clientCertificates();
        return shown.isEmpty()
                ? PersistentArrayMap.EMPTY
                : PersistentArrayMap.createWithCheck(new Object[] {CLIENT_CERTIFICATE, shown.get(0)});
    }
}
