package org.httpkit.arena;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.httpkit.http.HttpVersion;
import org.httpkit.server.Compression;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Tls;

/** A port that the rules name, and what a client finds there. */
enum Listener {
    /** HTTP/1.1 in plain text, and WebSockets. */
    PLAIN(8080, ""),

    /** HTTP/1.1 over TLS: ALPN offers nothing else. */
    TLS(8081, "certs"),

    /** HTTP/2 in plain text, by prior knowledge (RFC 9113 section 3.3); HTTP/1.1 is refused. */
    PRIOR_KNOWLEDGE(8082, ""),

    /** HTTP/2 over TLS, by ALPN. */
    ALPN(8443, "certs"),

    /** HTTP/1.1 over TLS with certificates that change while the server runs. */
    ROTATION(9000, "certs-tls");

    /** Less than the five seconds after which the harness kills a container. */
    private static final Duration STOP = Duration.ofSeconds(3);

    private final int port;
    private final String certificates;

    /** @param certificates the folder of the certificate and its key; empty without TLS */
    Listener(int port, String certificates) {
        this.port = port;
        this.certificates = certificates;
    }

    /** Whether it can be opened: the harness mounts certificates only for entries that have profiles with TLS. */
    boolean isPossible(Path root) {
        return certificates.isEmpty() || Files.exists(chain(root));
    }

    /**
     * Opens the port.
     *
     * @param root the folder that has the folders of the certificates; the rules mount them at the file system's root
     * @param anyPort whether to listen on a free port of the loopback address instead
     */
    HttpServer start(Path root, boolean anyPort, Handler handler) throws IOException {
        HttpServer.Builder builder = HttpServer.builder()
                .address(anyPort ? "127.0.0.1" : "0.0.0.0", anyPort ? 0 : port)
                .protocols(protocols())
                .compression(Compression.on())
                // All load comes from one address, on up to 32 000 connections.
                .maxConnectionsPerAddress(0)
                .maxReceivedBytesPerAddress(0)
                .stopOnShutdown(STOP)
                .handler(handler);
        if (!certificates.isEmpty()) {
            builder.tls(Tls.pem(chain(root), root.resolve(certificates).resolve("server.key"))
                    .watched());
        }
        return builder.start();
    }

    private HttpVersion[] protocols() {
        return switch (this) {
            case PLAIN, ALPN -> new HttpVersion[] {HttpVersion.HTTP_1_1, HttpVersion.HTTP_2};
            case TLS, ROTATION -> new HttpVersion[] {HttpVersion.HTTP_1_1};
            case PRIOR_KNOWLEDGE -> new HttpVersion[] {HttpVersion.HTTP_2};
        };
    }

    private Path chain(Path root) {
        return root.resolve(certificates).resolve("server.crt");
    }
}
