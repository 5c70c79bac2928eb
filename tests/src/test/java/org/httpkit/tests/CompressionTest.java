package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.Compression;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Event;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compressed responses, as clients get them. Which coding a client takes is in the documents of the server's own tests. */
final class CompressionTest extends ServerTest {
    private static final String GZIP = "Accept-Encoding: gzip";
    private static final String TEXT = "All work and no play makes Jack a dull boy. ".repeat(100);

    @TempDir
    Path folder;

    private HttpServer compressing(Handler handler) throws IOException {
        return serve(handler, options -> options.compression(Compression.on()));
    }

    private static String unzipped(RawResponse response) throws IOException {
        assertThat(response.field("Content-Encoding")).isEqualTo("gzip");
        assertThat(response.isComplete()).isTrue();
        byte[] content = new GZIPInputStream(new ByteArrayInputStream(response.body())).readAllBytes();
        return new String(content, StandardCharsets.UTF_8);
    }

    // ---- what is compressed

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void compressesEveryKindOfContent(Dispatch dispatch) throws Exception {
        byte[] bytes = TEXT.getBytes(StandardCharsets.US_ASCII);
        Path file = Files.writeString(folder.resolve("small.txt"), TEXT);
        Path large = Files.writeString(folder.resolve("large.txt"), TEXT.repeat(1000));
        HttpServer server = serve(
                request -> switch (request.path()) {
                    case "/text" -> Response.text(TEXT);
                    case "/longer" -> Response.text(TEXT.repeat(10));
                    case "/buffer" -> Response.bytes(ByteBuffer.wrap(bytes)).header("Content-Type", "text/plain");
                    case "/small" -> Response.file(file);
                    case "/large" -> Response.file(large);
                    case "/huge" -> Response.text(TEXT.repeat(1000));
                    case "/stream" ->
                        Response.stream(new ByteArrayInputStream(bytes)).header("Content-Type", "text/plain");
                    case "/sized" ->
                        Response.stream(new ByteArrayInputStream(bytes), bytes.length)
                                .header("Content-Type", "text/plain");
                    case "/pieces" -> Response.pieces(List.of(TEXT, "", "the end"));
                    case "/written" -> Response.stream(out -> out.write(bytes)).header("Content-Type", "text/plain");
                    default ->
                        request.asChannel(new OpenListener(channel -> {
                            channel.send(Response.text(TEXT), false);
                            channel.send(TEXT.repeat(3), false);
                            channel.send(Response.stream(new ByteArrayInputStream(bytes)), true);
                        }));
                },
                options -> options.compression(Compression.on()).dispatch(dispatch));
        RawClient client = connect(server);

        for (int round = 0; round < 3; round++) {
            for (String path : List.of("/text", "/buffer", "/small", "/stream", "/sized", "/written")) {
                assertThat(unzipped(client.send(get(path, GZIP)).read()))
                        .as(path)
                        .isEqualTo(TEXT);
                assertThat(client.send(get(path)).read().text()).as(path).isEqualTo(TEXT);
            }
            assertThat(unzipped(client.send(get("/longer", GZIP)).read())).isEqualTo(TEXT.repeat(10));
            assertThat(unzipped(client.send(get("/large", GZIP)).read())).isEqualTo(TEXT.repeat(1000));
            assertThat(unzipped(client.send(get("/huge", GZIP)).read())).isEqualTo(TEXT.repeat(1000));
            assertThat(unzipped(client.send(get("/pieces", GZIP)).read())).isEqualTo(TEXT + "the end");
            assertThat(unzipped(client.send(get("/channel", GZIP)).read())).isEqualTo(TEXT.repeat(5));
        }
        assertThat(observer.handlerFailures()).isEmpty();
    }

    @Test
    void compressesNothingUnlessSwitchedOn() throws Exception {
        RawClient client = connect(serve(request -> Response.text(TEXT)));

        RawResponse response =
                client.send(get("/", GZIP, "Accept-Encoding: identity;q=0")).read();

        assertThat(response.text()).isEqualTo(TEXT);
        assertThat(response.field("Vary")).isNull();
    }

