package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.httpkit.server.CloseReason;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.ProxyInfo;
import org.httpkit.server.ProxyProtocol;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.Splits;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The PROXY protocol before requests: whom the handler sees, and what is refused. */
@PlainText("The PROXY header comes before TLS, which TlsTest has")
class ProxyProtocolTest extends ServerTest {
    private static final String LINE = "PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n";
    private static final String SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";
    private static final String ADDRESSES = "\u00c0\0\2\1\u00c63d\7\u00dc\4\0P";

    /** Answers with what it sees of the client. */
    private static final Handler MIRROR = request -> Response.text(text(request.remoteAddress()) + " "
            + request.scheme() + " " + request.headers().all("x-forwarded-for")
            + request.headers().all("x-forwarded-proto") + request.headers().all("x-forwarded-port"));

    @ParameterizedTest
    @ValueSource(strings = {"ENABLED", "OPTIONAL"})
    void takesTheClientFromTheLineForEachRequestOfTheConnection(ProxyProtocol mode) throws IOException {
        RawClient client = connect(serve(MIRROR, options -> options.proxyProtocol(mode)));
        client.send(LINE + get("/") + get("/", "X-Forwarded-For: 6.6.6.6", "x-forwarded-proto: http"));
        String expected = "192.0.2.1:56324 https [192.0.2.1][https][443]";
        assertThat(client.read().text()).isEqualTo(expected);
        assertThat(client.read().text()).isEqualTo(expected);
    }

    @Test
    void takesTheClientFromABinaryHeaderByteByByte() throws IOException {
        RawClient client = connect(serve(MIRROR, options -> options.proxyProtocol(ProxyProtocol.ENABLED)));
        String sent = SIGNATURE + "!\21\0\14" + ADDRESSES + get("/");
        client.send(Splits.byteByByte(sent.getBytes(StandardCharsets.ISO_8859_1)));
        assertThat(client.read().text()).isEqualTo("192.0.2.1:56324 http [192.0.2.1][http][80]");
    }

