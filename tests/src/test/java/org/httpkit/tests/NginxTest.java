package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.Cidr;
import org.httpkit.server.Event;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.httpkit.testkit.RawWebSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Behind a real nginx with the sample configuration, if one is installed. */
@Tag("foreign")
class NginxTest extends ServerTest {
    /** How nginx reaches the server. */
    enum By {
        TCP,
        UNIX_SOCKET
    }

    /** Where nginx connects from; clients do from 127.0.0.1. */
    private static final String NGINX = "127.0.0.2";

    private static final Handler MIRROR = request -> Response.text(ProxyProtocolTest.text(request.remoteAddress())
            + " by " + (request.peerAddress() == null ? "file" : ProxyProtocolTest.text(request.peerAddress()))
            + " " + request.scheme() + " " + request.authority());

    @TempDir
    static Path shared;

    private static Certificate certificate;

    @TempDir
    Path folder;

    private HttpServer server;
    private BehindNginx nginx;

    @BeforeEach
    void find() throws Exception {
        Daemon.installed("nginx");
        if (certificate == null) {
            certificate = Certificate.make(shared);
        }
    }

    private void serveBehindNginx(By by, Handler handler) throws Exception {
        serveBehindNginx(by, handler, sample -> sample);
    }

    private void serveBehindNginx(By by, Handler handler, UnaryOperator<Sample> change) throws Exception {
        Path file = folder.resolve("http.sock");
        server = by == By.TCP
                ? serve(handler, options -> options.trustedProxies(Cidr.of(NGINX)))
                : serve(handler, options -> options.unixSocket(file, PosixFilePermissions.fromString("rw-rw----"))
                        .trustedProxies(Cidr.UNIX));
        nginx = closeLater(BehindNginx.start(
                folder,
                certificate,
                by == By.TCP ? "server 127.0.0.1:" + server.port() + ";" : "server unix:" + file + ";",
                sample -> change.apply(sample.with(
                        "proxy_pass http://app;",
                        "proxy_pass " + (overTls ? "https" : "http") + "://app;"
                                + (by == By.TCP ? " proxy_bind " + NGINX + ";" : "")))));
    }

    private RawClient connectToNginx() throws Exception {
        return closeLater(RawClient.connect(nginx.port));
    }

    private static String expectedPeer(By by) {
        return by == By.TCP ? NGINX : "file";
    }

    @ParameterizedTest
    @EnumSource
    void tellsWhoAsksWhateverTheClientWrites(By by) throws Exception {
        serveBehindNginx(by, MIRROR);

        RawClient client = connectToNginx();
        client.send(
                get("/", "X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: https", "Forwarded: for=6.6.6.6;proto=https"));

        assertThat(client.read().text())
                .startsWith("127.0.0.1:0 by " + expectedPeer(by))
                .endsWith(" http test");
    }

    @ParameterizedTest
    @EnumSource
    void tellsItInForwardedAsWell(By by) throws Exception {
        serveBehindNginx(
                by, MIRROR, sample -> sample.with("Forwarded \"\"", "Forwarded \"for=$remote_addr;proto=$scheme\"")
                        .with("X-Forwarded-For $proxy_add_x_forwarded_for", "X-Forwarded-For \"\""));

        RawClient client = connectToNginx();
        client.send(get("/", "X-Forwarded-For: 6.6.6.6", "Forwarded: for=6.6.6.6;proto=https"));

        assertThat(client.read().text())
                .startsWith("127.0.0.1:0 by " + expectedPeer(by))
                .endsWith(" http test");
    }

