package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.httpkit.server.Dispatch;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.httpkit.testkit.RawResponse.Framing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of response body, as it comes out at the client. */
final class ResponseBodyTest extends ServerTest {
    @TempDir
    Path folder;

    /** A stream that knows how much of it was read, and how often it was closed. */
    private static final class Watched extends InputStream {
        private final long length;
        private final AtomicLong read = new AtomicLong();
        private final AtomicInteger closed = new AtomicInteger();

        private Watched(long length) {
            this.length = length;
        }

        @Override
        public int read() {
            return read.get() >= length ? -1 : (int) read.getAndIncrement() & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int count) {
            long left = length - read.get();
            if (left <= 0) {
                return -1;
            }
            int taken = (int) Math.min(count, left);
            for (int i = 0; i < taken; i++) {
                target[offset + i] = (byte) (read.get() + i);
            }
            read.addAndGet(taken);
            return taken;
        }

        @Override
        public void close() {
            closed.incrementAndGet();
        }
    }

    /** Endless pieces that know whether they were closed. */
    private static final class Endless implements Iterator<Object>, AutoCloseable {
        private final AtomicInteger closed = new AtomicInteger();
        private final AtomicLong given = new AtomicLong();

        @Override
        public boolean hasNext() {
            return true;
        }

        @Override
        public Object next() {
            return "piece " + given.incrementAndGet() + "\n";
        }

        @Override
        public void close() {
            closed.incrementAndGet();
        }
    }

    private static byte[] someBytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    private HttpServer answering(Response response, Dispatch dispatch) throws IOException {
        return serve(request -> response, options -> options.dispatch(dispatch));
    }

    // ---- text, bytes, buffers

