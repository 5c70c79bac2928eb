package org.httpkit.internal.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.zip.GZIPInputStream;
import org.httpkit.http.Headers;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.net.FakeLoop;
import org.httpkit.internal.net.FakeWire;
import org.httpkit.internal.net.Link;
import org.httpkit.server.Compression;
import org.httpkit.server.Dispatch;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testing.SeenEvents;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an exchange has its stream do for a response that its client takes in a content coding. */
final class CodedResponseTest {
    private static final int MIB = 1 << 20;

    private final FakeStream stream = new FakeStream();
    private final SeenEvents seen = new SeenEvents();
    private final ArrayDeque<Runnable> worker = new ArrayDeque<>();
    private final FakeLoop loop = new FakeLoop();
    private boolean workerIsFull;
    private final ServerContext context = ServerContext.of(
            HttpServer.builder()
                    .handler(request -> Response.of(200))
                    .dispatch(Dispatch.WORKER)
                    .compression(Compression.on().minBytes(30))
                    .observer(seen)
                    .options(),
            this::give,
            seen);

    private void give(Runnable task) {
        if (workerIsFull) {
            throw new RejectedExecutionException("full");
        }
        worker.add(task);
    }

    private Exchange exchange(String request, String... lines) {
        String text = request + " / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n" + String.join("\r\n", lines)
                + (lines.length == 0 ? "\r\n" : "\r\n\r\n");
        RequestHead head = RequestHead.of(text.getBytes(StandardCharsets.US_ASCII));
        return new Exchange(stream, context, new Link(loop, new FakeWire()), head, 0);
    }

    private void respond(Response response) {
        exchange("GET").respond(response);
        loop.runBlockingTasks();
    }

    private void runWorker() {
        for (Runnable task = worker.poll(); task != null; task = worker.poll()) {
            task.run();
        }
    }

    private static byte[] repeated(int bytes) {
        return "hello ".repeat(bytes / 6 + 1).substring(0, bytes).getBytes(StandardCharsets.US_ASCII);
    }

    private static Response text(byte[] bytes) {
        return Response.bytes(bytes).header("Content-Type", "text/plain");
    }

    private static Response written(InputStream bytes, long length) {
        Response response = length < 0 ? Response.stream(bytes) : Response.stream(bytes, length);
        return response.header("Content-Type", "text/plain");
    }

