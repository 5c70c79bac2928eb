package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.httpkit.http.Headers;
import org.httpkit.server.Compression;
import org.httpkit.server.Event;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Problem;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawHttp2;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Conditions, ranges, codings and errors over HTTP/2: what HTTP/1.1 has of them. */
final class Http2ResourcesTest extends ServerTest {
    private static final String TEXT = "All work and no play makes Jack a dull boy. ".repeat(100);

    @TempDir
    Path folder;

    private RawHttp2 connect2(HttpServer server) throws Exception {
        return closeLater(RawHttp2.connect(server));
    }

    private static String unzipped(byte[] coded) throws Exception {
        return new String(
                new GZIPInputStream(new ByteArrayInputStream(coded)).readAllBytes(), StandardCharsets.US_ASCII);
    }

    @Test
    void answersConditionsAndRangesOfAFile() throws Exception {
        byte[] bytes = new byte[300_000];
        new Random(2).nextBytes(bytes);
        Path file = Files.write(folder.resolve("file"), bytes);
        RawHttp2 client = connect2(serve(request -> Response.file(file)));

        RawHttp2.Answer whole = client.await(client.get("/"));
        assertThat(Arrays.equals(whole.body(), bytes)).isTrue();
        assertThat(whole.field("accept-ranges")).isEqualTo("bytes");
        String tag = whole.field("etag");
        assertThat(client.await(client.get("/", "if-none-match", tag)).status()).isEqualTo(304);
        assertThat(client.await(client.get("/", "if-match", "\"x\"")).status()).isEqualTo(412);
        for (int[] range : new int[][] {{0, 9}, {1000, 250_000}}) {
            RawHttp2.Answer part =
                    client.await(client.get("/", "range", "bytes=" + range[0] + "-" + range[1], "if-range", tag));
            assertThat(part.status()).isEqualTo(206);
            assertThat(Arrays.equals(part.body(), Arrays.copyOfRange(bytes, range[0], range[1] + 1)))
                    .isTrue();
        }
        RawHttp2.Answer several = client.await(client.get("/", "range", "bytes=0-99,1000-1009,100000-250000"));
        assertThat(several.status()).isEqualTo(206);
        assertThat(several.field("content-length")).isEqualTo(Integer.toString(several.body().length));
        assertThat(several.body().length).isBetween(150_111, 151_000);
        assertThat(client.await(client.get("/", "range", "bytes=300000-")).status())
                .isEqualTo(416);
    }

    @Test
    void compressesContentAndStreams() throws Exception {
        Path file = Files.writeString(folder.resolve("file.txt"), TEXT.repeat(100));
        RawHttp2 client = connect2(serve(
                request -> switch (request.path()) {
                    case "/file" -> Response.file(file);
                    case "/trailers" -> Response.text(TEXT).trailers(Headers.of("X-Sum", "7"));
                    case "/events" ->
                        request.asChannel(new OpenListener(channel -> {
                            channel.sendEvent(Event.of("one"));
                            channel.sendEvent(Event.of("two"));
                            channel.close();
                        }));
                    default -> Response.text(TEXT);
                },
                options -> options.compression(Compression.on())));

        RawHttp2.Answer text = client.await(client.get("/", "accept-encoding", "gzip"));
        assertThat(text.field("content-encoding")).isEqualTo("gzip");
        assertThat(unzipped(text.body())).isEqualTo(TEXT);
        assertThat(unzipped(client.await(client.get("/file", "accept-encoding", "gzip"))
                        .body()))
                .isEqualTo(TEXT.repeat(100));
        assertThat(unzipped(client.await(client.get("/events", "accept-encoding", "gzip"))
                        .body()))
                .isEqualTo("data: one\n\ndata: two\n\n");
        RawHttp2.Answer trailing = client.await(client.get("/trailers", "accept-encoding", "gzip"));
        assertThat(unzipped(trailing.body())).isEqualTo(TEXT);
        assertThat(trailing.trailers().first("x-sum")).isEqualTo("7");
    }