    @ParameterizedTest
    @EnumSource
    void tellsOfTls(By by) throws Exception {
        serveBehindNginx(by, MIRROR);
        HttpClient client =
                HttpClient.newBuilder().sslContext(certificate.trusted()).build();

        HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(URI.create("https://localhost:" + nginx.tlsPort + "/"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());

        assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(response.body()).startsWith("127.0.0.1:0 by ").endsWith(" https localhost:" + nginx.tlsPort);
    }

    @ParameterizedTest
    @EnumSource
    void keepsItsConnections(By by) throws Exception {
        serveBehindNginx(by, MIRROR);
        RawClient client = connectToNginx();

        for (int i = 0; i < 50; i++) {
            assertThat(client.send(get("/")).read().status()).isEqualTo(200);
        }

        assertThat(server.stats().connectionsAccepted()).isEqualTo(1);
        assertThat(server.stats().requests()).isEqualTo(50);
    }

    @ParameterizedTest
    @EnumSource
    void passesWebSockets(By by) throws Exception {
        RecordingListener echo = new RecordingListener() {
            @Override
            void text(AsyncChannel channel, String text) {
                channel.send("heard " + text);
            }
        };
        serveBehindNginx(by, request -> request.asChannel(echo));
        RawWebSocket socket = RawWebSocket.open(connectToNginx(), "/", "Origin: http://test");

        assertThat(socket.text("grüezi").read().text()).isEqualTo("heard grüezi");
        assertThat(socket.text("x".repeat(100_000)).read().payload()).hasSize(100_006);
        socket.close(1000, "done");
        assertThat(socket.read().closeCode()).isEqualTo(1000);
        assertThat(echo.nextClose()).startsWith("close 1000 PEER_CLOSED");
    }

    @ParameterizedTest
    @EnumSource
    void passesEachEventWhenItIsSent(By by) throws Exception {
        BlockingQueue<AsyncChannel> opened = new LinkedBlockingQueue<>();
        serveBehindNginx(
                by,
                request -> request.asChannel(new ChannelListener() {
                    @Override
                    public void onOpen(AsyncChannel channel) {
                        opened.add(channel);
                    }
                }));
        RawClient client = connectToNginx().send(get("/", "Accept: text/event-stream"));
        AsyncChannel channel = opened.poll(10, TimeUnit.SECONDS);

        channel.sendEvent(Event.of("0"));
        assertThat(client.readHead().field("Content-Type")).startsWith("text/event-stream");
        assertThat(new String(client.readChunk(), StandardCharsets.UTF_8)).isEqualTo("data: 0\n\n");
        for (int i = 1; i < 5; i++) {
            channel.sendEvent(Event.of("" + i)); // only now: the one before has come through
            assertThat(new String(client.readChunk(), StandardCharsets.UTF_8)).isEqualTo("data: " + i + "\n\n");
        }
    }

    @ParameterizedTest
    @EnumSource
    void passesAnUploadWhileItComes(By by) throws Exception {
        CountDownLatch firstPart = new CountDownLatch(1);
        serveBehindNginx(by, Handler.streaming(request -> {
            InputStream body = request.body().stream();
            int count = body.readNBytes(1000).length;
            firstPart.countDown();
            return Response.text(count + " + " + body.readAllBytes().length);
        }));
        RawClient client = connectToNginx();

        client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 3000\r\n\r\n" + "a".repeat(1000));
        await(firstPart); // with the rest not even sent
        client.send("b".repeat(2000));

        assertThat(client.read().text()).isEqualTo("1000 + 2000");
    }

    @ParameterizedTest
    @EnumSource
    void passesLargeAnswersWhole(By by) throws Exception {
        byte[] large = new byte[5_000_000];
        Arrays.fill(large, (byte) 'x');
        serveBehindNginx(by, request -> Response.bytes(large));

        RawResponse response = connectToNginx().send(get("/")).read();

        assertThat(response.body()).isEqualTo(large);
    }

    @ParameterizedTest
    @EnumSource
    void passesOnThatABodyIsTooLarge(By by) throws Exception {
        serveBehindNginx(by, MIRROR);

        RawClient client = connectToNginx().send(request("POST / HTTP/1.1", "Content-Length: 100000000"));

        assertThat(client.read().status()).isEqualTo(413);
        assertThat(connectToNginx().send(get("/")).read().status()).isEqualTo(200);
    }

    /** nginx sends the whole of a body that it has buffered, and answers 502 if the connection is reset meanwhile. */
    @ParameterizedTest
    @EnumSource
    void passesOnEarlyAnswersToBodiesThatItHasBuffered(By by) throws Exception {
        Handler handler = new Handler() {
            @Override
            public Response handle(Request request) {
                return Response.of(401);
            }

            @Override
            public boolean streamsBody(Request request) {
                return request.path().equals("/streamed");
            }
        };
        serveBehindNginx(
                by, handler, sample -> sample.with("proxy_request_buffering off;", "proxy_request_buffering on;"));
        String body = "x".repeat(20 << 20);

        for (int i = 0; i < 4; i++) {
            RawClient client = connectToNginx().patience(Duration.ofSeconds(60));
            assertThat(client.send(post("/collected", body)).read().status()).isEqualTo(413);
            assertThat(client.send(post("/streamed", body)).read().status()).isEqualTo(401);
        }
    }
}
