package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.httpkit.server.ClientAuth;
import org.httpkit.server.CloseReason.Cause;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.ProxyProtocol;
import org.httpkit.server.Response;
import org.httpkit.server.ServerObserver;
import org.httpkit.server.Tls;
import org.httpkit.server.TlsSession;
import org.httpkit.testkit.PlayedFileSystem;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.TestCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client over TLS meets (RFC 8446, RFC 5246, RFC 9325). */
final class TlsTest extends ServerTest {
    private static final TestCertificate LOCALHOST = TestCertificate.localhost();
    private static final Handler HELLO = request -> Response.text("hello");

    @TempDir
    private Path folder;

    /** For one connection each: the JDK would try to resume a session with another server, under the name that it had then. */
    private static SSLContext trusting(TestCertificate... more) {
        TestCertificate[] all = Arrays.copyOf(more, more.length + 1);
        all[more.length] = LOCALHOST;
        return TestCertificate.trusting(all);
    }

    private HttpServer serveTls(Handler handler, Tls tls) throws IOException {
        return serveTls(handler, tls, options -> options);
    }

    private HttpServer serveTls(Handler handler, Tls tls, UnaryOperator<HttpServer.Builder> more) throws IOException {
        return serve(handler, options -> more.apply(options.tls(tls)));
    }

    private RawClient open(HttpServer server, SSLContext context) throws IOException {
        return closeLater(RawClient.connectInPlainText(server)).secure(context);
    }

