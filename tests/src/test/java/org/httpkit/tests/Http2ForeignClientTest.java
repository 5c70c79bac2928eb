package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.httpkit.http.Headers;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testkit.TestCertificate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What clients that others wrote make of the server over HTTP/2. */
@Tag("foreign")
final class Http2ForeignClientTest extends ServerTest {
    private static final int LARGE = 3_000_000;
    private static final TestCertificate LOCALHOST = TestCertificate.localhost();

    private static final Handler HANDLER = request -> switch (request.path()) {
        case "/echo" -> Response.bytes(request.body().bytes());
        case "/pieces" -> Response.pieces(List.of("a", "b", "c"));
        case "/large" -> Response.bytes(Http2Test.bytes(LARGE));
        case "/version" -> Response.text(request.version() + " " + request.scheme() + " " + request.authority());
        case "/hints" -> {
            request.sendEarlyHints(Headers.of("Link", "</style.css>"));
            yield Response.later(CompletableFuture.supplyAsync(
                    () -> Response.text(
                            "behind hints"), // at once, it might overtake the hints, which are then left out
                    CompletableFuture.delayedExecutor(300, TimeUnit.MILLISECONDS)));
        }
        case "/trailers" -> Response.pieces(List.of("a", "b")).trailers(() -> Headers.of("X-Sum", "2"));
        case "/never" -> Response.later(new CompletableFuture<>());
        default -> Response.text("hello");
    };

    @TempDir
    Path folder;

    private String run(String... command) throws Exception {
        return run(50, command);
    }

