package org.httpkit.jdkhttpserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.TestCertificate;
import org.junit.jupiter.api.Test;

/** Servers that speak TLS. */
final class HttpsTest extends JdkServerTest {
    private static final TestCertificate CERTIFICATE = TestCertificate.localhost();

    private final BlockingQueue<SSLSession> sessions = new LinkedBlockingQueue<>();

    private HttpsServer serve(HttpsConfigurator configurator) throws IOException {
        HttpsServer server = provider.createHttpsServer(anyPort(), 0);
        closeLater(() -> server.stop(0));
        server.createContext("/", exchange -> {
            sessions.add(((HttpsExchange) exchange).getSSLSession());
            byte[] body = exchange.getProtocol().getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.setHttpsConfigurator(configurator);
        server.start();
        return server;
    }

    private RawClient secure(HttpsServer server, SSLContext context) throws IOException {
        return connect(server).secure(context);
    }

    private static HttpsConfigurator configurator() {
        return new HttpsConfigurator(CERTIFICATE.shownToThoseWith(CERTIFICATE));
    }

    @Test
    void theConfiguratorsContextIsSpoken() throws Exception {
        HttpsConfigurator configurator = configurator();
        HttpsServer server = serve(configurator);

        RawClient client = secure(server, TestCertificate.trusting(CERTIFICATE));

        assertThat(client.send(get("/")).read().text()).isEqualTo("HTTP/1.1");
        SSLSession session = sessions.poll(10, TimeUnit.SECONDS);
        assertThat(session.getProtocol()).isEqualTo("TLSv1.3");
        assertThat(session.getCipherSuite()).startsWith("TLS_");
        assertThat(session.getPeerHost()).isNotEmpty();
        assertThatThrownBy(session::getPeerCertificates).isInstanceOf(SSLPeerUnverifiedException.class);
        assertThat(server.getHttpsConfigurator()).isSameAs(configurator);
        assertThatThrownBy(() -> server.setHttpsConfigurator(configurator)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void clientsThatAskForHttp2GetIt() throws Exception {
        HttpsServer server = serve(configurator());

        HttpClient client = HttpClient.newBuilder()
                .sslContext(TestCertificate.trusting(CERTIFICATE))
                .connectTimeout(Duration.ofSeconds(10))
                .build();
        URI uri = URI.create("https://localhost:" + server.getAddress().getPort() + "/");
        HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build(),
                HttpResponse.BodyHandlers.ofString());

        assertThat(response.body()).isEqualTo("HTTP/2.0");
    }

    @Test
    void theConfiguratorLimitsVersionsSuitesAndProtocols() throws Exception {
        HttpsServer server = serve(new HttpsConfigurator(CERTIFICATE.shownToThoseWith(CERTIFICATE)) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters wanted = getSSLContext().getDefaultSSLParameters();
                wanted.setProtocols(new String[] {"TLSv1.2"});
                wanted.setApplicationProtocols(new String[] {"http/1.1"});
                parameters.setSSLParameters(wanted);
            }
        });

        RawClient client = secure(server, TestCertificate.trusting(CERTIFICATE));

        assertThat(client.send(get("/")).read().text()).isEqualTo("HTTP/1.1");
        assertThat(sessions.poll(10, TimeUnit.SECONDS).getProtocol()).isEqualTo("TLSv1.2");
    }

    @Test
    void theConfiguratorMayDemandCertificates() throws Exception {
        HttpsServer server = serve(new HttpsConfigurator(CERTIFICATE.shownToThoseWith(CERTIFICATE)) {
            @Override
            public void configure(HttpsParameters parameters) {
                parameters.setNeedClientAuth(true);
            }
        });

        RawClient client = secure(server, CERTIFICATE.shownToThoseWith(CERTIFICATE));

        assertThat(client.send(get("/")).read().status()).isEqualTo(200);
        SSLSession session = sessions.poll(10, TimeUnit.SECONDS);
        assertThat(session.getPeerCertificates()).hasOnlyElementsOfType(X509Certificate.class);
        assertThat(session.getPeerPrincipal().getName()).contains("CN=");
        assertThatThrownBy(() -> secure(server, TestCertificate.trusting(CERTIFICATE))
                        .send(get("/"))
                        .read())
                .isInstanceOf(IOException.class);
    }
}