    private static SSLEngine engine(SSLContext context, String serverName, String... protocols) {
        SSLEngine engine = context.createSSLEngine("localhost", 0);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(serverName)));
        if (protocols.length > 0) {
            parameters.setProtocols(protocols);
        }
        engine.setSSLParameters(parameters);
        return engine;
    }

    /** The common name in the certificate that the server shows. */
    private static String shownTo(HttpServer server, String serverName, TestCertificate... trusted) throws IOException {
        return shownTo(server, engine(trusting(trusted), serverName));
    }

    private static String shownTo(HttpServer server, SSLEngine engine) throws IOException {
        try (RawClient client = RawClient.connectInPlainText(server)) {
            client.secure(engine);
            return ((X509Certificate) engine.getSession().getPeerCertificates()[0])
                    .getSubjectX500Principal()
                    .getName();
        }
    }

    // ---- requests

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void tellsTheHandlerWhatWasAgreedOn(String protocol) throws Exception {
        AtomicReference<TlsSession> session = new AtomicReference<>();
        HttpServer server = serveTls(
                request -> {
                    session.set(request.tls());
                    return Response.text(request.scheme());
                },
                LOCALHOST.tls());
        RawClient client = closeLater(RawClient.connectInPlainText(server));

        client.secure(engine(trusting(), "localhost", protocol)).send(get("/"));

        assertThat(client.read().text()).isEqualTo("https");
        assertThat(session.get().protocol()).isEqualTo(protocol);
        assertThat(session.get().cipherSuite()).contains("AES_128_GCM");
        assertThat(session.get().serverName()).isEqualTo("localhost");
        assertThat(session.get().applicationProtocol()).isNull();
        assertThat(session.get().clientCertificates()).isEmpty();
        assertThat(session.get().resumed()).isFalse();
        assertThat(server.stats().handshakesFull()).isEqualTo(1);
    }

    @Test
    void aRequestInPlainTextHasNoSession() throws Exception {
        HttpServer server = serve(request -> Response.text(request.tls() + " " + request.scheme()), o -> o.tls(null));
        RawClient client = closeLater(RawClient.connectInPlainText(server)).send(get("/"));

        assertThat(client.read().text()).isEqualTo("null http");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void aLaterConnectionResumesTheSession(String protocol) throws Exception {
        HttpServer server =
                serveTls(request -> Response.text(String.valueOf(request.tls().resumed())), LOCALHOST.tls());
        SSLContext fresh = TestCertificate.trusting(LOCALHOST);
        for (boolean resumed : new boolean[] {false, true}) {
            RawClient client = closeLater(RawClient.connectInPlainText(server));
            SSLEngine engine = fresh.createSSLEngine("localhost", server.port());
            engine.setUseClientMode(true);
            engine.setEnabledProtocols(new String[] {protocol});

            client.secure(engine).send(get("/"));

            assertThat(client.read().text()).isEqualTo(String.valueOf(resumed));
        }
        assertThat(server.stats().handshakesResumed()).isEqualTo(1);
    }

    @Test
    void alpnChoosesHttp11() throws Exception {
        HttpServer server =
                serveTls(request -> Response.text("" + request.tls().applicationProtocol()), LOCALHOST.tls());
        SSLEngine engine = engine(trusting(), "localhost");
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"spdy/1", "http/1.1"});
        engine.setSSLParameters(parameters);
        RawClient client = closeLater(RawClient.connectInPlainText(server));

        client.secure(engine).send(get("/"));

        assertThat(client.read().text()).isEqualTo("http/1.1");
    }

    @Test
    void aClientThatSpeaksNothingOfOursIsRefused() throws Exception {
        HttpServer server = serveTls(HELLO, LOCALHOST.tls());
        SSLEngine engine = engine(trusting(), "localhost");
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"spdy/1"});
        engine.setSSLParameters(parameters);
        RawClient client = closeLater(RawClient.connectInPlainText(server));

        assertThatThrownBy(() -> client.secure(engine))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("no_application_protocol");
        eventually(() -> assertThat(server.stats().handshakesFailed()).isEqualTo(1));
        eventually(
                () -> assertThat(server.stats().closes().get(Cause.TLS_ERROR)).isEqualTo(1));
    }

    @Test
    void theHeaderOfAProxyComesBeforeTls() throws Exception {
        HttpServer server = serveTls(
                request -> Response.text(request.scheme() + " " + request.remoteAddress()),
                LOCALHOST.tls(),
                options -> options.proxyProtocol(ProxyProtocol.ENABLED));
        RawClient client = closeLater(RawClient.connectInPlainText(server));

        client.send("PROXY TCP4 192.0.2.7 127.0.0.1 4711 80\r\n")
                .secure(trusting())
                .send(get("/"));

        assertThat(client.read().text()).isEqualTo("https /192.0.2.7:4711");
    }

    @Test
    void largeBodiesGoBothWays() throws Exception {
        byte[] body = new byte[3_000_000];
        for (int i = 0; i < body.length; i++) {
            body[i] = (byte) (i * 31 >> 3);
        }
        HttpServer server = serveTls(request -> Response.bytes(request.body().bytes()), LOCALHOST.tls());
        HttpClient client = HttpClient.newBuilder().sslContext(trusting()).build();

        HttpResponse<byte[]> response = client.send(
                HttpRequest.newBuilder(URI.create("https://localhost:" + server.port() + "/"))
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                        .timeout(Duration.ofSeconds(30))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());

        assertThat(response.body()).isEqualTo(body);
    }

    @Test
    void aFileIsSentWhole() throws Exception {
        byte[] content = new byte[2_000_000];
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) (i * 17 >> 2);
        }
        Path file = Files.write(folder.resolve("file"), content);
        HttpServer server = serveTls(request -> Response.file(file), LOCALHOST.tls());
        RawClient client = open(server, trusting());

        client.send(get("/"));

        assertThat(client.read().body()).isEqualTo(content);
    }

    // ---- what is no TLS, or not for us

    @Test
    void plainHttpIsAnsweredInPlainText() throws Exception {
        HttpServer server = serveTls(HELLO, LOCALHOST.tls());
        RawClient client = closeLater(RawClient.connectInPlainText(server));

        client.send("G").send("ET / HTTP/1.1\r\nHost: a\r\n\r\n");

        assertThat(client.read().status()).isEqualTo(400);
        assertThat(client.endOutput().awaitEnd()).isEqualTo(RawClient.End.CLOSED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\u0000\u0000\u0000", "\u0016\u0002\u0000\u0000\u0005hello", "\u0016\u0003\u0001\u00ff\u00ffx"})
    void whatIsNeitherTlsNorHttpIsClosed(String bytes) throws Exception {
        HttpServer server = serveTls(HELLO, LOCALHOST.tls());
        RawClient client = closeLater(RawClient.connectInPlainText(server));

        client.send(bytes).endOutput().skipToEnd();

        eventually(
                () -> assertThat(server.stats().closes().get(Cause.TLS_ERROR)).isEqualTo(1));
    }

    @Test
    void aHandshakeThatTakesTooLongIsEnded() throws Exception {
        HttpServer server = serveTls(HELLO, LOCALHOST.tls(), options -> options.handshakeTimeout(A_WHILE));
        RawClient client = closeLater(RawClient.connectInPlainText(server));

        client.send("\u0016\u0003\u0001");

        client.skipToEnd();
        eventually(() ->
                assertThat(server.stats().closes().get(Cause.HANDSHAKE_TIMEOUT)).isEqualTo(1));
    }

    @Test
    void renegotiationIsRefused() throws Exception {
        HttpServer server = serveTls(HELLO, LOCALHOST.tls());
        try (SSLSocket socket = (SSLSocket) trusting().getSocketFactory().createSocket("localhost", server.port())) {
            socket.setSoTimeout(10_000);
            socket.setEnabledProtocols(new String[] {"TLSv1.2"});
            socket.startHandshake();
            socket.startHandshake();

            assertThatThrownBy(() -> {
                        socket.getOutputStream().write(get("/").getBytes(StandardCharsets.US_ASCII));
                        while (socket.getInputStream().read() >= 0) {
                            // whatever it was
                        }
                        throw new IOException("ended");
                    })
                    .isInstanceOf(IOException.class);
        }
        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
        assertThat(server.stats().requests()).isZero();
    }

    // ---- ends

    @Test
    void eachEndIsSaidBefore() throws Exception {
        HttpServer server = serveTls(HELLO, LOCALHOST.tls());
        RawClient client = open(server, trusting());

        client.send(get("/", "Connection: close"));

        assertThat(client.read().text()).isEqualTo("hello");
        // Without a close_notify the client's layer would have failed.
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
    }

    @Test
    void anIdleConnectionThatIsEndedIsToldSo() throws Exception {
        HttpServer server = serveTls(HELLO, LOCALHOST.tls(), options -> options.idleTimeout(Duration.ofMillis(50)));
        RawClient client = open(server, trusting());

        client.send(get("/"));

        assertThat(client.read().text()).isEqualTo("hello");
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
    }

    @Test
    void aClientThatHasEndedItsSideGetsItsAnswer() throws Exception {
        HttpServer server = serveTls(HELLO, LOCALHOST.tls());
        RawClient client = open(server, trusting());

        client.send(get("/")).endOutput();

        assertThat(client.read().text()).isEqualTo("hello");
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLOSED);
    }

    // ---- names

    @Test
    void theNameAskedForChoosesTheCertificate() throws Exception {
        TestCertificate one = TestCertificate.make(folder, "one.example");
        TestCertificate wild = TestCertificate.make(folder, "*.wild.example");
        HttpServer server =
                serveTls(HELLO, LOCALHOST.tls().sni("ONE.example", one.tls()).sni("*.wild.example", wild.tls()));

        assertThat(shownTo(server, "one.example", one, wild)).isEqualTo("CN=one.example");
        assertThat(shownTo(server, "a.wild.example", one, wild)).isEqualTo("CN=*.wild.example");
        assertThat(shownTo(server, "a.b.wild.example", one, wild)).isEqualTo("CN=localhost");
        assertThat(shownTo(server, "wild.example", one, wild)).isEqualTo("CN=localhost");
        assertThat(shownTo(server, "other.example", one, wild)).isEqualTo("CN=localhost");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void theNameAskedForChoosesTheCertificateWhicheverKindItsKeyIs(String protocol) throws Exception {
        TestCertificate rsa = TestCertificate.make(folder, "rsa.example", "-keyalg", "RSA");
        HttpServer byDefaultEc = serveTls(HELLO, LOCALHOST.tls().sni("rsa.example", rsa.tls()));
        HttpServer byDefaultRsa = serveTls(HELLO, rsa.tls().sni("localhost", LOCALHOST.tls()));

        for (HttpServer server : List.of(byDefaultEc, byDefaultRsa)) {
            assertThat(shownTo(server, engine(trusting(rsa), "rsa.example", protocol)))
                    .isEqualTo("CN=rsa.example");
            assertThat(shownTo(server, engine(trusting(rsa), "localhost", protocol)))
                    .isEqualTo("CN=localhost");
        }
    }

    @Test
    void anUnknownNameIsRefusedIfThatIsWanted() throws Exception {
        HttpServer server = serveTls(
                HELLO, LOCALHOST.tls().sni("localhost", LOCALHOST.tls()).knownNamesOnly());

        assertThat(shownTo(server, "localhost")).isEqualTo("CN=localhost");
        assertThatThrownBy(() -> shownTo(server, "other.example"))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("unrecognized_name");
    }

    // ---- clients' certificates

    @Test
    void aClientWithoutACertificateIsRefusedIfOneIsRequired() throws Exception {
        TestCertificate user = TestCertificate.make(folder, "user");
        HttpServer server = serveTls(
                request ->
                        Response.text(request.tls().clientCertificates().get(0).getSubjectX500Principal() + ""),
                LOCALHOST.tls().clientAuth(ClientAuth.REQUIRED, user.chain()));

        RawClient known = open(server, user.shownToThoseWith(LOCALHOST)).send(get("/"));
        assertThat(known.read().text()).isEqualTo("CN=user");
        assertThatThrownBy(() -> open(server, trusting()).send(get("/")).readHead())
                .isInstanceOf(IOException.class);
        assertThat(server.stats().requests()).isEqualTo(1);
    }

    @Test
    void aClientMayHaveNoCertificateIfItIsOptionalButNotOneThatNobodyTrusts() throws Exception {
        TestCertificate user = TestCertificate.make(folder, "user");
        TestCertificate stranger = TestCertificate.make(folder, "stranger");
        HttpServer server = serveTls(
                request -> Response.text("" + request.tls().clientCertificates().size()),
                LOCALHOST.tls().clientAuth(ClientAuth.OPTIONAL, user.chain()));

        assertThat(open(server, trusting()).send(get("/")).read().text()).isEqualTo("0");
        assertThat(open(server, user.shownToThoseWith(LOCALHOST))
                        .send(get("/"))
                        .read()
                        .text())
                .isEqualTo("1");
        assertThat(server.stats().requests()).isEqualTo(2);
        assertThat(stranger.chain()).exists();
    }

    // ---- other certificates while it runs

    @Test
    void newHandshakesHaveTheNewCertificateAndOpenConnectionsGoOn() throws Exception {
        TestCertificate next = TestCertificate.make(folder, "next.example");
        HttpServer server = serveTls(HELLO, LOCALHOST.tls());
        RawClient old = open(server, trusting());

        server.reconfigure(options -> options.tls(next.tls()));

        assertThat(shownTo(server, "localhost", next)).isEqualTo("CN=next.example");
        assertThat(old.send(get("/")).read().text()).isEqualTo("hello");
    }

    @Test
    void certificatesThatAreNoGoodChangeNothing() throws Exception {
        HttpServer server = serveTls(HELLO, LOCALHOST.tls());
        Path missing = folder.resolve("missing.pem");

        assertThatThrownBy(() -> server.reconfigure(options -> options.tls(Tls.pem(missing, missing))))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(missing.toString());

        assertThat(shownTo(server, "localhost")).isEqualTo("CN=localhost");
        assertThat(server.options().tls().toString()).contains(LOCALHOST.chain().toString());
    }

    @Test
    void watchedFilesAreLoadedAnewWhenTheyChange() throws Exception {
        TestCertificate first = TestCertificate.make(folder, "first.example");
        TestCertificate second = TestCertificate.make(folder, "second.example");
        Path chain = Files.copy(first.chain(), folder.resolve("chain.pem"));
        Path key = Files.copy(first.key(), folder.resolve("key.pem"));
        HttpServer server = serveTls(HELLO, Tls.pem(chain, key).watched());
        assertThat(shownTo(server, "localhost", first, second)).isEqualTo("CN=first.example");

        Files.copy(second.chain(), chain, StandardCopyOption.REPLACE_EXISTING);
        Files.copy(second.key(), key, StandardCopyOption.REPLACE_EXISTING);

        eventually(() -> assertThat(shownTo(server, "localhost", first, second)).isEqualTo("CN=second.example"));
    }

    @Test
    void watchedFilesThatWereNoGoodAreTriedAgainEvenIfTheyLookTheSame() throws Exception {
        TestCertificate first = TestCertificate.make(folder, "first.example");
        TestCertificate second = TestCertificate.make(folder, "second.example");
        Path chain = Files.copy(first.chain(), folder.resolve("chain.pem"));
        Path key = Files.copy(first.key(), folder.resolve("key.pem"));
        List<String> failures = new CopyOnWriteArrayList<>();
        ServerObserver observer = new ServerObserver() {
            @Override
            public void certificatesNotReloaded(Exception failure) {
                failures.add(String.valueOf(failure.getMessage()));
            }
        };
        HttpServer server = serveTls(HELLO, Tls.pem(chain, key).watched(), options -> options.observer(observer));
        byte[] good = Files.readAllBytes(second.key());
        Files.copy(second.chain(), chain, StandardCopyOption.REPLACE_EXISTING);
        Files.write(key, new byte[good.length]);
        FileTime changed = Files.getLastModifiedTime(key);
        eventually(() -> assertThat(failures).anyMatch(failure -> failure.contains("no block PRIVATE KEY")));
        int told = failures.size();
        Files.write(key, good);
        Files.setLastModifiedTime(key, changed);

        eventually(() -> assertThat(shownTo(server, "localhost", first, second)).isEqualTo("CN=second.example"));
        assertThat(failures).hasSizeLessThan(told + 2); // at most a look at a file that was half written
    }

    @Test
    void theWatchGoesOnWhenAFileSystemFailsInAWayOfItsOwn() throws Exception {
        TestCertificate first = TestCertificate.make(folder, "first.example");
        TestCertificate second = TestCertificate.make(folder, "second.example");
        Path chain = Files.copy(first.chain(), folder.resolve("chain.pem"));
        Path key = Files.copy(first.key(), folder.resolve("key.pem"));
        AtomicInteger faults = new AtomicInteger();
        Path played = PlayedFileSystem.path(chain, new PlayedFileSystem.Disk() {
            @Override
            public BasicFileAttributes look() throws IOException {
                if (faults.getAndDecrement() > 0) {
                    throw new ClosedFileSystemException();
                }
                return Files.readAttributes(chain, BasicFileAttributes.class);
            }

            @Override
            public FileChannel open() throws IOException {
                return FileChannel.open(chain);
            }
        });
        HttpServer server = serveTls(HELLO, Tls.pem(played, key).watched());
        faults.set(2);
        eventually(() -> assertThat(faults).hasValueLessThan(1));

        Files.copy(second.chain(), chain, StandardCopyOption.REPLACE_EXISTING);
        Files.copy(second.key(), key, StandardCopyOption.REPLACE_EXISTING);

        eventually(() -> assertThat(shownTo(server, "localhost", first, second)).isEqualTo("CN=second.example"));
        assertThat(observer.takeLoopFailures())
                .singleElement()
                .isInstanceOf(ClosedFileSystemException.class); // not one each second
    }

    @Test
    void aStartThatFailsWatchesNothing() throws Exception {
        HttpServer server = serve(HELLO);
        List<Thread> before = watchers();

        assertThatThrownBy(() -> HttpServer.builder()
                        .handler(HELLO)
                        .address(server.address())
                        .tls(LOCALHOST.tls().watched())
                        .start())
                .isInstanceOf(IOException.class);

        eventually(() -> assertThat(before).containsAll(watchers()));
    }

    private static List<Thread> watchers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("httpkit-certificates"))
                .toList();
    }

    // ---- what is said of files that are no good

    @Test
    void aStartFailsByTheNameOfTheFileAndItsFault() throws Exception {
        TestCertificate other = TestCertificate.make(folder, "other.example");
        Path empty = Files.createFile(folder.resolve("empty.pem"));

        assertThatThrownBy(() -> serveTls(HELLO, Tls.pem(folder.resolve("none.pem"), LOCALHOST.key())))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("none.pem")
                .hasMessageContaining("no such file");
        assertThatThrownBy(() -> serveTls(HELLO, Tls.pem(empty, LOCALHOST.key())))
                .hasMessageContaining("empty.pem has no block CERTIFICATE");
        assertThatThrownBy(() -> serveTls(HELLO, Tls.pem(LOCALHOST.chain(), empty)))
                .hasMessageContaining("empty.pem has no block PRIVATE KEY");
        assertThatThrownBy(() -> serveTls(HELLO, Tls.pem(other.chain(), LOCALHOST.key())))
                .hasMessageContaining("the key does not belong to the certificate of CN=other.example");
    }

    @Test
    void aCertificateThatHasExpiredIsNotTaken() throws Exception {
        TestCertificate expired =
                TestCertificate.make(folder, "old.example", "-keyalg", "EC", "-startdate", "-10d", "-validity", "5");

        assertThatThrownBy(() -> serveTls(HELLO, expired.tls()))
                .hasMessageContaining("old.example is valid from")
                .hasMessageContaining(expired.chain().toString());
    }

    @Test
    void aChainWithACertificateThatHasExpiredIsNotTaken() throws Exception {
        TestCertificate expired =
                TestCertificate.make(folder, "old.example", "-keyalg", "EC", "-startdate", "-10d", "-validity", "5");
        Path chain = folder.resolve("chain.pem");
        Files.writeString(chain, Files.readString(LOCALHOST.chain()) + Files.readString(expired.chain()));

        assertThatThrownBy(() -> serveTls(HELLO, Tls.pem(chain, LOCALHOST.key())))
                .hasMessageContaining("old.example is valid from")
                .hasMessageContaining(chain.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA", "RSASSA-PSS", "EC", "Ed25519"})
    void keysOfEachKindAreTaken(String algorithm) throws Exception {
        TestCertificate made = TestCertificate.make(folder, "localhost", "-keyalg", algorithm);
        HttpServer server = serveTls(HELLO, made.tls());

        RawClient client = open(server, TestCertificate.trusting(made)).send(get("/"));

        assertThat(client.read().text()).isEqualTo("hello");
    }

    @Test
    void aKeyStoreOrAContextServesAsWell() throws Exception {
        HttpServer byStore = serveTls(HELLO, Tls.keyStore(LOCALHOST.store(), TestCertificate.PASSWORD));
        HttpServer byContext = serveTls(HELLO, Tls.context(LOCALHOST.shownToThoseWith(LOCALHOST)));

        assertThat(open(byStore, trusting()).send(get("/")).read().text()).isEqualTo("hello");
        assertThat(open(byContext, trusting()).send(get("/")).read().text()).isEqualTo("hello");
        assertThatThrownBy(() -> serveTls(HELLO, Tls.keyStore(LOCALHOST.store(), "wrong")))
                .hasMessageContaining(LOCALHOST.store().toString());
    }

    // ---- the stop

    @Test
    void aStopEndsHandshakesThatHaveBegun() throws Exception {
        HttpServer server = serveTls(HELLO, LOCALHOST.tls());
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(0x16);
            eventually(() -> assertThat(server.stats().bytesRead()).isEqualTo(1));

            server.stop(Duration.ofSeconds(5)).join();

            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(server.stats().closes().get(Cause.SERVER_STOP)).isEqualTo(1);
    }
}
