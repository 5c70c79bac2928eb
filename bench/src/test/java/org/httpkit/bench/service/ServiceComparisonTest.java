package org.httpkit.bench.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.javalin.Javalin;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checks that one service answers alike on three servers, and that docs/web.md states how many lines each takes. */
class ServiceComparisonTest {
    private static final Path SOURCES = Path.of("src/test/java/org/httpkit/bench/service");

    @TempDir
    Path data;

    private final HttpClient client = HttpClient.newHttpClient();
    private String base = "";

    @Test
    void javalinAnswersAsTheServiceDoes() throws Exception {
        Javalin app = new JavalinService(data).app().start("127.0.0.1", 0);
        try {
            base = "http://127.0.0.1:" + app.port();
            asksAsATestOfTheServiceDoes();
        } finally {
            app.stop();
        }
    }

    @Test
    void theJdksServerAnswersAsTheServiceDoes() throws Exception {
        HttpServer server = new JdkService(data).server(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        server.start();
        try {
            base = "http://127.0.0.1:" + server.getAddress().getPort();
            asksAsATestOfTheServiceDoes();
        } finally {
            server.stop(0);
        }
    }

    private void asksAsATestOfTheServiceDoes() throws Exception {
        assertThat(send(to("/api/notes/7").PUT(BodyPublishers.ofString("say \"hi\"")))
                        .statusCode())
                .isEqualTo(201);
        assertThat(send(to("/api/notes/7")).body()).isEqualTo("{\"id\":\"7\",\"text\":\"say \\u0022hi\\u0022\"}");
        assertThat(send(to("/api/notes")).body()).startsWith("[{");
        assertThat(send(to("/api/notes/7").DELETE()).statusCode()).isEqualTo(204);
        assertThat(send(to("/api/notes/7")).statusCode()).isEqualTo(404);
        HttpResponse<String> sent = send(to("/photos")
                .header("Content-Type", "multipart/form-data; boundary=b")
                .POST(BodyPublishers.ofString("""
                        --b\r
                        Content-Disposition: form-data; name="photo"; filename="me.png"\r
                        Content-Type: image/png\r
                        \r
                        pixels\r
                        --b--\r
                        """)));
        assertThat(sent.statusCode()).isEqualTo(303);
        String location =
                URI.create(sent.headers().firstValue("Location").orElseThrow()).getPath();
        assertThat(send(to(location)).body()).isEqualTo("pixels");
        HttpResponse<String> page = send(to("/"));
        assertThat(page.body()).contains("<h1>Notes and photos</h1>");
        assertThat(page.headers().firstValue("Content-Security-Policy")).contains("default-src 'self'");
        assertThat(send(to("/health")).body()).contains("\"disk\":\"up\"");
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(30));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    @Test
    void theDocumentSaysHowManyLinesEachTakes() throws Exception {
        long ours = lines(Path.of("../examples/src/main/java/org/httpkit/examples/service/Service.java"));
        long javalin = lines(SOURCES.resolve("JavalinService.java"));
        long jdk = lines(SOURCES.resolve("JdkService.java"));

        assertThat(ours).isLessThan(javalin);
        assertThat(Files.readString(Path.of("../docs/web.md")).replaceAll("\\s+", " "))
                .contains(ours + " lines; with Javalin it takes " + javalin + ", and with the JDK's server " + jdk);
    }

    /** Lines of code: no blank ones, comments, imports and the package. */
    private static long lines(Path source) throws IOException {
        return Files.readString(source)
                .replaceAll("(?s)/\\*.*?\\*/", "")
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty()
                        && !line.startsWith("//")
                        && !line.startsWith("import ")
                        && !line.startsWith("package "))
                .count();
    }
}