    @Test
    void leavesAloneWhatDoesNotShrinkOrMustNotChange() throws Exception {
        RawClient client = connect(compressing(request -> switch (request.path()) {
            case "/short" -> Response.text("x".repeat(1023));
            case "/image" -> Response.text(TEXT).header("Content-Type", "image/png");
            case "/untyped" -> Response.of(200).body(Response.text(TEXT).body());
            case "/coded" -> Response.text(TEXT).header("Content-Encoding", "br");
            case "/fixed" -> Response.text(TEXT).header("Cache-Control", "private, no-transform");
            case "/digest" -> Response.text(TEXT).header("Repr-Digest", "sha-256=:AA==:");
            default -> Response.text(TEXT).status(206).header("Content-Range", "bytes 0-4399/10000");
        }));

        for (String path : List.of("/short", "/image", "/untyped", "/coded", "/fixed", "/digest", "/part")) {
            RawResponse response = client.send(get(path, GZIP)).read();
            assertThat(response.fields("Content-Encoding")).isNotEqualTo(List.of("gzip"));
            assertThat(response.field("Vary")).as(path).isNull();
            assertThat(response.body()).hasSizeGreaterThan(1000);
        }
        for (int status : new int[] {204, 304}) {
            RawClient other = connect(compressing(request -> Response.text(TEXT).status(status)));
            assertThat(other.send(get("/", GZIP)).read().field("Content-Encoding"))
                    .isNull();
        }
    }

    @Test
    void compressesErrorsToo() throws Exception {
        RawClient client = connect(compressing(request -> Response.text(TEXT).status(404)));

        assertThat(unzipped(client.send(get("/", GZIP)).read())).isEqualTo(TEXT);
    }

    @Test
    void goesByItsSettings() throws Exception {
        Compression settings = Compression.on()
                .minBytes(10)
                .level(9)
                .types("application/X-Model")
                .maxCoders(1);
        RawClient client = connect(serve(
                request -> Response.text("x".repeat(10)).header("Content-Type", "application/x-model; v=1"),
                options -> options.compression(settings)));

        assertThat(unzipped(client.send(get("/", GZIP)).read())).isEqualTo("x".repeat(10));
    }

    // ---- fields

    @Test
    void saysThatTheAnswerVaries() throws Exception {
        RawClient client = connect(compressing(request -> {
            Response response = Response.text(TEXT);
            return switch (request.path()) {
                case "/cookie" -> response.header("Vary", "Cookie");
                case "/both" -> response.header("Vary", "Cookie, accept-encoding");
                case "/any" -> response.header("Vary", "*");
                default -> response;
            };
        }));

        for (String[] fields : new String[][] {{GZIP}, {}, {"Accept-Encoding: br"}}) {
            assertThat(client.send(get("/", fields)).read().fields("Vary")).containsExactly("Accept-Encoding");
            assertThat(client.send(get("/cookie", fields)).read().fields("Vary"))
                    .containsExactly("Cookie, Accept-Encoding");
            assertThat(client.send(get("/both", fields)).read().fields("Vary"))
                    .containsExactly("Cookie, accept-encoding");
            assertThat(client.send(get("/any", fields)).read().fields("Vary")).containsExactly("*");
        }
    }

