package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.httpkit.server.Dispatch;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranges of files, bytes and streams, as clients get them. Which ranges a field means is in the documents of the server's own tests. */
final class RangesTest extends ServerTest {
    private static final String TAG = "\"v1\"";

    @TempDir
    Path folder;

    private static byte[] someBytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    /** All kinds of content of which there can be ranges. */
    private HttpServer serving(byte[] bytes, Dispatch dispatch) throws IOException {
        Path file = Files.write(folder.resolve("file"), bytes);
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length + 5).position(3);
        direct.put(bytes).flip().position(3);
        return serve(
                request -> switch (request.path()) {
                    case "/file" -> Response.file(file).header("ETag", TAG);
                    case "/bytes" -> Response.bytes(bytes).header("ETag", TAG);
                    case "/buffer" -> Response.bytes(direct).header("ETag", TAG);
                    case "/array" ->
                        Response.bytes(ByteBuffer.wrap(Arrays.copyOf(bytes, bytes.length + 9), 0, bytes.length))
                                .header("ETag", TAG);
                    default ->
                        Response.stream(new ByteArrayInputStream(bytes), bytes.length)
                                .header("ETag", TAG);
                },
                options -> options.dispatch(dispatch));
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void sendsOneRange(Dispatch dispatch) throws Exception {
        byte[] bytes = someBytes(300_000);
        RawClient client = connect(serving(bytes, dispatch));

        for (String path : List.of("/file", "/bytes", "/buffer", "/array", "/stream")) {
            for (int[] range :
                    new int[][] {{0, 0}, {5, 20_004}, {299_999, 299_999}, {100_000, 299_999}, {0, 299_999}}) {
                RawResponse response = client.send(get(path, "Range: bytes=" + range[0] + "-" + range[1]))
                        .read();

                assertThat(response.status()).as(path).isEqualTo(206);
                assertThat(response.fields("Content-Range"))
                        .containsExactly("bytes " + range[0] + "-" + range[1] + "/300000");
                assertThat(response.field("ETag")).isEqualTo(TAG);
                assertThat(response.isComplete()).isTrue();
                assertThat(Arrays.equals(response.body(), Arrays.copyOfRange(bytes, range[0], range[1] + 1)))
                        .as("%s %s", path, range[0])
                        .isTrue();
            }
            assertThat(client.send(get(path)).read().body()).as(path).isEqualTo(bytes);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {30, 300_000, 30 << 20})
    void sendsSeveralRangesInOneMessage(int length) throws Exception {
        byte[] bytes = someBytes(length);
        RawClient client = connect(serving(bytes, Dispatch.ADAPTIVE));

        for (String path : List.of("/file", "/bytes", "/buffer", "/array")) {
            int half = length / 2;
            RawResponse response =
                    client.send(get(path, "Range: bytes=" + half + "-,0-0,2-9")).read();

            assertThat(response.status()).as(path).isEqualTo(206);
            assertThat(response.field("Content-Range")).isNull();
            String type = response.field("Content-Type");
            assertThat(type).startsWith("multipart/byteranges; boundary=");
            String boundary = type.substring(type.indexOf('=') + 1);
            assertThat(response.isComplete()).isTrue();
            ByteArrayOutputStream expected = new ByteArrayOutputStream();
            part(expected, "--" + boundary, bytes, half, length - 1);
            part(expected, "\r\n--" + boundary, bytes, 0, 0);
            part(expected, "\r\n--" + boundary, bytes, 2, 9);
            expected.writeBytes(("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.US_ASCII));
            assertThat(Arrays.equals(response.body(), expected.toByteArray()))
                    .as(path)
                    .isTrue();
        }
        assertThat(client.send(get("/stream", "Range: bytes=0-0,2-9")).read().status())
                .as("a stream is read once, in order")
                .isEqualTo(200);
    }

    private static void part(ByteArrayOutputStream out, String delimiter, byte[] bytes, int first, int last) {
        String head = delimiter + "\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes " + first + "-"
                + last + "/" + bytes.length + "\r\n\r\n";
        out.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
        out.write(bytes, first, last - first + 1);
    }

    @Test
    void refusesWhatIsBehindTheEnd() throws Exception {
        RawClient client = connect(serving(someBytes(10), Dispatch.ADAPTIVE));

        for (String path : List.of("/file", "/bytes", "/buffer", "/array", "/stream")) {
            RawResponse response = client.send(get(path, "Range: bytes=10-,-0")).read();

            assertThat(response.status()).as(path).isEqualTo(416);
            assertThat(response.fields("Content-Range")).containsExactly("bytes */10");
            assertThat(response.text()).isEqualTo("Range Not Satisfiable");
            assertThat(client.send(get(path)).read().body()).hasSize(10);
        }
    }

    @Test
    void sendsAllOfItWhereARangeMeansNothing() throws Exception {
        byte[] bytes = someBytes(10);
        RawClient client = connect(serving(bytes, Dispatch.ADAPTIVE));

        for (String path : List.of("/file", "/bytes", "/buffer", "/array", "/stream")) {
            for (String range : List.of("items=0-1", "bytes=+0-1", "bytes=2-1", "bytes=0-1,", "bytes")) {
                RawResponse response = client.send(get(path, "Range: " + range)).read();
                assertThat(response.status()).as(range).isEqualTo(range.endsWith(",") ? 206 : 200);
                assertThat(response.field("Accept-Ranges")).isEqualTo("bytes");
            }
            assertThat(client.send(post(path, "x", "Range: bytes=0-1")).read().status())
                    .isEqualTo(200);
            RawResponse toHead = client.send(request("HEAD " + path + " HTTP/1.1", "Range: bytes=0-1"))
                    .readToHeadRequest();
            assertThat(toHead.status()).isEqualTo(200);
            assertThat(toHead.field("Content-Length")).isEqualTo("10");
        }
    }

    @Test
    void sendsARangeOfTheStateThatIsMeantOnly() throws Exception {
        RawClient client = connect(serving(someBytes(10), Dispatch.ADAPTIVE));

        for (String path : List.of("/file", "/bytes", "/buffer", "/array", "/stream")) {
            assertThat(client.send(get(path, "Range: bytes=0-1", "If-Range: \"v1\""))
                            .read()
                            .body())
                    .hasSize(2);
            assertThat(client.send(get(path, "Range: bytes=0-1", "If-Range: \"v0\""))
                            .read()
                            .body())
                    .hasSize(10);
            assertThat(client.send(get(path, "Range: bytes=0-1", "If-Range: W/\"v1\""))
                            .read()
                            .body())
                    .hasSize(10);
            assertThat(client.send(get(path, "Range: bytes=20-", "If-None-Match: \"v1\""))
                            .read()
                            .status())
                    .as("conditions come first")
                    .isEqualTo(304);
        }
    }

    @Test
    void cutsNothingThatHasNoState() throws Exception {
        RawClient client = connect(serve(request -> Response.text("0123456789")));

        RawResponse response = client.send(get("/", "Range: bytes=0-1")).read();

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.field("Accept-Ranges")).isNull();
    }

    @Test
    void leavesHandlersThatCutThemselvesAlone() throws Exception {
        Path file = Files.write(folder.resolve("file"), someBytes(10));
        RawClient client = connect(serve(request -> request.path().equals("/part")
                ? Response.file(file).status(206).header("Content-Range", "bytes 0-9/20")
                : Response.file(file).header("Accept-Ranges", "none")));

        RawResponse part = client.send(get("/part", "Range: bytes=0-1")).read();
        RawResponse none = client.send(get("/none", "Range: bytes=0-1")).read();

        assertThat(part.status()).isEqualTo(206);
        assertThat(part.body()).hasSize(10);
        assertThat(none.status()).isEqualTo(200);
        assertThat(none.fields("Accept-Ranges")).containsExactly("none");
    }

    @Test
    void sendsThePartOfTheFileThatWasOpened() throws Exception {
        byte[] bytes = someBytes(40 << 20);
        Path file = Files.write(folder.resolve("large"), bytes);
        RawClient client =
                connect(serve(request -> Response.file(file)), 64 * 1024).send(get("/", "Range: bytes=1000-"));
        RawResponse head = client.readHead();
        Files.move(file, folder.resolve("moved"));
        Files.write(file, new byte[10]);
        Files.delete(folder.resolve("moved"));

        assertThat(head.field("Content-Range")).isEqualTo("bytes 1000-41943039/41943040");
        assertThat(Arrays.equals(client.readBytes(bytes.length - 1000), Arrays.copyOfRange(bytes, 1000, bytes.length)))
                .isTrue();
    }

    @Test
    void endsTheConnectionIfThePartIsCutOff() throws Exception {
        Path file = Files.write(folder.resolve("large"), someBytes(40 << 20));
        RawClient client = connect(serve(request -> Response.file(file)), 64 * 1024)
                .send(get("/", "Range: bytes=0-9,30000000-41000000"));
        client.readHead();
        Files.write(file, someBytes(20 << 20));

        assertThat(client.skipToEnd()).isLessThan(12_000_000);
        eventually(() -> assertThat(observer.handlerFailures()).hasSize(1));
    }
}
