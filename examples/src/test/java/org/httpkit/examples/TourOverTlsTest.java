package org.httpkit.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.httpkit.server.HttpServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The tour as {@code ./run --tls} starts it: one server in plain text, one over TLS. */
class TourOverTlsTest {
    private final Tour tour = new Tour();
    private final List<HttpServer> servers = new ArrayList<>();
    private HttpClient client;

    @BeforeEach
    void start() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream said = new PrintStream(out, true, UTF_8);
        assertThat(Launcher.launch(tour, said, said, servers::add, "--port", "0", "--tls", "--tls-port", "0"))
                .isZero();
        client = HttpClient.newBuilder()
                .sslContext(trusting(Path.of(first("--cacert (\\S+);", out.toString(UTF_8)))))
                .build();
    }

    @AfterEach
    void stop() {
        servers.forEach(HttpServer::close);
        tour.close();
    }

    @Test
    void figuresAreThoseOfBothServers() throws Exception {
        HttpResponse<InputStream> figures =
                client.send(HttpRequest.newBuilder(plain("/operations/figures")).build(), BodyHandlers.ofInputStream());
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(figures.body(), UTF_8))) {
            get(secure("/hello"));

            String line = lines.readLine();
            while (line != null && !line.contains("\"connections\":2,")) {
                line = lines.readLine();
            }
            assertThat(line).isNotNull();
        }
    }

    @Test
    void topicsAreReachedAsThePageWas() throws Exception {
        String policy = get(secure("/topics"))
                .headers()
                .firstValue("Content-Security-Policy")
                .orElseThrow();
        String state = get(secure("/topics/servers")).body();
        String port = first("\"port\": (\\d+), \"scheme\": \"https\"", state);
        assertThat(policy).contains(" https://*:" + port + " wss://*:" + port).doesNotContain("http:", "ws:");
        HttpResponse<InputStream> events = client.send(
                HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + "/numbers.test"))
                        .header("Accept", "text/event-stream")
                        .timeout(Duration.ofSeconds(30))
                        .build(),
                BodyHandlers.ofInputStream());
        events.body().close();
        assertThat(events.statusCode()).isEqualTo(200);
        assertThat(get(plain("/topics/servers")).body())
                .contains("\"scheme\": \"http\"")
                .doesNotContain("https", port);
    }

    private URI plain(String path) {
        return URI.create("http://127.0.0.1:" + servers.get(0).port() + path);
    }

    private URI secure(String path) {
        return URI.create("https://127.0.0.1:" + servers.get(1).port() + path);
    }

    private HttpResponse<String> get(URI address) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(30)).build();
        return client.send(request, BodyHandlers.ofString());
    }

    private static String first(String pattern, String text) {
        MatchResult found =
                Pattern.compile(pattern).matcher(text).results().findFirst().orElseThrow();
        return found.group(1);
    }

    private static SSLContext trusting(Path file) throws Exception {
        Certificate certificate;
        try (InputStream pem = Files.newInputStream(file)) {
            certificate = CertificateFactory.getInstance("X.509").generateCertificate(pem);
        }
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("tour", certificate);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