    @Test
    void tellsTheHandlerWhatTheProxySaid() throws IOException {
        RawClient client = connect(serve(
                request -> {
                    ProxyInfo info = request.proxyInfo();
                    return Response.text(
                            info == null
                                    ? "nothing"
                                    : info.version() + " " + info.local() + " " + info.authority() + " "
                                            + info.tls() + " " + info.value(0xEA) + " " + request.scheme() + " "
                                            + isLoopback(request.peerAddress()));
                },
                options -> options.proxyProtocol(ProxyProtocol.ENABLED)));
        client.send(
                SIGNATURE + "!\21\0\u001e" + ADDRESSES + "\2\0\4a.io" + " \0\5\1\0\0\0\0" + "\u00ea\0\0" + get("/"));
        assertThat(client.read().text()).isEqualTo("2 false a.io true 0xea (0 bytes) https true");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PROXY UNKNOWN\r\n", SIGNATURE + " \0\0\0"})
    void takesTheSocketsOwnAddressIfTheProxyTellsNone(String header) throws IOException {
        HttpServer server = serve(MIRROR, options -> options.proxyProtocol(ProxyProtocol.ENABLED));
        RawClient client = connect(server);
        client.send(header + get("/", "X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: https"));
        assertThat(client.read().text())
                .isEqualTo(text(client.localAddress()) + " http [127.0.0.1][http][" + server.port() + "]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "POST", "GET", "PROXIMATE"})
    void servesARequestWithoutHeaderIfItIsOptional(String method) throws IOException {
        RawClient client = connect(serve(
                request -> Response.text(request.method() + " " + text(request.remoteAddress())),
                options -> options.proxyProtocol(ProxyProtocol.OPTIONAL)));
        String sent = "\r\n" + method + " / HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n";
        client.send(Splits.byteByByte(sent.getBytes(StandardCharsets.ISO_8859_1)));
        assertThat(client.read().text()).isEqualTo(method + " " + text(client.localAddress()));
        client.send(request(method + " / HTTP/1.1", "Content-Length: 0"));
        assertThat(client.read().text()).isEqualTo(method + " " + text(client.localAddress()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n",
                "PROXY TCP4 localhost 198.51.100.7 1 2\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.7 1 65536\r\n",
                SIGNATURE + "1"
            })
    void closesWithoutAnswerIfTheHeaderIsMissingOrWrong(String sent) throws IOException {
        HttpServer server = serve(MIRROR, options -> options.proxyProtocol(ProxyProtocol.ENABLED));
        RawClient client = connect(server);
        client.send(sent);
        assertThat(client.skipToEnd()).isZero();
        assertThat(observer.refusals()).hasSize(1).allMatch(refusal -> refusal.rule()
                .contains("(PROXY protocol section 2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {LINE, SIGNATURE + " \0\0\0"})
    void takesAHeaderForABadRequestIfItIsDisabled(String header) throws IOException {
        RawClient client = connect(serve(MIRROR));
        client.send(header + get("/"));
        assertThat(client.read().status()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "PROXY TCP4 192.0.2.1 ", SIGNATURE})
    void closesIfTheHeaderIsNotThereInTime(String begun) throws IOException {
        HttpServer server = serve(
                MIRROR, options -> options.proxyProtocol(ProxyProtocol.ENABLED).headerTimeout(A_WHILE));
        RawClient client = connect(server);
        client.send(begun);
        assertThat(client.skipToEnd()).isZero();
        Awaitility.await().until(() -> server.stats().closes().get(CloseReason.Cause.HEADER_TIMEOUT) == 1);
    }

    @Test
    void givesTheHeaderAndTheFirstHeadOneTimeoutTogether() throws Exception {
        HttpServer server = serve(
                MIRROR, options -> options.proxyProtocol(ProxyProtocol.ENABLED).headerTimeout(Duration.ofSeconds(3)));
        RawClient client = connect(server);

        assertThat(client.staysQuiet(Duration.ofMillis(1500))).isTrue();
        client.send(LINE + "GET / HTTP/1.1\r\n");

        assertThat(client.patience(Duration.ofMillis(2800)).read().status()).isEqualTo(408);
    }

    @Test
    void leavesNoConnectionBehindThatEndsWithinItsHeader() throws IOException {
        for (ProxyProtocol mode : new ProxyProtocol[] {ProxyProtocol.ENABLED, ProxyProtocol.OPTIONAL}) {
            HttpServer server = serve(MIRROR, options -> options.proxyProtocol(mode));
            for (String begun : new String[] {"", "P", "PROXY TCP4", "\r\n"}) {
                RawClient client = connect(server);
                client.send(begun).endOutput();
                client.skipToEnd();
            }
            Awaitility.await().until(() -> server.stats().connectionsOpen() == 0);
        }
    }

    @Test
    void stopsWithConnectionsThatHaveSaidNothing() throws IOException {
        HttpServer server = serve(MIRROR, options -> options.proxyProtocol(ProxyProtocol.ENABLED));
        RawClient client = connect(server).send("PROXY");
        assertThat(server.stop(Duration.ofSeconds(5))).succeedsWithin(Duration.ofSeconds(4));
        assertThat(client.skipToEnd()).isZero();
    }

    @Test
    void knowsTheClientOfAProxyOnAUnixDomainSocket(@TempDir Path folder) throws IOException {
        HttpServer server = closeLater(HttpServer.builder()
                .unixSocket(folder.resolve("s"))
                .handler(MIRROR)
                .observer(observer)
                .proxyProtocol(ProxyProtocol.ENABLED)
                .start());
        assertThat(connect(server).send(LINE + get("/")).read().text())
                .isEqualTo("192.0.2.1:56324 https [192.0.2.1][https][443]");
        assertThat(connect(server).send("PROXY UNKNOWN\r\n" + get("/")).read().text())
                .endsWith(" http [][http][]");
    }

    private static boolean isLoopback(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress inet && inet.getAddress().isLoopbackAddress();
    }

    static String text(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress inet
                ? inet.getAddress().getHostAddress() + ":" + inet.getPort()
                : String.valueOf(address);
    }
}
