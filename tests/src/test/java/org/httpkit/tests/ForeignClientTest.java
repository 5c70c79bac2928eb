package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpHead;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.ProxyProtocol;
import org.httpkit.server.Response;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients that others wrote make of the server. */
@PlainText("TlsTest and Http2ForeignClientTest have clients that others wrote over TLS")
@Tag("foreign")
final class ForeignClientTest extends ServerTest {
    private static final int LARGE = 3_000_000;

    @TempDir
    Path folder;

    private HttpServer server;
    private String base;

    @BeforeEach
    void start() throws IOException {
        Handler handler = request -> switch (request.path()) {
            case "/echo" ->
                Response.bytes(request.body().bytes())
                        .header("X-Declared", String.valueOf(request.header("Content-Length")))
                        .header("X-Expect", String.valueOf(request.header("Expect")));
            case "/pieces" -> Response.pieces(List.of("a", "b", "c"));
            case "/large" -> Response.bytes(new byte[LARGE]);
            case "/version" -> Response.text(request.version().toString());
            default -> Response.text("hello");
        };
        server = serve(handler);
        base = "http://127.0.0.1:" + server.port();
    }

    @Nested
    final class Jdk {
        private final HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(10))
                .build();

        private HttpRequest.Builder to(String path) {
            return HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(20));
        }

        private HttpResponse<String> ask(HttpRequest.Builder request) throws Exception {
            return client.send(request.build(), BodyHandlers.ofString());
        }

        @Test
        void gets() throws Exception {
            assertThat(ask(to("/")).body()).isEqualTo("hello");
            assertThat(ask(to("/pieces")).body()).isEqualTo("abc");
            assertThat(ask(to("/large")).body()).hasSize(LARGE);
        }

        @Test
        void asksForTheHeadOnly() throws Exception {
            HttpResponse<String> response = ask(to("/").method("HEAD", BodyPublishers.noBody()));

            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("Content-Length")).hasValue("5");
            assertThat(response.body()).isEmpty();
        }

        @Test
        void postsWithALengthAndInChunks() throws Exception {
            byte[] body = "0123456789".repeat(100_000).getBytes(StandardCharsets.ISO_8859_1);

            HttpResponse<String> declared = ask(to("/echo").POST(BodyPublishers.ofByteArray(body)));
            HttpResponse<String> chunked =
                    ask(to("/echo").POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body))));

            assertThat(declared.headers().firstValue("X-Declared")).hasValue("1000000");
            assertThat(declared.body()).hasSize(body.length);
            assertThat(chunked.headers().firstValue("X-Declared")).hasValue("null");
            assertThat(chunked.body()).isEqualTo(declared.body());
        }

        @Test
        void waitsFor100Continue() throws Exception {
            HttpResponse<String> response =
                    ask(to("/echo").expectContinue(true).POST(BodyPublishers.ofString("after 100")));

            assertThat(response.headers().firstValue("X-Expect"))
                    .hasValueSatisfying(value -> assertThat(value).isEqualToIgnoringCase("100-continue"));
            assertThat(response.body()).isEqualTo("after 100");
        }

        @Test
        void asksManyTimesAtOnce() throws Exception {
            List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                answers.add(client.sendAsync(
                        to("/echo").POST(BodyPublishers.ofString("body " + i)).build(), BodyHandlers.ofString()));
            }

            for (int i = 0; i < answers.size(); i++) {
                assertThat(answers.get(i).get(20, TimeUnit.SECONDS).body()).isEqualTo("body " + i);
            }
        }
    }

    @Nested
    final class Apache {
        private CloseableHttpClient client() {
            return closeLater(HttpClients.createDefault());
        }

        private static String text(CloseableHttpClient client, ClassicHttpRequest request) throws IOException {
            return client.execute(request, response -> EntityUtils.toString(response.getEntity()));
        }

        @Test
        void getsManyTimesOverOneConnection() throws Exception {
            CloseableHttpClient client = client();

            for (int i = 0; i < 50; i++) {
                assertThat(text(client, new HttpGet(base + "/"))).isEqualTo("hello");
                assertThat(text(client, new HttpGet(base + "/pieces"))).isEqualTo("abc");
            }

            assertThat(server.stats().connectionsAccepted()).isEqualTo(1);
        }

        @Test
        void asksForTheHeadOnly() throws Exception {
            String length = client().execute(
                            new HttpHead(base + "/large"), response -> response.getFirstHeader("Content-Length")
                                    .getValue());

            assertThat(length).isEqualTo(Integer.toString(LARGE));
        }

        @Test
        void postsInChunks() throws Exception {
            HttpPost post = new HttpPost(base + "/echo");
            post.setEntity(new InputStreamEntity(
                    new ByteArrayInputStream(new byte[LARGE]), ContentType.APPLICATION_OCTET_STREAM));

            byte[] echo = client().execute(post, response -> EntityUtils.toByteArray(response.getEntity()));

            assertThat(echo).hasSize(LARGE);
        }

        @Test
        void waitsFor100Continue() throws Exception {
            HttpPost post = new HttpPost(base + "/echo");
            post.setConfig(RequestConfig.custom().setExpectContinueEnabled(true).build());
            post.setEntity(new StringEntity("after 100"));

            assertThat(text(client(), post)).isEqualTo("after 100");
        }

        @Test
        void readsTheAnswerToABodyThatIsTooLarge() throws Exception {
            HttpPost post = new HttpPost(base + "/echo");
            post.setEntity(new ByteArrayEntity(new byte[9 << 20], ContentType.APPLICATION_OCTET_STREAM));
            post.setConfig(RequestConfig.custom().setExpectContinueEnabled(true).build());

            int status = client().execute(post, response -> response.getCode());

            assertThat(status).isEqualTo(413);
        }
    }

    @Nested
    final class Curl {
        /** What curl wrote to its standard output. */
        private String curl(String... arguments) throws Exception {
            Path output = folder.resolve("curl.out");
            List<String> command = new ArrayList<>(List.of("curl", "-sS", "--max-time", "20", "--noproxy", "*"));
            command.addAll(List.of(arguments));
            Process process;
            try {
                process = new ProcessBuilder(command)
                        .redirectOutput(output.toFile())
                        .redirectError(folder.resolve("curl.err").toFile())
                        .start();
            } catch (IOException e) {
                assumeTrue(false, "curl is not installed: " + e.getMessage());
                throw e;
            }
            process.getOutputStream().close();
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("curl did not end: " + command);
            }
            assertThat(process.exitValue())
                    .as("curl's exit: %s", Files.readString(folder.resolve("curl.err")))
                    .isZero();
            return Files.readString(output, StandardCharsets.ISO_8859_1);
        }

        @Test
        void gets() throws Exception {
            assertThat(curl(base + "/")).isEqualTo("hello");
            assertThat(curl(base + "/pieces", base + "/")).isEqualTo("abchello");
            assertThat(curl(base + "/large")).hasSize(LARGE);
        }

        @Test
        void asksForTheHeadOnly() throws Exception {
            assertThat(curl("-I", base + "/large"))
                    .startsWith("HTTP/1.1 200 OK")
                    .contains("Content-Length: " + LARGE);
        }

        @Test
        void speaksHttp10() throws Exception {
            assertThat(curl("--http1.0", base + "/pieces")).isEqualTo("abc");
            assertThat(curl("--http1.0", "-i", base + "/version"))
                    .contains("1.0")
                    .doesNotContain("chunked");
        }

        @Test
        void asksOverAUnixDomainSocket() throws Exception {
            Path file = folder.resolve("http.sock");
            HttpServer local = serve(
                    request -> Response.text(
                            request.authority() + " " + request.body().text()),
                    options -> options.unixSocket(file));

            String both = curl("--unix-socket", file.toString(), "-d", "form=1", "http://app/", "http://app/");

            assertThat(both).isEqualTo("app form=1app form=1");
            assertThat(local.stats().connectionsAccepted()).isEqualTo(1);
        }

        @Test
        void sendsAProxyHeader() throws Exception {
            HttpServer behind = serve(
                    request -> Response.text("version " + request.proxyInfo().version()),
                    options -> options.proxyProtocol(ProxyProtocol.ENABLED));

            assertThat(curl("--haproxy-protocol", "http://127.0.0.1:" + behind.port() + "/"))
                    .isEqualTo("version 1");
        }

        @Test
        void keepsAnHttp10ConnectionIfItAsks() throws Exception {
            String both = curl("--http1.0", "-H", "Connection: keep-alive", base + "/", base + "/");

            assertThat(both).isEqualTo("hellohello");
            assertThat(server.stats().connectionsAccepted()).isEqualTo(1);
        }

        @Test
        void postsWithALengthInChunksAndAfter100Continue() throws Exception {
            Path body = Files.write(folder.resolve("body"), new byte[LARGE]);

            assertThat(curl("-d", "form=1", base + "/echo")).isEqualTo("form=1");
            assertThat(curl("-T", body.toString(), base + "/echo")).hasSize(LARGE);
            assertThat(curl("-H", "Transfer-Encoding: chunked", "-T", body.toString(), base + "/echo"))
                    .hasSize(LARGE);
            assertThat(curl("-i", "-H", "Expect: 100-continue", "-T", body.toString(), base + "/echo"))
                    .startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK");
        }
    }
}
