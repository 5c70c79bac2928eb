package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.httpkit.server.Dispatch;
import org.httpkit.server.Handler;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files, memory, threads and handlers that fail: the exchange ends, and the server goes on. */
class ResourceFailureTest extends ServerTest {
    private static final int STREAMED_BYTES = 16 << 20;
    private static final int MAPPED_BYTES = 24 << 20;

    /** For many megabytes on a machine that is busy. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private Path file(int bytes) throws IOException {
        Path file = folder.resolve("file");
        try (RandomAccessFile made = new RandomAccessFile(file.toFile(), "rw")) {
            made.setLength(bytes);
        }
        return file;
    }

    private static void truncate(Path file, int bytes) throws IOException {
        try (RandomAccessFile cut = new RandomAccessFile(file.toFile(), "rw")) {
            cut.setLength(bytes);
        }
    }

    // ---- files

    /** In mapped memory, too: there the cut-off part must not be touched, which would end the JVM's thread or worse. */
    @ParameterizedTest
    @CsvSource({STREAMED_BYTES + ",0", STREAMED_BYTES + ",5000", MAPPED_BYTES + ",0", MAPPED_BYTES + ",5000"})
    void cutsTheAnswerIfItsFileIsCutMeanwhile(int bytes, int cutTo) throws Exception {
        Path file = file(bytes);
        HttpServer server = serve(request -> request.path().equals("/file") ? Response.file(file) : null);
        RawClient client = connect(server, 65536).patience(PATIENCE);
        assertThat(client.send(get("/file")).readHead().field("Content-Length")).isEqualTo(Integer.toString(bytes));

        truncate(file, cutTo);

        assertThat(client.skipToEnd()).isLessThan(bytes);
        assertThat(connect(server).send(get("/")).read().status()).isEqualTo(404);
        client.close();
        eventually(() -> assertThat(server.stats().connectionsOpen()).isEqualTo(1));
    }

    @ParameterizedTest
    @ValueSource(ints = {STREAMED_BYTES, MAPPED_BYTES})
    void sendsAllOfAFileThatIsDeletedMeanwhile(int bytes) throws Exception {
        Path file = file(bytes);
        RawClient client = connect(serve(request -> Response.file(file)), 65536).patience(PATIENCE);
        client.send(get("/")).readHead();

        Files.delete(file);

        assertThat(client.readBytes(bytes)).hasSize(bytes);
    }

    @Test
    void sendsNoMoreThanItHasAnnouncedOfAFileThatGrows() throws Exception {
        Path file = file(STREAMED_BYTES);
        HttpServer server =
                serve(request -> request.path().equals("/file") ? Response.file(file) : Response.text("next"));
        RawClient client = connect(server, 65536).patience(PATIENCE);
        client.send(get("/file") + get("/")).readHead();

        truncate(file, 2 * STREAMED_BYTES);

        assertThat(client.readBytes(STREAMED_BYTES)).hasSize(STREAMED_BYTES);
        assertThat(client.read().text()).isEqualTo("next");
    }

    /** The server itself writes no files: a full disk is the handler's to meet. */
    @Test
    void answers500IfTheHandlersDiskIsFull() throws Exception {
        assumeTrue(Files.exists(Path.of("/dev/full")));
        HttpServer server = serve(Handler.streaming(request -> {
            try (OutputStream disk = new FileOutputStream("/dev/full")) {
                request.body().stream().transferTo(disk);
            }
            return Response.text("stored");
        }));
        RawClient client = connect(server);

        assertThat(client.send(post("/", "x".repeat(10_000))).read().status()).isEqualTo(500);
        assertThat(client.send(post("/", "x".repeat(10_000))).read().status()).isEqualTo(500);
        assertThat(observer.handlerFailures()).hasSize(2).allMatch(failure -> failure instanceof IOException);
    }

    // ---- memory

    /** A direct buffer whose memory its owner has taken back; such can be had from JDK 22 on. */
    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void cutsAnAnswerWhoseMemoryIsNoLongerThere(Dispatch dispatch) throws Exception {
        assumeTrue(Runtime.version().feature() >= 22);
        ByteBuffer closed = bufferOfAClosedArena(1 << 20);
        HttpServer server = serve(
                request -> request.path().equals("/closed") ? Response.bytes(closed) : Response.text("fine"),
                options -> options.dispatch(dispatch));
        RawClient client = connect(server);

        assertThat(client.send(get("/closed")).skipToEnd()).isLessThan(1 << 20);
        assertThat(connect(server).send(get("/")).read().text()).isEqualTo("fine");
        eventually(() -> assertThat(server.stats().exchangesRunning()).isZero());
        eventually(() -> assertThat(server.stats().queuedBytes()).isZero());
        eventually(() -> assertThat(observer.loopFailures()).isNotEmpty());
        assertThat(observer.takeLoopFailures()).singleElement().isInstanceOf(IllegalStateException.class);
    }

