package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawHttp2;
import org.httpkit.testkit.TestCertificate;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which names a client may use on one HTTP/2 connection over TLS (RFC 9113 section 9.1.1). */
final class Http2AuthorityTest extends ServerTest {
    private static TestCertificate certificate;

    private HttpServer server;

    @BeforeAll
    static void make(@TempDir Path folder) throws Exception {
        certificate = TestCertificate.make(
                folder,
                "one.example",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-ext",
                "san=dns:one.example,dns:*.wild.example,ip:127.0.0.1,ip:2001:db8::1");
    }

    @BeforeEach
    void start() throws Exception {
        server = serve(request -> Response.text(request.authority()), options -> options.tls(certificate.tls()));
    }

    private RawHttp2 connect(List<SNIServerName> names) throws IOException {
        SSLEngine engine = TestCertificate.trusting(certificate).createSSLEngine();
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        parameters.setServerNames(names);
        engine.setSSLParameters(parameters);
        RawClient client = closeLater(RawClient.connectInPlainText(server));
        return RawHttp2.over(client.secure(engine)).greet();
    }

    private static RawHttp2.Answer get(RawHttp2 client, String authority) throws IOException {
        byte[] fields = RawHttp2.block(":method", "GET", ":scheme", "https", ":authority", authority, ":path", "/");
        return client.await(client.open(true, fields));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "one.example",
                "ONE.example:8443",
                "one.example.",
                "a.wild.example",
                "127.0.0.1",
                "127.0.0.1:80",
                "[2001:DB8:0::1]:443"
            })
    void takesRequestsForTheNamesInItsCertificate(String authority) throws Exception {
        RawHttp2 client = connect(List.of(new SNIHostName("one.example")));

        assertThat(get(client, authority).text()).isEqualTo(authority);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "two.example",
                "one.example.com",
                "wild.example",
                "a.b.wild.example",
                ".wild.example",
                "127.0.0.2",
                "[2001:db8::2]",
                "[::1]"
            })
    void sendsRequestsForOtherNamesToAnotherConnection(String authority) throws Exception {
        RawHttp2 client = connect(List.of(new SNIHostName("one.example")));

        assertThat(get(client, authority).status()).isEqualTo(421);
        assertThat(get(client, "one.example").status()).isEqualTo(200);
        assertThat(get(client, authority).status()).isEqualTo(421);
    }

    /** A client that does not check names, as {@code curl -k}, has accepted the certificate for the name it gave. */
    @Test
    void takesRequestsForTheNameThatTheClientAskedFor() throws Exception {
        RawHttp2 client = connect(List.of(new SNIHostName("other.example")));

        assertThat(get(client, "other.example:8443").status()).isEqualTo(200);
        assertThat(get(client, "another.example").status()).isEqualTo(421);
    }

    @Test
    void takesAnyNameFromAClientThatAskedForNone() throws Exception {
        RawHttp2 client = connect(List.of());

        assertThat(get(client, "other.example").status()).isEqualTo(200);
    }
}
