package org.httpkit.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.httpkit.http.HttpVersion;
import org.httpkit.internal.tls.ClientSide;
import org.httpkit.internal.tls.TestFiles;
import org.httpkit.internal.tls.TlsContext;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.ProxyProtocol;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.Tls;
import org.httpkit.server.TlsSession;
import org.httpkit.testing.PlayedConnection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes before HTTP on a connection: the header of a proxy, TLS, and the choice of a version. */
@Timeout(30)
final class OpenerTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    private static final Handler OK = request -> Response.of(200)
            .header("From", "" + request.remoteAddress())
            .header("Scheme", request.scheme())
            .header("Tls", tlsOf(request));

    private PlayedConnection connection = PlayedConnection.serving(OK);

    private static String tlsOf(Request request) {
        TlsSession tls = request.tls();
        return tls == null
                ? "none"
                : tls.protocol() + " " + tls.cipherSuite().startsWith("TLS_") + " " + tls.resumed() + " "
                        + tls.serverName() + " " + tls.applicationProtocol() + " "
                        + tls.clientCertificates().size();
    }

    @AfterEach
    void endThreads() {
        connection.context.end();
    }

    private void serving(Consumer<HttpServer.Builder> options) {
        connection = PlayedConnection.serving(OK, options);
    }

    @Test
    void tellsTheObserverOfEachConnection() {
        assertThat(connection.seen.opened).isEqualTo(1);
        connection.another();

        assertThat(connection.seen.opened).isEqualTo(2);
    }

    // ---- the choice of a version

    @Test
    void takesAConnectionForHttp1OnceItCannotBeAPreface() {
        assertThat(connection.ask("PRI")).isEmpty();

        assertThat(connection.ask("X / HTTP/1.1\r\nHost: a\r\n\r\n")).startsWith("HTTP/1.1 200 ");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 24})
    void takesAConnectionForHttp2OnceItsPrefaceHasCome(int pieceBytes) {
        for (int at = 0; at < PREFACE.length(); at += pieceBytes) {
            assertThat(connection.take()).isEmpty();
            connection.send(PREFACE.substring(at, Math.min(PREFACE.length(), at + pieceBytes)));
        }

        assertThat(connection.settled()).startsWith("\0\0");
    }

    @Test
    void givesUpAPrefaceThatDoesNotEnd() {
        serving(options -> options.headerTimeout(Duration.ofSeconds(3)));
        connection.send("PRI * HTTP/2.0\r\n");
        connection.pass(2_800);
        assertThat(connection.take()).isEmpty();

        connection.pass(400);

        assertThat(connection.take()).startsWith("HTTP/1.1 ");
        assertThat(connection.wire.isOutputEnded).isTrue();
    }

    @Test
    void closesAConnectionThatEndsWithinAPreface() {
        connection.send("PRI * HT").endInput().settle();

        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.events()).containsExactly("closed PEER_CLOSED");
    }

    @Test
    void closesAConnectionWithoutABytesAtTheStop() {
        connection.stopServer();

        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.events()).containsExactly("closed SERVER_STOP");
    }

    @Test
    void isIdleBeforeItsFirstByteAlone() {
        connection.pass(200);
        connection.loop.run(() -> {
            assertThat(connection.link.protocol().idleSinceNanos()).isEqualTo(Long.MAX_VALUE);
            connection.link.protocol().giveUpIdle();
        });
        assertThat(connection.isClosed()).isFalse();
        connection.send("PR");
        connection.loop.run(
                () -> assertThat(connection.link.protocol().idleSinceNanos()).isEqualTo(Long.MAX_VALUE));
    }

    @Test
    void speaksHttp1AloneIfThatIsTheOption() {
        serving(options -> options.protocols(HttpVersion.HTTP_1_1));

        assertThat(connection.ask(PREFACE)).startsWith("HTTP/1.1 ");
    }

    @Test
    void readsFramesThatComeWithAPrefaceWhereHttp2IsSpokenAlone() {
        serving(options -> options.protocols(HttpVersion.HTTP_2));
        connection.settle();
        connection.take();

        assertThat(connection.ask(PREFACE + "\0\0\0\4\0\0\0\0\0")).isEqualTo("\0\0\0\4\1\0\0\0\0");
    }

    @Test
    void tellsOfAReset() {
        connection.reset();

        assertThat(connection.events()).containsExactly("closed PEER_RESET");
    }

    // ---- the PROXY protocol

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 1000})
    void takesTheHeaderOfAProxyOffTheConnection(int pieceBytes) {
        serving(options -> options.proxyProtocol(ProxyProtocol.ENABLED));
        String all = "PROXY TCP4 198.51.100.7 203.0.113.9 5000 80\r\n" + GET;
        for (int at = 0; at < all.length(); at += pieceBytes) {
            connection.send(all.substring(at, Math.min(all.length(), at + pieceBytes)));
        }

        assertThat(connection.settled()).contains("From: /198.51.100.7:5000");
    }

    @Test
    void takesAConnectionWithoutAHeaderIfThatIsAllowed() {
        serving(options -> options.proxyProtocol(ProxyProtocol.OPTIONAL));

        assertThat(connection.ask("G")).isEmpty();
        assertThat(connection.ask(GET.substring(1))).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void closesAConnectionWithoutAHeaderIfOneIsNeeded() {
        serving(options -> options.proxyProtocol(ProxyProtocol.ENABLED));

        assertThat(connection.ask(GET)).isEmpty();
        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.events()).containsExactly("refused 400", "closed PROTOCOL_ERROR");
    }

    @Test
    void closesAConnectionWhoseHeaderDoesNotEnd() {
        serving(options -> options.proxyProtocol(ProxyProtocol.ENABLED).headerTimeout(Duration.ofSeconds(3)));
        connection.send("PROXY TCP4 ");
        connection.pass(2_800);
        assertThat(connection.isClosed()).isFalse();

        connection.pass(400);

        assertThat(connection.events()).containsExactly("closed HEADER_TIMEOUT");
    }

    @Test
    void closesAConnectionThatEndsWithinAHeader() {
        serving(options -> options.proxyProtocol(ProxyProtocol.ENABLED));
        connection.send("PROXY TCP4 ").endInput().settle();

        assertThat(connection.events()).containsExactly("closed PEER_CLOSED");
    }

    @Test
    void takesWhatMightHaveBecomeAHeaderForARequestIfTheClientEnds() {
        serving(options -> options.proxyProtocol(ProxyProtocol.OPTIONAL));
        connection.send("PROX").endInput().settle();

        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.events()).containsExactly("closed PEER_CLOSED");
    }

    @Test
    void closesAConnectionWithinAHeaderAtTheStopAndForTooMuchInput() {
        serving(options -> options.proxyProtocol(ProxyProtocol.ENABLED));
        connection.send("PROXY TCP4 ").stopServer();
        assertThat(connection.events()).containsExactly("closed SERVER_STOP");

        serving(options -> options.proxyProtocol(ProxyProtocol.ENABLED));
        connection.send("PROXY TCP4 ");
        connection.loop.run(() -> connection.link.protocol().onTooMuchHeld(100));
        assertThat(connection.events()).containsExactly("input shed", "closed OVERLOAD");

        serving(options -> options.proxyProtocol(ProxyProtocol.ENABLED));
        connection.send("PROXY TCP4 ").reset();
        assertThat(connection.events()).containsExactly("closed PEER_RESET");
    }

    @Test
    void closesAConnectionOfAClientThatHasTooMany() {
        serving(options -> options.proxyProtocol(ProxyProtocol.ENABLED));
        connection.loop.takesClients = false;

        assertThat(connection.ask("PROXY TCP4 198.51.100.7 203.0.113.9 5000 80\r\n" + GET))
                .isEmpty();
        assertThat(connection.events()).containsExactly("connection refused", "closed ADDRESS_LIMIT");
    }

    // ---- TLS

    private static TlsContext tls;

    @BeforeAll
    static void loadCertificates() throws Exception {
        tls = TlsContext.load(TestFiles.tls());
    }

    private void servingTls(Consumer<HttpServer.Builder> options) {
        connection = PlayedConnection.serving(OK, tls, options);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 100_000})
    void speaksHttpBehindAHandshake(int pieceBytes) throws Exception {
        servingTls(options -> {});
        ClientSide client = new ClientSide("TLSv1.3");
        byte[] hello = client.say();
        for (int at = 0; at < hello.length; at += pieceBytes) {
            assertThat(connection.takeBytes()).isEmpty();
            connection.send(Arrays.copyOfRange(hello, at, Math.min(hello.length, at + pieceBytes)));
        }
        connection.settle();
        client.receive(connection.takeBytes());
        connection.send(client.finish());
        connection.settle();
        client.receive(connection.takeBytes());
        assertThat(client.isDone()).isTrue();

        client.receive(connection.ask(client.encrypt(GET.getBytes(StandardCharsets.US_ASCII))));

        assertThat(new String(client.plain(), StandardCharsets.US_ASCII))
                .startsWith("HTTP/1.1 200 ")
                .contains("Tls: TLSv1.3 true false null null 0\r\n", "Scheme: https\r\n");
        assertThat(connection.events()).containsExactly("handshake done", "responded 200", "finished ANSWERED");
    }

    /** A client whose handshake took long, or had to wait for others, has as much time for its request as any. */
    @Test
    void countsTheHeaderTimeoutFromTheEndOfTheHandshake() throws Exception {
        servingTls(options -> options.handshakeTimeout(Duration.ofSeconds(10)).headerTimeout(Duration.ofSeconds(3)));
        ClientSide client = new ClientSide("TLSv1.3");
        connection.pass(5_000);
        connection.send(client.say());
        connection.settle();
        client.receive(connection.takeBytes());
        connection.send(client.finish());
        connection.settle();
        client.receive(connection.takeBytes());

        connection.pass(2_800);
        client.receive(connection.ask(client.encrypt(GET.getBytes(StandardCharsets.US_ASCII))));

        assertThat(new String(client.plain(), StandardCharsets.US_ASCII)).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void goesOnBehindAHandshakeWhenItsLastBytesHaveLeft() throws Exception {
        servingTls(options -> {});
        ClientSide client = new ClientSide("TLSv1.3");
        connection.send(client.say());
        connection.settle();
        client.receive(connection.takeBytes());
        connection.makeRoom(10).send(client.finish()).settle();
        assertThat(connection.events()).isEmpty();
        connection.makeRoom(Integer.MAX_VALUE).settle();
        assertThat(connection.events()).containsExactly("handshake done");
        client.receive(connection.takeBytes());

        client.receive(connection.ask(client.encrypt(GET.getBytes(StandardCharsets.US_ASCII))));
        assertThat(new String(client.plain(), StandardCharsets.US_ASCII)).startsWith("HTTP/1.1 200 ");
    }

    /** A client whose handshake is over, and which has named no version of HTTP. */
    private ClientSide shaken() throws Exception {
        ClientSide client = new ClientSide("TLSv1.3");
        connection.send(client.say());
        connection.settle();
        client.receive(connection.takeBytes());
        connection.send(client.finish()).settle();
        client.receive(connection.takeBytes());
        return client;
    }

    @Test
    void speaksNoHttp1WhereThatIsOffToAClientThatNamesNoVersion() throws Exception {
        servingTls(options -> options.protocols(HttpVersion.HTTP_2));
        ClientSide client = shaken();

        client.receive(connection.ask(client.encrypt(GET.getBytes(StandardCharsets.US_ASCII))));

        assertThat(new String(client.plain(), StandardCharsets.US_ASCII))
                .doesNotContain("HTTP/1.1")
                .endsWith("The connection preface is malformed (RFC 9113 section 3.4)");
    }

    @Test
    void endsAConnectionWhoseClientSaysItsEndTogetherWithItsLastRequest() throws Exception {
        servingTls(options -> {});
        ClientSide client = shaken();
        byte[] request = client.encrypt(GET.getBytes(StandardCharsets.US_ASCII));
        byte[] end = client.sayEnd();
        byte[] both = Arrays.copyOf(request, request.length + end.length);
        System.arraycopy(end, 0, both, request.length, end.length);

        client.receive(connection.ask(both));

        assertThat(new String(client.plain(), StandardCharsets.US_ASCII)).startsWith("HTTP/1.1 200 ");
        assertThat(client.isEnded()).isTrue();
        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void leavesTheLoopAloneUntilTheClientAnswersWhatAThreadHasSent() throws Exception {
        servingTls(options -> {});
        ClientSide client = new ClientSide("TLSv1.3");
        connection.send(client.say());

        assertThat(connection.computeNext()).isTrue();

        assertThat(connection.loop.hasCommands()).isFalse();
        assertThat(connection.wire.wantsInput).isTrue();
        client.receive(connection.takeBytes());
        connection.send(client.finish());
        assertThat(connection.events()).containsExactly("handshake done");
    }

    @Test
    void keepsOneReadThatComesWhileAThreadComputes() throws Exception {
        servingTls(options -> {});
        ClientSide client = new ClientSide("TLSv1.2");
        client.receive(connection.ask(client.say()));
        byte[] finish = client.finish();
        int keyExchange = 5 + finish[4]; // its record
        connection.send(Arrays.copyOf(finish, keyExchange));
        connection.send(Arrays.copyOfRange(finish, keyExchange, finish.length - 1));
        assertThat(connection.wire.wantsInput).isFalse();
        assertThat(connection.loop.inputBudget().bytes()).isGreaterThan(finish.length - 1 - keyExchange);

        connection.send(Arrays.copyOfRange(finish, finish.length - 1, finish.length));
        assertThat(connection.unreadBytes()).isOne();
        connection.settle();

        assertThat(connection.events()).containsExactly("handshake done");
        assertThat(connection.loop.inputBudget().bytes()).isZero();
        client.receive(connection.takeBytes());
        client.receive(connection.ask(client.encrypt(GET.getBytes(StandardCharsets.US_ASCII))));
        assertThat(new String(client.plain(), StandardCharsets.US_ASCII)).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void goesThroughAllThatHasComeBeforeTheLoopGoesOn() throws Exception {
        servingTls(options -> {});
        ClientSide client = new ClientSide("TLSv1.2");
        client.receive(connection.ask(client.say()));
        connection.send(client.finish());

        assertThat(connection.computeNext()).isTrue();

        client.receive(connection.takeBytes());
        assertThat(client.isDone()).isTrue();
        assertThat(connection.events()).isEmpty();
        connection.settle();
        assertThat(connection.events()).containsExactly("handshake done");
        client.receive(connection.ask(client.encrypt(GET.getBytes(StandardCharsets.US_ASCII))));
        assertThat(new String(client.plain(), StandardCharsets.US_ASCII)).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void computesNothingForAClientThatHasGone() throws Exception {
        servingTls(options -> {});
        connection.send(new ClientSide("TLSv1.3").say()).endInput();
        assertThat(connection.runLoop().events()).containsExactly("closed PEER_CLOSED");

        assertThat(connection.computeNext()).isTrue();

        assertThat(connection.wire.isEmpty()).isTrue();
        assertThat(connection.loop.hasCommands()).isFalse();
    }

    @Test
    void closesAConnectionWhoseProviderFails() throws Exception {
        SSLContext provider = SSLContext.getInstance("TLS");
        provider.init(new KeyManager[] {new FailingKeys()}, null, null);
        connection = PlayedConnection.serving(OK, TlsContext.load(Tls.context(provider)), options -> {});

        connection.ask(new ClientSide("TLSv1.3").say());
        connection.endInput().runLoop(); // JDK 25 makes an alert of the failure, after which the client has its say

        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.events()).endsWith("closed TLS_ERROR");
    }

    /** Keys on a device that has gone. */
    private static final class FailingKeys extends X509ExtendedKeyManager {
        @Override
        public String chooseEngineServerAlias(String type, Principal[] issuers, SSLEngine engine) {
            throw new IllegalStateException("The device has gone");
        }

        @Override
        public String[] getClientAliases(String type, Principal[] issuers) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String[] getServerAliases(String type, Principal[] issuers) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            throw new UnsupportedOperationException();
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            throw new UnsupportedOperationException();
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void answersPlainHttpOnItsPortForTls() {
        servingTls(options -> {});

        assertThat(connection.ask(GET))
                .startsWith("HTTP/1.1 400 Bad Request\r\n")
                .endsWith("HTTPS, not HTTP");
        assertThat(connection.wire.isOutputEnded).isTrue();
        connection.endInput();
        assertThat(connection.events())
                .containsExactly("handshake failed: plain HTTP on a port for TLS", "closed TLS_ERROR");
    }

    @Test
    void closesAConnectionThatSpeaksSomethingElse() {
        servingTls(options -> {});

        assertThat(connection.ask("\0\0\0")).isEmpty();
        assertThat(connection.events()).containsExactly("handshake failed: neither TLS nor HTTP", "closed TLS_ERROR");
    }

    @Test
    void refusesAHandshakeThatBreaksARule() {
        servingTls(options -> {});
        connection.ask(new byte[] {22, 3, 1, 0, 4, 9, 0, 0, 0});

        assertThat(connection.wire.isOutputEnded).isTrue();
        connection.endInput();
        assertThat(connection.events()).hasSize(2).endsWith("closed TLS_ERROR");
    }

    @Test
    void closesAHandshakeThatTakesTooLong() throws Exception {
        servingTls(options -> options.handshakeTimeout(Duration.ofSeconds(3)));
        connection.send(Arrays.copyOf(new ClientSide("TLSv1.3").say(), 20));
        connection.pass(2_800);
        assertThat(connection.isClosed()).isFalse();

        connection.pass(400);

        assertThat(connection.events())
                .containsExactly("handshake failed: the handshake took too long", "closed HANDSHAKE_TIMEOUT");
    }

    @Test
    void closesAConnectionWithinAHandshake() throws Exception {
        byte[] part = Arrays.copyOf(new ClientSide("TLSv1.3").say(), 20);
        servingTls(options -> {});
        connection.send(part).endInput().settle();
        assertThat(connection.events()).containsExactly("closed PEER_CLOSED");

        servingTls(options -> {});
        connection.send(part).stopServer();
        assertThat(connection.events()).containsExactly("closed SERVER_STOP");

        servingTls(options -> {});
        connection.send(part);
        connection.loop.run(() -> connection.link.protocol().onTooMuchHeld(100));
        assertThat(connection.events()).containsExactly("input shed", "closed OVERLOAD");

        servingTls(options -> {});
        connection.send(part).reset();
        assertThat(connection.events()).containsExactly("closed PEER_RESET");
    }

    @Test
    void closesAConnectionForWhichThereIsNoThread() throws Exception {
        servingTls(options -> {});
        connection.context.end();
        connection.send(new ClientSide("TLSv1.3").say());

        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.events())
                .hasSize(2)
                .endsWith("closed OVERLOAD")
                .first()
                .asString()
                .startsWith("loop failed");
    }
}
