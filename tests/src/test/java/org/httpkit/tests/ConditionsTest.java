package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Conditional requests, as clients see them. What conditions come to is in the documents of the server's own tests. */
final class ConditionsTest extends ServerTest {
    private static final String MODIFIED = "Fri, 02 Jan 2026 03:04:05 GMT";
    private static final Response PAGE = Response.html("<h1>page</h1>")
            .header("ETag", "\"v1\"")
            .header("Last-Modified", MODIFIED)
            .header("Cache-Control", "max-age=60")
            .header("Vary", "Cookie")
            .header("Expires", "Fri, 02 Jan 2027 03:04:05 GMT")
            .header("Access-Control-Allow-Origin", "*")
            .header("Content-Language", "en");

    @TempDir
    Path folder;

    private Path file(int length) throws IOException {
        Path file = Files.write(folder.resolve(length + ".txt"), new byte[length]);
        return Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2026-01-02T03:04:05.678901Z")));
    }

    // ---- files

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 100_000})
    void tellsTheStateOfAFile(int length) throws Exception {
        Path file = file(length);
        RawClient client = connect(serve(request -> Response.file(file)));

        RawResponse response = client.send(get("/")).read();

        assertThat(response.field("Last-Modified")).isEqualTo(MODIFIED);
        assertThat(response.field("ETag")).matches("\"[0-9a-f-]+\"");
        assertThat(response.field("Accept-Ranges")).isEqualTo("bytes");
        RawResponse toHead = client.send(request("HEAD / HTTP/1.1")).readToHeadRequest();
        assertThat(names(toHead)).isEqualTo(names(response));
        assertThat(toHead.field("ETag")).isEqualTo(response.field("ETag"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 100_000})
    void answers304ForAFileThatTheClientHas(int length) throws Exception {
        Path file = file(length);
        RawClient client = connect(serve(request -> Response.file(file)));
        String tag = client.send(get("/")).read().field("ETag");

        for (String condition : List.of("If-None-Match: " + tag, "If-Modified-Since: " + MODIFIED)) {
            RawResponse response = client.send(get("/", condition)).read();

            assertThat(response.status()).isEqualTo(304);
            assertThat(response.field("ETag")).isEqualTo(tag);
            assertThat(names(response)).containsExactly("ETag", "Date", "Server");
            assertThat(client.send(request("HEAD / HTTP/1.1", condition))
                            .readToHeadRequest()
                            .status())
                    .isEqualTo(304);
        }
        Files.write(file, new byte[length + 1]);
        assertThat(client.send(get("/", "If-None-Match: " + tag)).read().status())
                .isEqualTo(200);
    }

    @Test
    void neverSaysThatAFileIsOfTheFuture() throws Exception {
        Path file = file(5);
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2999-01-02T03:04:05Z")));
        RawClient client = connect(serve(request -> Response.file(file)));

        RawResponse response = client.send(get("/")).read();

        assertThat(response.field("Last-Modified")).doesNotContain("2999").matches(".* GMT");
    }

    @Test
    void leavesValidatorsOfTheHandlersAlone() throws Exception {
        Path file = file(5);
        RawClient client = connect(serve(request -> Response.file(file)
                .header("ETag", "W/\"mine\"")
                .header("Last-Modified", "Thu, 01 Jan 1970 00:00:00 GMT")));

        RawResponse response = client.send(get("/")).read();

        assertThat(response.fields("ETag")).containsExactly("W/\"mine\"");
        assertThat(response.fields("Last-Modified")).containsExactly("Thu, 01 Jan 1970 00:00:00 GMT");
        assertThat(client.send(get("/", "If-None-Match: \"mine\"")).read().status())
                .isEqualTo(304);
    }

    @Test
    void saysNothingOfAFileThatIsNotTheResource() throws Exception {
        Path file = file(5);
        RawClient client = connect(serve(request -> request.path().equals("/404")
                ? Response.file(file).status(404)
                : Response.file(file).conditional(false)));

        for (String path : List.of("/404", "/off")) {
            RawResponse response = client.send(get(path, "If-None-Match: *", "Range: bytes=0-0"))
                    .read();
            assertThat(response.body()).hasSize(5);
            assertThat(names(response)).doesNotContain("ETag", "Last-Modified", "Accept-Ranges");
        }
    }

    @Test
    @Timeout(20)
    void answers404ForWhatIsNoRegularFile() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        Path circle = folder.resolve("circle");
        Files.createSymbolicLink(circle, circle);
        Path tooLong = folder.resolve("n".repeat(300));
        RawClient client = connect(serve(request -> Response.file(
                switch (request.path()) {
                    case "/pipe" -> pipe;
                    case "/circle" -> circle;
                    case "/device" -> Path.of("/dev/zero");
                    default -> tooLong;
                })));

        for (String path : List.of("/pipe", "/circle", "/device", "/long")) {
            assertThat(client.send(get(path, "If-None-Match: *")).read().status())
                    .as(path)
                    .isEqualTo(404);
        }
        assertThat(observer.handlerFailures()).isEmpty();
    }

    // ---- what handlers make

    @Test
    void answers304ForWhatTheClientHas() throws Exception {
        RawClient client = connect(serve(request -> PAGE));

        for (String condition :
                List.of("If-None-Match: \"v0\", \"v1\"", "If-None-Match: W/\"v1\"", "If-Modified-Since: " + MODIFIED)) {
            RawResponse response = client.send(get("/", condition)).read();

            assertThat(response.status()).isEqualTo(304);
            assertThat(names(response))
                    .containsExactly(
                            "ETag",
                            "Cache-Control",
                            "Vary",
                            "Expires",
                            "Access-Control-Allow-Origin",
                            "Date",
                            "Server");
        }
        assertThat(client.send(get("/", "If-None-Match: \"v2\"")).read().text()).isEqualTo("<h1>page</h1>");
    }

    @Test
    void keepsTheDateWhereThereIsNoTag() throws Exception {
        RawClient client = connect(serve(request -> Response.text("old").header("Last-Modified", MODIFIED)));

        RawResponse response =
                client.send(get("/", "If-Modified-Since: " + MODIFIED)).read();

        assertThat(response.status()).isEqualTo(304);
        assertThat(response.field("Last-Modified")).isEqualTo(MODIFIED);
    }

    @Test
    void answers412ForAnotherState() throws Exception {
        RawClient client = connect(serve(request -> PAGE));

        for (String condition : List.of(
                "If-Match: \"v2\"", "If-Match: W/\"v1\"", "If-Unmodified-Since: Thu, 01 Jan 2026 00:00:00 GMT")) {
            RawResponse response = client.send(get("/", condition)).read();

            assertThat(response.status()).isEqualTo(412);
            assertThat(response.text()).isEqualTo("Precondition Failed");
            assertThat(response.field("Access-Control-Allow-Origin")).isEqualTo("*");
            assertThat(names(response)).doesNotContain("ETag", "Cache-Control", "Content-Language", "Expires");
        }
    }

    /** RFC 9530: one digest is of the content of the message, the other of the whole that it stands for. */
    @ParameterizedTest
    @CsvSource({
        "X: y, 200, true, true",
        "Range: bytes=0-1, 206, false, true",
        "If-None-Match: *, 304, false, true",
        "Range: bytes=99-, 416, false, false",
        "If-Match: \"v2\", 412, false, false"
    })
    void sendsDigestsOfWhatItSends(String condition, int status, boolean ofContent, boolean ofWhole) throws Exception {
        Response digested = PAGE.header("Content-Digest", "sha-256=:YQ==:").header("Repr-Digest", "sha-256=:YQ==:");
        RawClient client = connect(serve(request -> digested));

        RawResponse response = client.send(get("/", condition)).read();

        assertThat(response.status()).isEqualTo(status);
        assertThat(names(response).contains("Content-Digest")).isEqualTo(ofContent);
        assertThat(names(response).contains("Repr-Digest")).isEqualTo(ofWhole);
    }

    @Test
    void looksAtNoConditionsOfOtherStatusesAndMethods() throws Exception {
        RawClient client = connect(serve(request -> request.path().equals("/created") ? PAGE.status(201) : PAGE));

        assertThat(client.send(get("/created", "If-None-Match: *")).read().status())
                .isEqualTo(201);
        assertThat(client.send(post("/", "x", "If-Match: \"v2\"")).read().status())
                .isEqualTo(200);
        assertThat(client.send(get("/", "If-None-Match: *")).read().status()).isEqualTo(304);
    }

    @Test
    void looksAtConditionsOfOtherMethodsIfAsked() throws Exception {
        RawClient client = connect(serve(request -> PAGE.conditional(true)));

        assertThat(client.send(post("/", "x", "If-Match: \"v2\"")).read().status())
                .isEqualTo(412);
        assertThat(client.send(post("/", "x", "If-None-Match: \"v1\"")).read().status())
                .isEqualTo(412);
        assertThat(client.send(post("/", "x", "If-Match: \"v1\"")).read().status())
                .isEqualTo(200);
        assertThat(client.send(request("QUERY / HTTP/1.1", "If-None-Match: \"v1\""))
                        .read()
                        .status())
                .isEqualTo(304);
    }

    @Test
    void answers304ForStreamsAndChannels() throws Exception {
        RawClient client = connect(serve(request -> {
            Response written = Response.stream(out -> out.write("written".getBytes(StandardCharsets.US_ASCII)))
                    .header("ETag", "\"v1\"");
            return request.path().equals("/stream")
                    ? written
                    : request.asChannel(new OpenListener(channel -> channel.send(written)));
        }));

        for (String path : List.of("/stream", "/channel")) {
            RawResponse response =
                    client.send(get(path, "If-None-Match: \"v1\"")).read();
            assertThat(response.status()).as(path).isEqualTo(304);
            assertThat(client.send(get(path)).read().text()).isEqualTo("written");
        }
    }

    static List<String> names(RawResponse response) {
        return response.fields().stream().map(RawResponse.Field::name).toList();
    }
}