    @Test
    void sendsTextAsUtf8() throws Exception {
        RawResponse response = connect(serve(request -> Response.text("h\u00e9 \u4e16 \ud83d\ude00")))
                .send(get("/"))
                .read();

        assertThat(response.text()).isEqualTo("h\u00e9 \u4e16 \ud83d\ude00");
        assertThat(response.field("Content-Type")).isEqualTo("text/plain; charset=utf-8");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 32 * 1024, 32 * 1024 + 1, 5_000_000})
    void sendsBytes(int size) throws Exception {
        byte[] bytes = someBytes(size);
        RawClient client = connect(serve(request -> Response.bytes(bytes)));

        for (int i = 0; i < 2; i++) {
            RawResponse response = client.send(get("/")).read();
            assertThat(response.framing()).isEqualTo(Framing.LENGTH);
            assertThat(response.body()).isEqualTo(bytes);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 1_000_000})
    void sendsWhatRemainsOfABufferAndLeavesItUntouched(int size) throws Exception {
        byte[] bytes = someBytes(size);
        for (ByteBuffer buffer : List.of(
                ByteBuffer.wrap(bytes),
                ByteBuffer.allocateDirect(size).put(bytes).flip())) {
            buffer.position(2).limit(size - 3);
            RawClient client = connect(serve(request -> Response.bytes(buffer.asReadOnlyBuffer())));
            RawClient again = connect(serve(request -> Response.bytes(buffer)));

            assertThat(client.send(get("/")).read().body()).isEqualTo(Arrays.copyOfRange(bytes, 2, size - 3));
            assertThat(again.send(get("/") + get("/")).read().body()).hasSize(size - 5);
            assertThat(again.read().body()).isEqualTo(Arrays.copyOfRange(bytes, 2, size - 3));
            assertThat(buffer.position()).isEqualTo(2);
            assertThat(buffer.limit()).isEqualTo(size - 3);
        }
    }

    // ---- files

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void sendsFilesOfAllSizes(Dispatch dispatch) throws Exception {
        for (int size : new int[] {0, 1, 100_000, 25 << 20}) {
            byte[] bytes = someBytes(size);
            Path file = Files.write(folder.resolve(size + ".html"), bytes);
            RawClient client = connect(answering(Response.file(file), dispatch));

            RawResponse response = client.send(get("/")).read();

            assertThat(response.status()).isEqualTo(200);
            assertThat(response.field("Content-Type")).isEqualTo("text/html; charset=utf-8");
            assertThat(response.fields("Content-Length")).containsExactly(Integer.toString(size));
            assertThat(Arrays.equals(response.body(), bytes)).isTrue();
            assertThat(client.send(request("HEAD / HTTP/1.1"))
                            .readToHeadRequest()
                            .field("Content-Length"))
                    .isEqualTo(Integer.toString(size));
            assertThat(client.send(get("/")).read().body()).hasSize(size);
        }
    }

    /** Below /proc most files have a length of 0, and below /sys many 4096. Others have their own, but the system does not send them. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/proc/version",
                "/proc/kallsyms",
                "/proc/config.gz",
                "/sys/kernel/mm/transparent_hugepage/enabled"
            })
    void sendsAFileWhoseLengthIsToldWronglyToItsEnd(String name) throws Exception {
        Path file = Path.of(name);
        assumeTrue(Files.isReadable(file));
        RawClient client = connect(answering(Response.file(file), Dispatch.ADAPTIVE));

        RawResponse response = client.send(get("/")).read();

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.isComplete()).isTrue();
        assertThat(response.body()).isNotEmpty().isEqualTo(Files.readAllBytes(file));
        assertThat(client.send(request("HEAD / HTTP/1.1")).readToHeadRequest().fields("Content-Length"))
                .isEqualTo(response.fields("Content-Length"));
        assertThat(client.send(get("/")).read().body()).isEqualTo(response.body());
    }

    @Test
    void answers404ForAFileThatIsMissingOrNoFile() throws Exception {
        RawClient missing = connect(serve(request -> Response.file(folder.resolve("missing"))));
        RawClient directory = connect(serve(request -> Response.file(folder)));

        for (RawClient client : List.of(missing, directory)) {
            RawResponse response = client.send(get("/")).read();
            assertThat(response.status()).isEqualTo(404);
            assertThat(response.fields("Content-Length")).containsExactly("0");
            assertThat(client.send(get("/")).read().status()).isEqualTo(404);
        }
    }

    // ---- streams

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void chunksAStreamOfUnknownLengthAndClosesIt(Dispatch dispatch) throws Exception {
        Watched stream = new Watched(1_000_000);
        RawClient client = connect(answering(Response.stream(stream), dispatch));

        RawResponse response = client.send(get("/")).read();

        assertThat(response.framing()).isEqualTo(Framing.CHUNKED);
        assertThat(response.isComplete()).isTrue();
        assertThat(response.body()).isEqualTo(new Watched(1_000_000).readAllBytes());
        eventually(() -> assertThat(stream.closed).hasValue(1));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 5, 1_000_000})
    void declaresTheLengthOfAStreamThatKnowsIt(long length) throws Exception {
        Watched stream = new Watched(length);
        RawClient client = connect(serve(request -> Response.stream(stream, length)));

        RawResponse response = client.send(get("/")).read();

        assertThat(response.fields("Content-Length")).containsExactly(Long.toString(length));
        assertThat(response.isComplete()).isTrue();
        eventually(() -> assertThat(stream.closed).hasValue(1));
    }

    @Test
    void sendsNoMoreOfAStreamThanWasDeclared() throws Exception {
        Watched stream = new Watched(Long.MAX_VALUE);
        RawClient client = connect(
                serve(request -> request.path().equals("/") ? Response.stream(stream, 10) : Response.text("next")));

        assertThat(client.send(get("/")).read().body()).hasSize(10);
        assertThat(client.send(get("/next")).read().text()).isEqualTo("next");
        eventually(() -> assertThat(stream.closed).hasValue(1));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 3, 100_000})
    void closesTheConnectionIfAStreamIsShorterThanDeclared(long actual) throws Exception {
        Watched stream = new Watched(actual);
        RawClient client = connect(serve(request -> Response.stream(stream, 200_000)));

        client.send(get("/"));

        try {
            RawResponse response = client.read();
            assertThat(response.isComplete() && response.status() == 200).isFalse();
        } catch (EOFException e) {
            // Closed before anything was sent: the client cannot take that for an answer either.
        }
        eventually(() -> assertThat(stream.closed).hasValue(1));
        assertThat(observer.handlerFailures()).hasSize(1);
    }

    @Test
    void cutsAResponseWhoseStreamFailsMidway() throws Exception {
        AtomicInteger closed = new AtomicInteger();
        InputStream failing = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("the disk is gone");
            }

            @Override
            public int read(byte[] target, int offset, int count) throws IOException {
                return read();
            }

            @Override
            public void close() {
                closed.incrementAndGet();
            }
        };
        RawClient client = connect(serve(request ->
                Response.stream(new SequenceInputStream(new ByteArrayInputStream(someBytes(100_000)), failing))));

        RawResponse response = client.send(get("/")).read();

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.isComplete()).isFalse();
        assertThat(observer.handlerFailures()).hasSize(1);
        eventually(() -> assertThat(closed).hasValueGreaterThan(0));
    }

    @Test
    void closesAStreamThatIsNotReadForHead() throws Exception {
        Watched stream = new Watched(1000);
        RawClient client = connect(serve(request -> Response.stream(stream, 1000)));

        RawResponse response = client.send(request("HEAD / HTTP/1.1")).readToHeadRequest();

        assertThat(response.field("Content-Length")).isEqualTo("1000");
        eventually(() -> assertThat(stream.closed).hasValue(1));
        assertThat(stream.read).hasValue(0);
    }

    @Test
    void closesAStreamThatA204DoesNotSend() throws Exception {
        Watched stream = new Watched(1000);
        RawClient client = connect(serve(request -> Response.stream(stream).status(204)));

        client.send(get("/")).read();

        eventually(() -> assertThat(stream.closed).hasValue(1));
    }

    @Test
    void closesAStreamWhoseClientLeaves() throws Exception {
        Watched stream = new Watched(Long.MAX_VALUE);
        HttpServer server = serve(request -> Response.stream(stream));
        RawClient client = connect(server).send(get("/"));
        client.readHead();

        client.close();

        eventually(() -> assertThat(stream.closed).hasValue(1));
        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
        assertThat(observer.handlerFailures()).as("a client may leave").isEmpty();
    }

    @Test
    void readsAStreamOnlyAsFastAsTheClient() throws Exception {
        Watched stream = new Watched(Long.MAX_VALUE);
        RawClient client =
                connect(serve(request -> Response.stream(stream)), 64 * 1024).send(get("/"));
        client.readHead();

        assertStandsStill(stream.read);

        assertThat(stream.read.get()).isLessThan(16 << 20);
    }

    // ---- pieces

    @Test
    void sendsPiecesOfEveryKind() throws Exception {
        Iterable<?> pieces = List.of(
                "text ",
                CharBuffer.wrap("characters "),
                "bytes ".getBytes(StandardCharsets.UTF_8),
                ByteBuffer.wrap("buffer ".getBytes(StandardCharsets.UTF_8)),
                42,
                "",
                '!');
        RawClient client = connect(serve(request -> Response.pieces(pieces)));

        assertThat(client.send(get("/")).read().text()).isEqualTo("text characters bytes buffer 42!");
        assertThat(client.send(get("/")).read().text()).isEqualTo("text characters bytes buffer 42!");
    }

    @Test
    void sendsAnEmptyBodyForNoPieces() throws Exception {
        RawClient client = connect(serve(request -> Response.pieces(List.of())));

        RawResponse response = client.send(get("/")).read();

        assertThat(response.isComplete()).isTrue();
        assertThat(response.body()).isEmpty();
    }

    @Test
    void sendsEachPieceAtOnce() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        Iterator<String> iterator = new Iterator<>() {
            private int given;

            @Override
            public boolean hasNext() {
                return given < 2;
            }

            @Override
            public String next() {
                if (given++ == 0) {
                    return "first";
                }
                try {
                    ServerTest.await(release);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                return "second";
            }
        };
        Iterable<String> pieces = () -> iterator;
        RawClient client = connect(serve(request -> Response.pieces(pieces))).send(get("/"));

        client.readHead();
        assertThat(client.readChunk()).asString(StandardCharsets.UTF_8).isEqualTo("first");
        release.countDown();
        assertThat(client.readChunk()).asString(StandardCharsets.UTF_8).isEqualTo("second");
        assertThat(client.readChunk()).isEmpty();
    }

    @Test
    void sendsEndlessPiecesUntilTheClientLeaves() throws Exception {
        Endless pieces = new Endless();
        HttpServer server = serve(request -> Response.pieces(once(pieces)));
        RawClient client = connect(server).send(get("/"));
        client.readHead();
        for (int i = 1; i <= 1000; i++) {
            assertThat(client.readChunk()).asString(StandardCharsets.UTF_8).isEqualTo("piece " + i + "\n");
        }

        client.close();

        eventually(() -> assertThat(pieces.closed).hasValue(1));
        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
        assertThat(observer.handlerFailures()).isEmpty();
    }

    @Test
    void pullsPiecesOnlyAsFastAsTheClientTakesThem() throws Exception {
        Endless pieces = new Endless();
        RawClient client = connect(serve(request -> Response.pieces(once(pieces))), 64 * 1024);
        client.send(get("/")).readHead();

        assertStandsStill(pieces.given);

        client.reset();
        eventually(() -> assertThat(pieces.closed).hasValue(1));
    }

    @Test
    void cutsAResponseWhosePiecesFailMidway() throws Exception {
        Iterable<Object> failing = () -> new Iterator<>() {
            private int given;

            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public Object next() {
                if (given++ == 3) {
                    throw new IllegalStateException("no more");
                }
                return "piece";
            }
        };
        RawClient client = connect(serve(request -> Response.pieces(failing)));

        RawResponse response = client.send(get("/")).read();

        assertThat(response.isComplete()).isFalse();
        assertThat(observer.handlerFailures()).singleElement().isInstanceOf(IllegalStateException.class);
    }

    // ---- written bodies

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void sendsWhatIsWritten(Dispatch dispatch) throws Exception {
        byte[] large = someBytes(300_000);
        RawClient client = connect(answering(
                Response.stream(out -> {
                    out.write('a');
                    out.write("bc".getBytes(StandardCharsets.UTF_8));
                    out.write(large);
                    out.write(large, 5, 10);
                }),
                dispatch));

        RawResponse response = client.send(get("/")).read();

        assertThat(response.isComplete()).isTrue();
        assertThat(response.body()).hasSize(300_013).startsWith('a', 'b', 'c');
        assertThat(Arrays.copyOfRange(response.body(), 3, 300_003)).isEqualTo(large);
    }

    @Test
    void sendsWhatGatheredWhenFlushed() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        RawClient client = connect(serve(request -> Response.stream(out -> {
            out.write("now".getBytes(StandardCharsets.UTF_8));
            out.flush();
            try {
                await(release);
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            out.write("later".getBytes(StandardCharsets.UTF_8));
        })));

        client.send(get("/")).readHead();
        assertThat(client.readChunk()).asString(StandardCharsets.UTF_8).isEqualTo("now");
        release.countDown();
        assertThat(client.readChunk()).asString(StandardCharsets.UTF_8).isEqualTo("later");
    }

    @Test
    void holdsAWriterWhoseClientDoesNotRead() throws Exception {
        AtomicLong written = new AtomicLong();
        AtomicInteger failed = new AtomicInteger();
        HttpServer server = serve(request -> Response.stream(out -> {
            try {
                writeForEver(out, written);
            } catch (IOException e) {
                failed.incrementAndGet();
                throw e;
            }
        }));
        RawClient client = connect(server, 64 * 1024).send(get("/"));
        client.readHead();

        assertStandsStill(written);
        assertThat(written.get()).isLessThan(16 << 20);
        client.reset();

        eventually(() -> assertThat(failed).hasValue(1));
        eventually(() -> assertThat(server.stats().connectionsOpen()).isZero());
        assertThat(observer.handlerFailures()).isEmpty();
    }

    @Test
    void answers500IfTheWriterFailsBeforeAnythingLeft() throws Exception {
        RawClient client = connect(serve(request -> Response.stream(out -> {
            out.write('x');
            throw new IOException("secret");
        })));

        RawResponse response = client.send(get("/")).read();

        assertThat(response.status()).isEqualTo(500);
        assertThat(response.text()).doesNotContain("secret");
        assertThat(observer.handlerFailures()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void whatAWriterWritesAfterItsFailureReachesNobody(Dispatch dispatch) throws Exception {
        AtomicReference<OutputStream> kept = new AtomicReference<>();
        HttpServer server = serve(
                request -> {
                    if (request.path().equals("/failing")) {
                        return Response.stream(out -> {
                            kept.set(out);
                            throw new IllegalStateException("It took too long");
                        });
                    }
                    return Response.text(request.path());
                },
                options -> options.dispatch(dispatch));
        RawClient client = connect(server);
        assertThat(client.send(get("/failing")).read().status()).isEqualTo(500);

        assertThatIOException().isThrownBy(() -> kept.get().write(new byte[9000]));

        assertThat(client.send(get("/next")).read().text()).isEqualTo("/next");
    }

    @Test
    void closesTheBodiesOfManyRequestsOnOneConnection() throws Exception {
        AtomicInteger open = new AtomicInteger();
        HttpServer server = serve(request -> {
            open.incrementAndGet();
            return Response.stream(new ByteArrayInputStream(someBytes(100)) {
                @Override
                public void close() {
                    open.decrementAndGet();
                }
            });
        });
        RawClient client = connect(server);

        for (int i = 0; i < 200; i++) {
            assertThat(client.send(get("/")).read().body()).hasSize(100);
        }

        eventually(() -> assertThat(open).hasValue(0));
    }

    private static Iterable<Object> once(Iterator<Object> iterator) {
        return () -> iterator;
    }

    private static void writeForEver(OutputStream out, AtomicLong written) throws IOException {
        byte[] bytes = new byte[10_000];
        while (true) {
            out.write(bytes);
            written.addAndGet(bytes.length);
        }
    }

    /** Waits until a counter has moved, and then no more for a while. */
    private static void assertStandsStill(AtomicLong counter) {
        long[] last = {-1, System.nanoTime()};
        eventually(() -> {
            long now = counter.get();
            if (now != last[0]) {
                last[0] = now;
                last[1] = System.nanoTime();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - last[1])).isGreaterThan(Duration.ofMillis(250));
        });
    }
}