    @Test
    void decodesBodiesUpToTheLimit() throws Exception {
        for (boolean streams : new boolean[] {false, true}) {
            Handler echo = request -> Response.text(request.body().text());
            RawHttp2 client =
                    connect2(serve(streams ? Handler.streaming(echo) : echo, options -> options.decompressRequests(true)
                            .maxBodyBytes(10_000)
                            .maxStreamedBodyBytes(10_000)));
            ByteArrayOutputStream coded = new ByteArrayOutputStream();
            try (OutputStream out = new GZIPOutputStream(coded)) {
                out.write("hello".getBytes(StandardCharsets.US_ASCII));
            }
            int id = client.open(false, RawHttp2.request("POST", "/", "content-encoding", "gzip"));
            client.data(id, true, coded.toByteArray());
            assertThat(client.await(id).text()).isEqualTo("hello");

            assertThat(client.await(client.post("/", "x", "content-encoding", "br"))
                            .status())
                    .isEqualTo(415);
            assertThat(client.await(client.post("/", "x".repeat(10_001))).status())
                    .isEqualTo(413);
            assertThat(client.await(client.post("/", "hello")).text()).isEqualTo("hello");
        }
    }

    @Test
    void shapesErrors() throws Exception {
        RawHttp2 client = connect2(serve(
                request -> {
                    if (request.path().equals("/failing")) {
                        throw new IllegalStateException("secret");
                    }
                    return null;
                },
                options -> options.errorPages(Problem::json).maxBodyBytes(1000)));

        assertThat(client.await(client.get("/")).text()).isEqualTo("{\"status\":404,\"title\":\"Not Found\"}");
        assertThat(client.await(client.get("/failing")).text()).startsWith("{\"status\":500");
        for (int i = 0; i < 3; i++) {
            int declared = client.open(false, RawHttp2.request("POST", "/", "content-length", "1001"));
            RawHttp2.Answer tooLarge = client.await(declared);
            assertThat(tooLarge.status()).isEqualTo(413);
            assertThat(tooLarge.field("content-type")).isEqualTo("application/problem+json");
            assertThat(tooLarge.text()).contains("\"detail\":\"The body is larger than the 1000 bytes");
            assertThat(client.awaitReset(declared)).isZero();
            int undeclared = client.open(false, RawHttp2.request("POST", "/"));
            client.data(undeclared, false, new byte[600]).data(undeclared, false, new byte[600]);
            assertThat(client.await(undeclared).status()).isEqualTo(413);
        }
        assertThat(client.await(client.get("/")).status()).isEqualTo(404);
    }

    private static int malformed(RawHttp2 client) throws Exception {
        return client.open(true, RawHttp2.block(":method", "GET", ":scheme", "http", ":authority", "localhost"));
    }

    /** More than are made at once for one connection; the others are answered in plain text. */
    @Test
    void shapesTheRefusalsOfMalformedRequests() throws Exception {
        RawHttp2 client = connect2(serve(request -> null, options -> options.errorPages(Problem::json)));
        int first = malformed(client);

        assertThat(client.await(first).status()).isEqualTo(400);
        assertThat(client.answer(first).text()).startsWith("{\"status\":400,\"title\":\"Bad Request\"");
        assertThat(client.answer(first).field("content-type")).isEqualTo("application/problem+json");
        assertThat(client.awaitReset(first)).isEqualTo(1);
        for (int i = 0; i < 20; i++) {
            malformed(client);
        }
        for (int i = 1; i <= 20; i++) {
            assertThat(client.await(first + 2 * i).text()).contains("RFC 9113 section 8.3.1");
        }
        assertThat(client.await(client.get("/")).status()).isEqualTo(404);
    }

    @Test
    void answersInPlainTextIfThePageIsLateOrFails() throws Exception {
        CompletableFuture<Void> never = new CompletableFuture<>();
        AtomicBoolean fails = new AtomicBoolean();
        RawHttp2 client = connect2(serve(
                request -> null,
                options -> options.errorPages((status, reason, request) -> {
                    if (fails.get()) {
                        throw new IllegalStateException("secret");
                    }
                    if (status == 400) {
                        never.get(1, TimeUnit.MINUTES);
                    }
                    return Response.text("page");
                })));

        assertThat(client.await(malformed(client)).text()).contains("RFC 9113 section 8.3.1");
        fails.set(true);
        assertThat(client.await(malformed(client)).text()).contains("RFC 9113 section 8.3.1");
        never.complete(null);
        assertThat(client.await(client.get("/")).status()).isEqualTo(404);
    }

    @Test
    void answersAHeadByGet() throws Exception {
        RawHttp2 client =
                connect2(serve(request -> request.method().name().equals("GET") ? Response.text("hello") : null));

        RawHttp2.Answer answer = client.await(client.open(true, RawHttp2.request("HEAD", "/")));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.field("content-length")).isEqualTo("5");
        assertThat(answer.body()).isEmpty();
    }
}
