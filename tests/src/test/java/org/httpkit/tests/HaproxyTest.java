package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.httpkit.server.Cidr;
import org.httpkit.server.HttpServer;
import org.httpkit.server.ProxyInfo;
import org.httpkit.server.ProxyProtocol;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Behind a real HAProxy, if one is installed. */
class HaproxyTest extends ServerTest {
    private static final Path HAPROXY = Path.of("/usr/sbin/haproxy");

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "send-proxy, 1",
        "send-proxy-v2, 2",
        "send-proxy-v2 proxy-v2-options unique-id, 2",
        "send-proxy-v2 proxy-v2-options crc32c, 2"
    })
    void knowsTheClientByTheProxyProtocol(String serverOptions, int version) throws IOException, InterruptedException {
        HttpServer server = serve(
                request -> {
                    ProxyInfo info = request.proxyInfo();
                    return Response.text((info == null ? 0 : info.version()) + " "
                            + ProxyProtocolTest.text(request.remoteAddress()) + " "
                            + (info != null && info.value(0x05) != null));
                },
                options -> options.proxyProtocol(ProxyProtocol.ENABLED));
        RawClient client = connectThrough(server, "unique-id-format %[uuid()]", serverOptions);
        boolean hasId = serverOptions.endsWith("unique-id");
        for (int i = 0; i < 2; i++) {
            assertThat(client.send(get("/")).read().text())
                    .isEqualTo(version + " " + ProxyProtocolTest.text(client.localAddress()) + " " + hasId);
        }
    }

    @Test
    void passesItsHealthChecks() throws IOException, InterruptedException {
        HttpServer server = serve(
                request -> Response.text(request.path()), options -> options.proxyProtocol(ProxyProtocol.ENABLED));
        connectThrough(server, "option httpchk GET /check", "send-proxy-v2 check inter 50ms");
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> observer.statuses().size() >= 3);
        assertThat(observer.statuses()).containsOnly(200);
        assertThat(observer.refusals()).isEmpty();
    }

    @Test
    void knowsTheClientByXForwardedFor() throws IOException, InterruptedException {
        HttpServer server = serve(
                request -> Response.text(ProxyProtocolTest.text(request.remoteAddress())),
                options -> options.trustedProxies(Cidr.of("127.0.0.1")));
        RawClient client = connectThrough(server, "http-request set-src str(192.0.2.7)\n  option forwardfor", "");
        assertThat(client.send(get("/", "X-Forwarded-For: 6.6.6.6")).read().text())
                .isEqualTo("192.0.2.7:0");
    }

    /** Starts a proxy in front of the server, to be ended with the test, and connects to it. */
    private RawClient connectThrough(HttpServer server, String proxyOptions, String serverOptions)
            throws IOException, InterruptedException {
        Assumptions.assumeTrue(Files.isExecutable(HAPROXY), "HAProxy is not installed at " + HAPROXY);
        int port = freePort();
        Path config = Files.writeString(
                folder.resolve("haproxy.cfg"), """
                global
                  maxconn 100
                defaults
                  mode http
                  timeout connect 5s
                  timeout client 10s
                  timeout server 10s
                listen test
                  bind 127.0.0.1:%d
                  %s
                  server s1 127.0.0.1:%d %s
                """.formatted(port, proxyOptions, server.port(), serverOptions));
        Process proxy = new ProcessBuilder(HAPROXY.toString(), "-db", "-f", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("haproxy.log").toFile())
                .start();
        closeLater(() -> {
            proxy.destroy();
            if (!proxy.waitFor(5, TimeUnit.SECONDS)) {
                proxy.destroyForcibly();
            }
        });
        long untilNanos = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (true) {
            try {
                return closeLater(RawClient.connect(port));
            } catch (IOException e) {
                if (!proxy.isAlive() || System.nanoTime() > untilNanos) {
                    throw new AssertionError(Files.readString(folder.resolve("haproxy.log")), e);
                }
                proxy.waitFor(20, TimeUnit.MILLISECONDS);
            }
        }
    }

    /** A port that was free a moment ago: HAProxy cannot tell which one it has picked. */
    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }
}