    private String run(int seconds, String... command) throws Exception {
        assumeTrue(isInstalled(command[0]), command[0]);
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(seconds, TimeUnit.SECONDS))
                    .as("%s in time", command[0])
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        return Files.readString(output, StandardCharsets.ISO_8859_1);
    }

    private static boolean isInstalled(String tool) {
        for (String path : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
            if (Files.isExecutable(Path.of(path, tool))) {
                return true;
            }
        }
        return false;
    }

    /** The clients of other languages' own libraries, over TLS. */
    @Nested
    final class Languages {
        private String base;

        @BeforeEach
        void start() throws IOException {
            base = "https://localhost:"
                    + serve(HANDLER, options -> options.tls(LOCALHOST.tls())).port();
        }

        private String program(String name) throws IOException {
            Path file = folder.resolve(name);
            try (InputStream source = Http2ForeignClientTest.class.getResourceAsStream("/clients/" + name)) {
                Files.copy(Objects.requireNonNull(source, name), file);
            }
            return file.toString();
        }

        @Test
        void nodesClient() throws Exception {
            assertThat(run("node", program("http2.mjs"), base).lines())
                    .containsExactly(
                            "echoed true",
                            "pieces abc",
                            "hinted 103 behind hints",
                            "trailers 2 ab",
                            "head 5 0",
                            "cancelled 8",
                            "hellos 1000",
                            "closed");
        }

        /** Compiling it may take as long as all others together. */
        @Test
        @Timeout(180)
        void gosClient() throws Exception {
            assertThat(run(170, "go", "run", program("http2.go"), base).lines())
                    .containsExactly(
                            "echoed true HTTP/2.0",
                            "pieces abc",
                            "hinted 103 behind hints",
                            "trailers 2 ab",
                            "head 5 0",
                            "cancelled true",
                            "hellos 1000");
        }
    }

    /** The JDK's client, which speaks HTTP/2 over TLS. */
    @Nested
    final class Jdk {
        private HttpServer server;
        private HttpClient client;

        @BeforeEach
        void start() throws IOException {
            server = serve(HANDLER, options -> options.tls(LOCALHOST.tls()));
            client = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_2)
                    .sslContext(TestCertificate.trusting(LOCALHOST))
                    .connectTimeout(Duration.ofSeconds(10))
                    .build();
        }

        private HttpRequest.Builder to(String path) {
            return HttpRequest.newBuilder(URI.create("https://localhost:" + server.port() + path))
                    .timeout(Duration.ofSeconds(20));
        }

        @Test
        void speaksHttp2() throws Exception {
            HttpResponse<String> response = client.send(to("/version").build(), BodyHandlers.ofString());

            assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(response.body()).isEqualTo("HTTP/2.0 https localhost:" + server.port());
        }

        @Test
        void getsAndPosts() throws Exception {
            byte[] large = Http2Test.bytes(LARGE);
            assertThat(client.send(to("/large").build(), BodyHandlers.ofByteArray())
                            .body())
                    .isEqualTo(large);
            assertThat(client.send(
                                    to("/echo")
                                            .POST(BodyPublishers.ofByteArray(large))
                                            .build(),
                                    BodyHandlers.ofByteArray())
                            .body())
                    .isEqualTo(large);
            assertThat(client.send(to("/pieces").build(), BodyHandlers.ofString())
                            .body())
                    .isEqualTo("abc");
            assertThat(client.send(
                                    to("/").method("HEAD", BodyPublishers.noBody())
                                            .build(),
                                    BodyHandlers.ofString())
                            .headers()
                            .firstValue("content-length"))
                    .contains("5");
        }

        @Test
        void asksAThousandTimesAtOnce() throws Exception {
            client.send(to("/").build(), BodyHandlers.ofString());
            List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
            for (int round = 0; round < 12; round++) {
                answers.clear();
                for (int i = 0; i < 90; i++) {
                    answers.add(client.sendAsync(to("/" + i).build(), BodyHandlers.ofString()));
                }
                for (CompletableFuture<HttpResponse<String>> answer : answers) {
                    assertThat(answer.get(20, TimeUnit.SECONDS).body()).isEqualTo("hello");
                }
            }
        }
    }

    /** Tools of the command line, if they are there. */
    @Nested
    final class Tools {
        private String base;

        @BeforeEach
        void start() throws IOException {
            HttpServer server = serve(HANDLER, options -> options.tls(null));
            base = "http://127.0.0.1:" + server.port();
        }

        @Test
        void curlGetsAndPosts() throws Exception {
            byte[] large = Http2Test.bytes(LARGE);
            Path file = Files.write(folder.resolve("large"), large);
            Path received = folder.resolve("received");

            assertThat(run("curl", "-s", "--http2-prior-knowledge", base + "/version"))
                    .startsWith("HTTP/2.0 http ");
            run(
                    "curl",
                    "-s",
                    "--http2-prior-knowledge",
                    "-o",
                    received.toString(),
                    "--data-binary",
                    "@" + file,
                    base + "/echo");

            assertThat(Files.readAllBytes(received)).isEqualTo(large);
            assertThat(run("curl", "-sI", "--http2-prior-knowledge", base + "/"))
                    .startsWith("HTTP/2 200");
            assertThat(run("curl", "-si", "--http2-prior-knowledge", base + "/hints"))
                    .contains("HTTP/2 103", "link: </style.css>", "HTTP/2 200", "behind hints");
        }

        /** A proxy that speaks HTTP/2 on both sides. */
        @Test
        void nghttpxForwardsManyThings() throws Exception {
            assumeTrue(isInstalled("nghttpx"), "nghttpx");
            assumeTrue(isInstalled("h2load"), "h2load");
            Path log = folder.resolve("nghttpx.log");
            Path socket = folder.resolve("proxy");
            Process proxy = new ProcessBuilder(
                            "nghttpx",
                            "--conf=/dev/null",
                            "--workers=1",
                            "--frontend=unix:" + socket + ";no-tls",
                            "--backend=127.0.0.1," + base.substring(base.lastIndexOf(':') + 1) + ";;proto=h2",
                            "--errorlog-file=" + log)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("nghttpx.output").toFile())
                    .start();
            closeLater(() -> {
                proxy.destroyForcibly();
                proxy.waitFor(10, TimeUnit.SECONDS);
            });
            eventually(() -> assertThatCode(() -> SocketChannel.open(UnixDomainSocketAddress.of(socket))
                            .close())
                    .doesNotThrowAnyException());
            byte[] large = Http2Test.bytes(LARGE);
            Path file = Files.write(folder.resolve("large"), large);
            Path received = folder.resolve("received");

            run(
                    "curl",
                    "-s",
                    "--http2-prior-knowledge",
                    "--unix-socket",
                    socket.toString(),
                    "-o",
                    received.toString(),
                    "--data-binary",
                    "@" + file,
                    "http://localhost/echo");
            assertThat(Files.readAllBytes(received)).isEqualTo(large);
            assertThat(run("h2load", "-n", "5000", "-c", "5", "-m", "50", "-B", "unix:" + socket, "http://localhost/"))
                    .contains("5000 done, 5000 succeeded, 0 failed, 0 errored, 0 timeout");
        }

        @Test
        void nghttpGetsManyThings() throws Exception {
            String report = run("nghttp", "-v", "-n", "-m", "50", base + "/", base + "/large", base + "/pieces");

            assertThat(report).contains(":status: 200").doesNotContain("[ERROR]", "PROTOCOL_ERROR");
        }

        @Test
        void h2loadGetsAnAnswerToEachRequest() throws Exception {
            String report = run("h2load", "-n", "20000", "-c", "10", "-m", "50", base + "/");

            assertThat(report).contains("20000 done, 20000 succeeded, 0 failed, 0 errored, 0 timeout");
        }
    }
}