    @Test
    void aTagOfWhatIsCompressedIsWeak() throws Exception {
        Path file = Files.writeString(folder.resolve("large.txt"), TEXT.repeat(10));
        RawClient client = connect(compressing(request -> request.path().equals("/file")
                ? Response.file(file)
                : Response.text(TEXT).header("ETag", "\"v1\"")));

        for (String path : List.of("/file", "/text")) {
            RawResponse plain = client.send(get(path)).read();
            RawResponse coded = client.send(get(path, GZIP)).read();
            String strong = plain.field("ETag");
            String weak = coded.field("ETag");
            assertThat(weak).isEqualTo("W/" + strong);
            assertThat(plain.field("Accept-Ranges")).isEqualTo("bytes");
            assertThat(coded.field("Accept-Ranges")).isNull();

            for (String known : List.of(strong, weak)) {
                RawResponse again =
                        client.send(get(path, GZIP, "If-None-Match: " + known)).read();
                assertThat(again.status()).isEqualTo(304);
                assertThat(again.field("ETag")).isEqualTo(weak);
                assertThat(again.field("Vary")).isEqualTo("Accept-Encoding");
                assertThat(client.send(get(path, "If-None-Match: " + known))
                                .read()
                                .field("ETag"))
                        .isEqualTo(strong);
            }
            assertThat(client.send(get(path, GZIP, "Range: bytes=5-", "If-Range: " + weak))
                            .read()
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void rangesAreOfWhatIsNotCompressed() throws Exception {
        RawClient client = connect(compressing(request -> Response.text(TEXT).header("ETag", "\"v1\"")));

        RawResponse part = client.send(get("/", GZIP, "Range: bytes=4-7", "If-Range: \"v1\""))
                .read();

        assertThat(part.status()).isEqualTo(206);
        assertThat(part.text()).isEqualTo("work");
        assertThat(part.field("Content-Encoding")).isNull();
        assertThat(part.field("ETag")).isEqualTo("\"v1\"");
        assertThat(part.field("Vary")).isEqualTo("Accept-Encoding");
    }

    @Test
    void headHasTheFieldsOfGet() throws Exception {
        Path file = Files.writeString(folder.resolve("file.txt"), TEXT);
        RawClient client = connect(compressing(request -> switch (request.path()) {
            case "/file" -> Response.file(file);
            case "/stream" -> Response.pieces(List.of(TEXT));
            default -> Response.text(TEXT).header("ETag", "\"v1\"").header("Content-Length", "99");
        }));

        for (String path : List.of("/file", "/stream", "/text")) {
            RawResponse toGet = client.send(get(path, GZIP)).read();
            RawResponse toHead =
                    client.send(request("HEAD " + path + " HTTP/1.1", GZIP)).readToHeadRequest();
            for (String name : List.of("Content-Encoding", "Vary", "ETag", "Content-Type")) {
                assertThat(toHead.field(name)).as("%s %s", path, name).isEqualTo(toGet.field(name));
            }
            assertThat(toHead.field("Content-Length"))
                    .as("not that of another form")
                    .isNull();
        }
        assertThat(client.send(request("HEAD /text HTTP/1.1"))
                        .readToHeadRequest()
                        .field("Content-Length"))
                .isEqualTo(Integer.toString(TEXT.length()));
    }

    @Test
    void usesCodingsThatAreFound() throws Exception {
        RawClient client = connect(compressing(request -> request.path().equals("/text")
                ? Response.text(TEXT)
                : Response.stream(out -> out.write(TEXT.getBytes(StandardCharsets.US_ASCII)))
                        .header("Content-Type", "text/plain")));

        for (String path : List.of("/text", "/stream")) {
            RawResponse response =
                    client.send(get(path, "Accept-Encoding: gzip, x-rot13")).read();
            assertThat(response.field("Content-Encoding")).isEqualTo("x-rot13");
            assertThat(response.text()).isEqualTo(Rot13.turned(TEXT) + ".");
            assertThat(unzipped(client.send(get(path, "Accept-Encoding: gzip, x-rot13;q=0.9"))
                            .read()))
                    .isEqualTo(TEXT);
        }
    }

    // ---- who takes nothing of it

    @Test
    void answers406IfNothingIsAcceptable() throws Exception {
        RawClient client = connect(compressing(request ->
                request.path().equals("/missing") ? null : Response.text(TEXT).header("X-Id", "7")));

        RawResponse response =
                client.send(get("/", "Accept-Encoding: identity;q=0, br")).read();

        assertThat(response.status()).isEqualTo(406);
        assertThat(response.field("Vary")).isEqualTo("Accept-Encoding");
        assertThat(response.field("X-Id")).isEqualTo("7");
        assertThat(client.send(get("/missing", "Accept-Encoding: *;q=0")).read().status())
                .isEqualTo(404);
        assertThat(unzipped(client.send(get("/", "Accept-Encoding: identity;q=0, gzip"))
                        .read()))
                .isEqualTo(TEXT);
    }

    @Test
    void compressesAnythingForAClientThatForbidsIdentity() throws Exception {
        RawClient client = connect(compressing(request -> Response.text("short").header("Content-Type", "image/png")));

        assertThat(unzipped(client.send(get("/", "Accept-Encoding: gzip, identity;q=0"))
                        .read()))
                .isEqualTo("short");
    }

    // ---- piece by piece

    @ParameterizedTest
    @ValueSource(strings = {"/events", "/pieces", "/written"})
    void eachPieceCanBeReadAtOnce(String path) throws Exception {
        AtomicReference<AsyncChannel> channel = new AtomicReference<>();
        CountDownLatch[] released = {new CountDownLatch(1), new CountDownLatch(1)};
        RawClient client = connect(compressing(request -> switch (request.path()) {
            case "/events" ->
                request.asChannel(new OpenListener(opened -> {
                    channel.set(opened);
                    opened.sendEvent(Event.of("one"));
                }));
            case "/pieces" ->
                Response.pieces(() -> List.of(0, 1, 2).stream()
                        .<Object>map(i -> {
                            if (i > 0) {
                                hold(released[i - 1]);
                            }
                            return List.of("data: one\n\n", "data: two\n\n", "data: three\n\n")
                                    .get(i);
                        })
                        .iterator());
            default ->
                Response.stream(out -> {
                            for (String text : List.of("one", "two", "three")) {
                                out.write(("data: " + text + "\n\n").getBytes(StandardCharsets.US_ASCII));
                                out.flush();
                                hold(released[text.equals("one") ? 0 : 1]);
                            }
                        })
                        .header("Content-Type", "text/plain");
        }));
        Inflater inflater = new Inflater(true);

        RawResponse head = client.send(get(path, GZIP)).readHead();
        assertThat(head.field("Content-Encoding")).isEqualTo("gzip");
        assertThat(nextText(client, inflater, 10)).isEqualTo("data: one\n\n");
        if (channel.get() != null) {
            channel.get().sendEvent(Event.of("two"));
        }
        released[0].countDown();
        assertThat(nextText(client, inflater, 0)).isEqualTo("data: two\n\n");
        if (channel.get() != null) {
            channel.get().sendEvent(Event.of("three"));
            channel.get().close();
        }
        released[1].countDown();
        assertThat(nextText(client, inflater, 0)).isEqualTo("data: three\n\n");
        inflater.end();
    }

    /** What the next chunks bring, up to the end of an event. */
    private static String nextText(RawClient client, Inflater inflater, int headBytes) throws Exception {
        StringBuilder text = new StringBuilder();
        int skipped = headBytes;
        byte[] decoded = new byte[100];
        while (!text.toString().endsWith("\n\n")) {
            byte[] chunk = client.readChunk();
            assertThat(chunk).as("what comes behind '%s'", text).isNotEmpty();
            int from = Math.min(skipped, chunk.length);
            skipped -= from;
            inflater.setInput(chunk, from, chunk.length - from);
            int count = inflater.inflate(decoded);
            text.append(new String(decoded, 0, count, StandardCharsets.US_ASCII));
        }
        return text.toString();
    }

    @Test
    void moreThanMayBeCompressedAtOnceIsSentAsItIs() throws Exception {
        HttpServer server = serve(
                request -> request.path().equals("/text")
                        ? Response.text(TEXT)
                        : request.asChannel(new OpenListener(opened -> opened.sendEvent(Event.of("one")))),
                options -> options.compression(Compression.on().maxCoders(2)));
        RawClient first = connect(server).send(get("/events", GZIP));
        RawClient second = connect(server).send(get("/events", GZIP));
        assertThat(first.readHead().field("Content-Encoding")).isEqualTo("gzip");
        assertThat(second.readHead().field("Content-Encoding")).isEqualTo("gzip");
        RawClient third = connect(server);

        RawResponse response = third.send(get("/text", GZIP)).read();
        assertThat(response.text()).isEqualTo(TEXT);
        assertThat(response.field("Vary")).isEqualTo("Accept-Encoding");

        second.close();
        eventually(() -> assertThat(third.send(get("/text", GZIP)).read().field("Content-Encoding"))
                .isEqualTo("gzip"));
    }

    @Test
    void answers500IfAStreamFailsBeforeItsFirstByte() throws Exception {
        RawClient client = connect(serve(
                request -> request.path().equals("/text")
                        ? Response.text(TEXT)
                        : Response.stream(out -> {
                                    throw new IOException("disk on fire");
                                })
                                .header("Content-Type", "text/plain"),
                options -> options.compression(Compression.on().maxCoders(1))));

        for (int i = 0; i < 3; i++) {
            RawResponse response = client.send(get("/stream", GZIP)).read();
            assertThat(response.status()).isEqualTo(500);
            assertThat(response.field("Content-Encoding")).isNull();
        }
        assertThat(unzipped(client.send(get("/text", GZIP)).read())).isEqualTo(TEXT);
        assertThat(observer.handlerFailures()).hasSize(3);
    }
}
