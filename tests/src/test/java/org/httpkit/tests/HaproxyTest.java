package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.Cidr;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.ProxyInfo;
import org.httpkit.server.ProxyProtocol;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawWebSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Behind a real HAProxy with the sample configuration, if one is installed. */
@Tag("foreign")
class HaproxyTest extends ServerTest {
    private static final String AS_IN_THE_SAMPLE = "send-proxy-v2 proxy-v2-options ssl,authority";

    @TempDir
    static Path shared;

    private static Certificate certificate;

    @TempDir
    Path folder;

    @BeforeEach
    void find() throws Exception {
        Daemon.installed("haproxy");
        if (certificate == null) {
            certificate = Certificate.make(shared);
        }
    }

    private BehindHaproxy serveBehindHaproxy(Handler handler) throws Exception {
        HttpServer server = serve(handler, options -> options.proxyProtocol(ProxyProtocol.ENABLED));
        return front(server, sample -> sample);
    }

    private BehindHaproxy front(HttpServer server, UnaryOperator<Sample> change) throws Exception {
        String address = "127.0.0.1:" + server.port();
        return closeLater(BehindHaproxy.start(
                folder,
                certificate,
                server.port(),
                0,
                sample -> change.apply(overTls ? sample.with(address, address + " ssl verify none") : sample)));
    }

    private RawClient connect(BehindHaproxy haproxy) throws Exception {
        return closeLater(RawClient.connect(haproxy.port));
    }

    @ParameterizedTest
    @CsvSource({
        "send-proxy, 1",
        "send-proxy-v2, 2",
        "send-proxy-v2 proxy-v2-options unique-id, 2",
        "send-proxy-v2 proxy-v2-options crc32c, 2"
    })
    void knowsTheClientByTheProxyProtocol(String serverOptions, int version) throws Exception {
        HttpServer server = serve(
                request -> {
                    ProxyInfo info = request.proxyInfo();
                    return Response.text((info == null ? 0 : info.version()) + " "
                            + ProxyProtocolTest.text(request.remoteAddress()) + " "
                            + (info != null && info.value(0x05) != null));
                },
                options -> options.proxyProtocol(ProxyProtocol.ENABLED));
        BehindHaproxy haproxy = front(server, sample -> sample.with(AS_IN_THE_SAMPLE, serverOptions)
                .with("balance leastconn", "unique-id-format %[uuid()]\n    balance leastconn"));
        RawClient client = connect(haproxy);
        boolean hasId = serverOptions.endsWith("unique-id");
        for (int i = 0; i < 2; i++) {
            assertThat(client.send(get("/")).read().text())
                    .isEqualTo(version + " " + ProxyProtocolTest.text(client.localAddress()) + " " + hasId);
        }
    }

    @Test
    void readsWhatTheProxyTellsOfTls() throws Exception {
        BlockingQueue<ProxyInfo> infos = new LinkedBlockingQueue<>();
        BehindHaproxy haproxy = serveBehindHaproxy(request -> {
            infos.add(request.proxyInfo());
            return Response.text(request.scheme() + " " + request.header("X-Forwarded-Proto"));
        });
        HttpClient client =
                HttpClient.newBuilder().sslContext(certificate.trusted()).build();

        HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(URI.create("https://localhost:" + haproxy.tlsPort + "/"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());

        assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(response.body()).isEqualTo("https https");
        ProxyInfo info = infos.remove(); // of the request; health checks come before it and after it
        while (info.local()) {
            info = infos.remove();
        }
        assertThat(info.version()).isEqualTo(2);
        assertThat(info.tls()).isTrue();
        assertThat(info.tlsVersion()).isEqualTo("TLSv1.3");
        assertThat(info.authority()).isEqualTo("localhost");
        assertThat(info.alpn()).isEqualTo("h2");
        assertThat(info.tlsCommonName()).isNull();
        assertThat(info.value(0x02).text()).isEqualTo("localhost");
    }

    @Test
    void passesItsHealthChecks() throws Exception {
        BlockingQueue<Boolean> checks = new LinkedBlockingQueue<>();
        BehindHaproxy haproxy = serveBehindHaproxy(request -> {
            checks.add(request.path().equals("/health") && request.proxyInfo().local());
            return Response.text("fine");
        });
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> checks.size() >= 2);
        assertThat(checks).containsOnly(true);
        assertThat(haproxy.isUp("a")).isTrue();
        eventually(() -> assertThat(observer.statuses()).isNotEmpty().containsOnly(200));
        assertThat(observer.refusals()).isEmpty();
    }

    @Test
    void knowsTheClientByXForwardedFor() throws Exception {
        HttpServer server = serve(
                request -> Response.text(
                        ProxyProtocolTest.text(request.remoteAddress()) + " by " + request.header("X-Forwarded-For")),
                options -> options.trustedProxies(Cidr.of("127.0.0.2")));
        BehindHaproxy haproxy = front(server, sample -> sample.with(AS_IN_THE_SAMPLE, "source 127.0.0.2")
                .with("default_backend app", "option forwardfor\n    default_backend app"));
        assertThat(connect(haproxy)
                        .send(get("/", "X-Forwarded-For: 6.6.6.6"))
                        .read()
                        .text())
                .isEqualTo("127.0.0.1:0 by 6.6.6.6");
    }

    @Test
    void passesWebSockets() throws Exception {
        RecordingListener echo = new RecordingListener() {
            @Override
            void text(AsyncChannel channel, String text) {
                channel.send("heard " + text);
            }
        };
        BehindHaproxy haproxy = serveBehindHaproxy(
                request -> request.isWebSocketUpgrade() ? request.asChannel(echo) : Response.text("healthy"));
        RawWebSocket socket =
                RawWebSocket.open(connect(haproxy), "/", "Origin: " + (overTls ? "https" : "http") + "://test");

        assertThat(socket.text("grüezi").read().text()).isEqualTo("heard grüezi");
        assertThat(socket.text("x".repeat(100_000)).read().payload()).hasSize(100_006);
        socket.close(1000, "done");
        assertThat(socket.read().closeCode()).isEqualTo(1000);
        assertThat(echo.nextClose()).startsWith("close 1000 PEER_CLOSED");
    }
}