    private byte[] decoded() throws IOException {
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(stream.content.toByteArray()))) {
            return in.readAllBytes();
        }
    }

    // ---- where and how it is coded

    @ParameterizedTest
    @CsvSource({"30, 0", "4096, 0", "4097, 1"})
    void codesFourKibibytesAtOnceAndMoreOnTheWorker(int bytes, int tasks) throws IOException {
        respond(text(repeated(bytes)));
        assertThat(worker).hasSize(tasks);
        assertThat(stream.calls).hasSize(tasks == 0 ? 2 : 0);
        runWorker();

        assertThat(stream.calls).hasSize(2).first().asString().startsWith("whole 200 of ");
        assertThat(decoded()).isEqualTo(repeated(bytes));
        assertThat(seen.take()).containsExactly("responded 200", "finished REFUSED"); // no handler was called
        assertThat(context.coders().reserved()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void codesAMebibyteWholeAndMorePieceByPiece(boolean isBuffer) throws IOException {
        respond(content(repeated(MIB), isBuffer));
        runWorker();
        assertThat(stream.calls).first().asString().startsWith("whole 200 of ");
        assertThat(decoded()).isEqualTo(repeated(MIB));

        stream.calls.clear();
        stream.content.reset();
        respond(content(repeated(MIB + 1), isBuffer));
        runWorker();
        assertThat(stream.calls).first().asString().startsWith("begin 200 of ");
        assertThat(decoded()).isEqualTo(repeated(MIB + 1));
    }

    private static Response content(byte[] bytes, boolean isBuffer) {
        return isBuffer ? Response.bytes(ByteBuffer.wrap(bytes)).header("Content-Type", "text/plain") : text(bytes);
    }

    @Test
    void codesStreamsOnTheWorkerWhetherTheirLengthIsKnownOrNot() throws IOException {
        for (long length : new long[] {-1, 100}) {
            stream.content.reset();
            respond(written(new ByteArrayInputStream(repeated(100)), length));
            runWorker();

            assertThat(decoded()).isEqualTo(repeated(100));
        }
        assertThat(stream.calls).filteredOn("end"::equals).hasSize(2);
        assertThat(seen.take()).doesNotContain("finished CUT");
    }

    @Test
    void codesALargeFileOnTheWorker(@TempDir Path folder) throws IOException {
        respond(Response.file(Files.write(folder.resolve("a.txt"), repeated(200_000)))
                .header("Content-Type", "text/plain"));
        runWorker();

        assertThat(decoded()).isEqualTo(repeated(200_000));
        assertThat(context.coders().reserved()).isZero();
    }

    /** Gives three bytes a read, and notes how much the client had been sent before each. */
    private final class Pieces extends InputStream {
        final List<Integer> sent = new ArrayList<>();
        private int left;

        Pieces(int count) {
            left = count;
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read(byte[] into, int offset, int count) {
            sent.add(stream.calls.size());
            if (left == 0) {
                return -1;
            }
            left--;
            into[offset] = 'a';
            into[offset + 1] = 'b';
            into[offset + 2] = 'c';
            return 3;
        }
    }

    @Test
    void sendsEachPieceOfAStreamOfUnknownLengthAtOnce() {
        Pieces pieces = new Pieces(2);
        respond(written(pieces, -1));
        runWorker();

        assertThat(pieces.sent).hasSize(3).startsWith(0, 1).doesNotHaveDuplicates();
    }

    @Test
    void gathersThePiecesOfAStreamOfKnownLength() {
        Pieces pieces = new Pieces(10);
        respond(written(pieces, 30));
        runWorker();

        assertThat(pieces.sent).hasSize(10).containsOnly(0);
        assertThat(stream.calls).hasSize(3).endsWith("end", "over");
    }

    // ---- what is not coded after all

    @Test
    void answers500IfAStreamEndsBeforeItsLength() {
        respond(written(new ByteArrayInputStream(repeated(99)), 100));
        runWorker();

        assertThat(stream.calls).containsExactly("whole 500 of 21 Internal Server Error", "over");
        assertThat(seen.take()).startsWith("handler failed: The body ended after 99 of 100 declared bytes");
        assertThat(context.coders().reserved()).isZero();
    }

    @Test
    void tellsAHeadRequestHowAStreamWouldBeCodedAndClosesIt() {
        List<String> closed = new ArrayList<>();
        stream.takesContent = false;
        exchange("HEAD").respond(written(closing(closed), -1));

        assertThat(stream.calls).containsExactly("begin 200 of -1", "end", "over");
        assertThat(closed).containsExactly("closed");
        assertThat(seen.take()).containsExactly("responded 200", "finished REFUSED");
        assertThat(worker).isEmpty();
    }

    @Test
    void closesAStreamThatIsNotModifiedInsteadOfCodingIt() {
        List<String> closed = new ArrayList<>();
        exchange("GET", "If-None-Match: W/\"1\"")
                .respond(written(closing(closed), -1).header("ETag", "\"1\""));

        assertThat(stream.calls).containsExactly("whole 304 of 0", "over");
        assertThat(closed).containsExactly("closed");
        assertThat(context.coders().reserved()).isZero();
    }

    @Test
    void closesAStreamForWhichTheWorkerHasNoRoom() {
        List<String> closed = new ArrayList<>();
        workerIsFull = true;
        respond(written(closing(closed), -1));

        assertThat(stream.calls).first().asString().startsWith("whole 503 ");
        assertThat(closed).containsExactly("closed");
        assertThat(seen.take()).startsWith("worker saturated", "responded 503");
        assertThat(context.coders().reserved()).isZero();
    }

    private static InputStream closing(List<String> closed) {
        return new ByteArrayInputStream(repeated(100)) {
            @Override
            public void close() {
                closed.add("closed");
            }
        };
    }

    @Test
    void answers500IfAFieldBesideCodedContentCannotBeWritten() {
        respond(text(repeated(5000)).header("Unwritable", "x"));
        runWorker();

        assertThat(stream.calls).containsExactly("whole 500 of 21 Internal Server Error", "over");
        assertThat(seen.take())
                .containsExactly("handler failed: A field that cannot be written", "responded 500", "finished REFUSED");
    }

    // ---- which form a client gets

    private Variant variant(String method, Response response, long length, String... lines) {
        Variant chosen = Variant.of(exchange(method, lines), response, length, context);
        chosen.close();
        return chosen;
    }

    @ParameterizedTest
    @CsvSource({"-1, CODED", "0, PLAIN", "29, PLAIN", "30, CODED"})
    void codesWhatIsLongEnoughToBeWorthIt(long length, Variant.Kind kind) {
        Variant chosen = variant("GET", text(new byte[0]), length);

        assertThat(chosen.kind()).isEqualTo(kind);
        assertThat(chosen.response().headers().contains("Vary")).isEqualTo(kind == Variant.Kind.CODED);
        assertThat(context.coders().reserved()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 205, 206, 304})
    void neverCodesAStatusWhoseContentIsNoneOrAPart(int status) {
        assertThat(variant("GET", text(new byte[0]).status(status), 100).kind()).isEqualTo(Variant.Kind.PLAIN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Encoding: br",
                "Content-Range: bytes 0-1/2",
                "Content-MD5: x",
                "Digest: x",
                "Content-Digest: x",
                "Repr-Digest: x",
                "Cache-Control: private, no-transform"
            })
    void neverCodesContentWhoseFieldsWouldNoLongerFit(String field) {
        String[] parts = field.split(": ", -1);

        assertThat(variant("GET", text(new byte[0]).header(parts[0], parts[1]), 100)
                        .kind())
                .isEqualTo(Variant.Kind.PLAIN);
    }

    @Test
    void prefersRangesToACodingIfTheClientAsksForThem() {
        Response tagged = text(new byte[0]).header("ETag", "\"1\"");
        String range = "Range: bytes=0-1";

        Variant chosen = variant("GET", tagged, 100, range);
        assertThat(chosen.kind()).isEqualTo(Variant.Kind.PLAIN);
        assertThat(chosen.response().headers().first("Vary")).isEqualTo("Accept-Encoding");
        assertThat(variant("HEAD", tagged, 100, range).kind()).isEqualTo(Variant.Kind.CODED);
        assertThat(variant("GET", tagged, -1, range).kind()).isEqualTo(Variant.Kind.CODED);
        assertThat(variant("GET", tagged.conditional(false), 100, range).kind()).isEqualTo(Variant.Kind.CODED);
        assertThat(variant("GET", text(new byte[0]), 100, range).kind()).isEqualTo(Variant.Kind.CODED);
    }

    @Test
    void sendsNoRangeForADateThatTheCodedFormShares() {
        String date = "Sun, 06 Nov 1994 08:49:37 GMT";
        String[] resuming = {"Range: bytes=0-1", "If-Range: " + date};
        exchange("GET", resuming).respond(text(repeated(100)).header("Last-Modified", date));
        assertThat(stream.calls).first().asString().startsWith("whole 200 of 100 ");

        stream.calls.clear();
        Response alwaysPlain = Response.bytes(repeated(100)).header("Content-Type", "image/png");
        exchange("GET", resuming).respond(alwaysPlain.header("Last-Modified", date));
        assertThat(stream.calls).first().isEqualTo("whole 206 of 2 he");
    }

    @Test
    void dropsFieldsThatDescribeTheContentWithoutItsCoding() {
        Headers fields = variant(
                        "GET",
                        text(new byte[0])
                                .header("Content-Length", "100")
                                .header("Accept-Ranges", "bytes")
                                .header("ETag", "\"1\""),
                        100)
                .response()
                .headers();

        assertThat(fields.contains("Content-Length")).isFalse();
        assertThat(fields.contains("Accept-Ranges")).isFalse();
        assertThat(fields.first("Content-Encoding")).isEqualTo("gzip");
        assertThat(fields.first("ETag")).isEqualTo("W/\"1\"");
    }

    @ParameterizedTest
    @CsvSource({"Cookie, 'Cookie, Accept-Encoding'", "accept-encoding, accept-encoding", "*, *"})
    void saysOnceThatTheFormVaries(String said, String says) {
        assertThat(variant("GET", text(new byte[0]).header("Vary", said), 100)
                        .response()
                        .headers()
                        .all("Vary"))
                .containsExactly(says);
    }

    /** Fields that nobody has checked, as those of a binding to another language. */
    private static Headers unchecked(String... namesAndValues) {
        return new Headers() {
            @Override
            public int size() {
                return namesAndValues.length / 2;
            }

            @Override
            public String name(int index) {
                return namesAndValues[2 * index];
            }

            @Override
            public String value(int index) {
                return namesAndValues[2 * index + 1];
            }
        };
    }

    @Test
    void givesItsEncoderBackIfAFieldIsInvalid() {
        Headers fields = unchecked("Content-Type", "text/plain", "ETag", "\"1\"", "X", "a\r\nb");
        exchange("GET", "If-None-Match: *")
                .respond(Response.bytes(new byte[1000]).headers(fields));

        assertThat(context.coders().reserved()).isZero();
        assertThat(stream.calls).containsExactly("whole 500 of 21 Internal Server Error", "over");
    }

    @Test
    void aConditionOnThePlainTagGetsThePlainContent() {
        Response page = Response.text("x".repeat(1000)).header("ETag", "\"1\"");
        exchange("GET", "If-Match: \"1\"").respond(page);

        assertThat(stream.calls).containsExactly("whole 200 of 1000 1000 bytes", "over");
    }
}