    private static ByteBuffer bufferOfAClosedArena(int bytes) throws Exception {
        Class<?> arenaType = Class.forName("java.lang.foreign.Arena");
        Class<?> segmentType = Class.forName("java.lang.foreign.MemorySegment");
        Method allocate = arenaType.getMethod("allocate", long.class);
        Object arena = arenaType.getMethod("ofShared").invoke(null);
        Object segment = allocate.invoke(arena, (long) bytes);
        ByteBuffer buffer = (ByteBuffer) segmentType.getMethod("asByteBuffer").invoke(segment);
        arenaType.getMethod("close").invoke(arena);
        return buffer;
    }

    // ---- threads

    /** An executor of the application's own lets through what the JDK throws when the system refuses it a thread. */
    @ParameterizedTest
    @EnumSource(value = Dispatch.class, names = "INLINE", mode = EnumSource.Mode.EXCLUDE)
    void answers503IfTheExecutorFails(Dispatch dispatch) throws Exception {
        AtomicInteger failures = new AtomicInteger(3);
        Executor executor = task -> {
            if (failures.getAndDecrement() > 0) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            task.run();
        };
        HttpServer server = serve(request -> Response.text("fine"), options -> options.worker(executor)
                .dispatch(dispatch));
        RawClient client = connect(server);

        for (int i = 0; i < 3; i++) {
            assertThat(client.send(get("/")).read().status()).isEqualTo(503);
        }
        assertThat(client.send(get("/")).read().text()).isEqualTo("fine");
        eventually(() -> assertThat(server.stats().exchangesRunning()).isZero());
        assertThat(observer.takeLoopFailures()).hasSize(3).allMatch(failure -> failure instanceof OutOfMemoryError);
    }

    // ---- handlers

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void answersForWhateverIsThrown(Dispatch dispatch) throws Exception {
        Handler handler = request -> {
            switch (request.path()) {
                case "/memory" -> throw new OutOfMemoryError("on purpose");
                case "/stack" -> recurse(1);
                case "/death" -> throw new ThreadDeath();
                case "/link" -> throw new NoClassDefFoundError("on purpose");
                case "/assertion" -> throw new AssertionError("on purpose");
                case "/undeclared" -> throw sneaky(new InterruptedException("on purpose"));
                case "/throwable" -> throw sneaky(new Throwable("on purpose"));
                default -> {}
            }
            return Response.text("fine");
        };
        RawClient client = connect(serve(handler, options -> options.dispatch(dispatch)));

        for (String path : new String[] {"memory", "stack", "death", "link", "assertion", "undeclared", "throwable"}) {
            RawResponse answer = client.send(get("/" + path)).read();
            assertThat(answer.status()).as(path).isEqualTo(500);
            assertThat(answer.text()).doesNotContain("purpose");
            assertThat(client.send(get("/")).read().text()).isEqualTo("fine");
        }
        assertThat(observer.handlerFailures()).hasSize(7);
    }

    private static int recurse(int depth) {
        return depth < 0 ? 0 : depth + recurse(depth + 1); // ends long after the stack has
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> RuntimeException sneaky(Throwable thrown) throws T {
        throw (T) thrown;
    }

    /** Whatever the interrupt was for, it was not for the answer. */
    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void answersInFullForAHandlerThatLeavesAnInterruptBehind(Dispatch dispatch) throws Exception {
        Path file = Files.write(folder.resolve("small"), new byte[100_000]);
        Handler handler = request -> {
            Thread.currentThread().interrupt();
            return switch (request.path()) {
                case "/file" -> Response.file(file);
                case "/stream" -> Response.stream(out -> out.write(new byte[100_000]));
                case "/pieces" -> Response.pieces(Collections.nCopies(10, new byte[10_000]));
                default -> Response.bytes(new byte[100_000]);
            };
        };
        RawClient client = connect(serve(handler, options -> options.dispatch(dispatch)));

        for (String path : new String[] {"/", "/file", "/stream", "/pieces", "/"}) {
            RawResponse answer = client.send(get(path)).read();
            assertThat(answer.status()).as(path).isEqualTo(200);
            assertThat(answer.isComplete()).as(path).isTrue();
            assertThat(answer.body()).as(path).hasSize(100_000);
        }
    }
}
