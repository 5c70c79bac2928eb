package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.httpkit.server.CloseReason;
import org.httpkit.server.Dispatch;
import org.httpkit.server.FinishedExchange;
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

/** Files that cannot be opened or read: what client and observer learn, and what becomes of the connection. */
class FileFailureTest extends ServerTest {
    private static final int STREAMED_BYTES = 4 << 20;
    private static final int MAPPED_BYTES = 24 << 20;

    /** For many megabytes on a machine that is busy. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final IOException DISK_ERROR = new IOException("Input/output error");

    @TempDir
    private Path folder;

    private Path file(int bytes) throws IOException {
        Path file = folder.resolve("secret.bin");
        try (RandomAccessFile made = new RandomAccessFile(file.toFile(), "rw")) {
            made.setLength(bytes);
        }
        return file;
    }

    private static void cut(Path file, int bytes) throws IOException {
        try (RandomAccessFile cut = new RandomAccessFile(file.toFile(), "rw")) {
            cut.setLength(bytes);
        }
    }

    private HttpServer serve(FaultyFile file, Dispatch dispatch) throws IOException {
        return serve(
                request -> request.path().equals("/file") ? Response.file(file.path()) : Response.text("fine"),
                options -> options.dispatch(dispatch));
    }

    // ---- before the answer has begun

    @ParameterizedTest
    @ValueSource(
            strings = {
                "missing",
                ".",
                "missing/below",
                "secret.bin/below",
                "secret.bin/below/that",
                "LONG",
                "LONG/below"
            })
    void answers404WithoutAWordForWhatIsNoFile(String name) throws Exception {
        Path path = file(1).resolveSibling(name.replace("LONG", "x".repeat(300)));
        RawClient client = connect(serve(request -> Response.file(path)));

        assertThat(client.send(get("/")).read().status()).isEqualTo(404);
        assertThat(client.send(get("/")).read().status()).isEqualTo(404);
        assertThat(observer.handlerFailures()).isEmpty();
    }

    /** A 404 would have clients and caches believe that it is gone. */
    @ParameterizedTest
    @CsvSource({
        "LOOK, ADAPTIVE", "LOOK, INLINE", "LOOK, WORKER",
        "OPEN, ADAPTIVE", "OPEN, INLINE", "OPEN, WORKER",
        "SIZE, ADAPTIVE", "SIZE, INLINE", "SIZE, WORKER"
    })
    void answers500ForAFileThatCannotBeOpened(FaultyFile.Operation operation, Dispatch dispatch) throws Exception {
        FaultyFile file = new FaultyFile(file(1000));
        HttpServer server = serve(file, dispatch);
        RawClient client = connect(server);
        String name = file.path().toString();

        for (IOException failure : new IOException[] {
            new AccessDeniedException(name), new FileSystemException(name, null, "Too many open files"), DISK_ERROR
        }) {
            file.failing(operation, 0, failure);
            RawResponse answer = client.send(get("/file")).read();

            assertThat(answer.status()).isEqualTo(500);
            assertThat(answer.text()).doesNotContain("secret").doesNotContain("open");
            eventually(() -> assertThat(observer.handlerFailures()).endsWith(failure));
        }
        assertThat(client.send(get("/")).read().text()).isEqualTo("fine");
        assertThat(observer.handlerFailures()).hasSize(3);
        assertThat(file.openChannels()).isZero();
    }

    @Test
    void answers404ForALinkThatLeadsNowhereElse() throws Exception {
        Path link = folder.resolve("link");
        Files.createSymbolicLink(link, link);
        RawClient client = connect(serve(request -> Response.file(link)));

        assertThat(client.send(get("/")).read().status()).isEqualTo(404);
        assertThat(observer.handlerFailures()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Dispatch.class)
    void answers500IfTheFieldsOfAFileCannotBeWritten(Dispatch dispatch) throws Exception {
        FaultyFile file = new FaultyFile(file(1000));
        Response response = Response.file(file.path()).headers(new UncheckedField("X", "a\r\nb"));
        RawClient client = connect(serve(request -> response, options -> options.dispatch(dispatch)));

        assertThat(client.send(get("/")).read().status()).isEqualTo(500);
        assertThat(client.send(get("/")).read().status()).isEqualTo(500);
        assertThat(file.openChannels()).isZero();
    }

    // ---- afterwards

    @ParameterizedTest
    @CsvSource({
        STREAMED_BYTES + ", TRANSFER, 0, ADAPTIVE",
        STREAMED_BYTES + ", TRANSFER, 0, INLINE",
        STREAMED_BYTES + ", TRANSFER, 0, WORKER",
        STREAMED_BYTES + ", TRANSFER, 3, ADAPTIVE",
        STREAMED_BYTES + ", TRANSFER, 3, INLINE",
        STREAMED_BYTES + ", TRANSFER, 3, WORKER",
        MAPPED_BYTES + ", SIZE, 1, WORKER",
        MAPPED_BYTES + ", SIZE, 5, ADAPTIVE",
        MAPPED_BYTES + ", SIZE, 5, INLINE",
        MAPPED_BYTES + ", SIZE, 5, WORKER",
        MAPPED_BYTES + ", MAP, 0, ADAPTIVE",
        MAPPED_BYTES + ", MAP, 0, INLINE",
        MAPPED_BYTES + ", MAP, 0, WORKER"
    })
    void cutsTheAnswerAndTellsIfTheFileCannotBeRead(
            int bytes, FaultyFile.Operation operation, int times, Dispatch dispatch) throws Exception {
        assumeTrue(operation != FaultyFile.Operation.MAP || mapsFaultyFiles());
        observer.recordExchanges();
        FaultyFile file = new FaultyFile(file(bytes))
                .failing(operation, times, DISK_ERROR)
                .failing(FaultyFile.Operation.READ, 0, DISK_ERROR);
        HttpServer server = serve(file, dispatch);
        RawClient other = connect(server);
        RawClient client = connect(server, 65536).patience(PATIENCE);

        assertThat(client.send(get("/file")).readHead().field("Content-Length")).isEqualTo(Integer.toString(bytes));
        assertThat(client.skipToEnd()).isLessThan(bytes);

        assertTold(file, DISK_ERROR);
        eventually(() -> assertThat(server.stats().connectionsOpen()).isEqualTo(1));
        assertThat(other.send(get("/")).read().text()).isEqualTo("fine");
    }

    /** From JDK 22 on a file is mapped by a method that only the JDK's own channels have. */
    private static boolean mapsFaultyFiles() {
        return Runtime.version().feature() < 22;
    }

    private void assertTold(FaultyFile file, IOException cause) {
        eventually(() -> assertThat(observer.exchanges()).singleElement().satisfies(exchange -> {
            assertThat(exchange.status()).isEqualTo(200);
            assertThat(exchange.outcome()).isEqualTo(FinishedExchange.Outcome.CUT);
        }));
        assertThat(observer.handlerFailures()).singleElement().satisfies(failure -> {
            assertThat(failure).hasMessageContaining(file.path().toString()).isInstanceOf(IOException.class);
            assertThat(failure.getCause()).isEqualTo(cause);
        });
        eventually(() -> assertThat(observer.closed()).containsExactly(CloseReason.Cause.HANDLER_ERROR));
        assertThat(file.openChannels()).isZero();
    }

    @Test
    void tellsIfItCannotLearnWhereAFileEnds() throws Exception {
        observer.recordExchanges();
        FaultyFile file = new FaultyFile(file(STREAMED_BYTES)).failing(FaultyFile.Operation.SIZE, 1, DISK_ERROR);
        RawClient client = connect(serve(file, Dispatch.WORKER), 65536).patience(PATIENCE);
        client.send(get("/file")).readHead();

        cut(file.real(), 0);

        assertThat(client.skipToEnd()).isLessThan(STREAMED_BYTES);
        assertTold(file, DISK_ERROR);
    }

    /** The kernel says "Bad address" of the socket's write when it cannot read the memory that a file is mapped to. */
    @Test
    void tellsOfAMappedFileWhoseMemoryCannotBeRead() throws Exception {
        assumeTrue(mapsFaultyFiles());
        Path real = file(MAPPED_BYTES);
        FaultyFile file = new FaultyFile(real).failing(FaultyFile.Operation.READ, 0, DISK_ERROR);
        HttpServer server = serve(file, Dispatch.WORKER);
        RawClient client = connect(server, 65536).patience(PATIENCE);
        client.send(get("/file")).readHead();

        // Its length is still told as it was, and the mapping leads to where nothing is.
        cut(real, 0);

        assertThat(client.skipToEnd()).isLessThan(MAPPED_BYTES);
        eventually(() -> assertThat(observer.handlerFailures()).singleElement().satisfies(failure -> assertThat(failure)
                .hasMessageContaining("cannot be read from byte")));
        assertThat(file.openChannels()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {STREAMED_BYTES, MAPPED_BYTES})
    void tellsOfAFileThatIsCutMeanwhile(int bytes) throws Exception {
        Path file = file(bytes);
        RawClient client = connect(serve(request -> Response.file(file)), 65536).patience(PATIENCE);
        client.send(get("/")).readHead();

        cut(file, 5000);

        assertThat(client.skipToEnd()).isLessThan(bytes);
        eventually(() -> assertThat(observer.handlerFailures()).singleElement().satisfies(failure -> assertThat(failure)
                .hasMessageContaining("was cut to 5000 bytes")));
    }

    @ParameterizedTest
    @CsvSource({
        STREAMED_BYTES + ", ADAPTIVE",
        STREAMED_BYTES + ", WORKER",
        MAPPED_BYTES + ", ADAPTIVE",
        MAPPED_BYTES + ", WORKER"
    })
    void blamesNoFileForAClientThatGoesAway(int bytes, Dispatch dispatch) throws Exception {
        FaultyFile file = new FaultyFile(file(bytes));
        HttpServer server = serve(file, dispatch);
        for (int i = 0; i < 10; i++) {
            RawClient client = connect(server, 65536);
            client.send(get("/file")).readHead();
            client.reset();
        }

        eventually(() -> assertThat(observer.closed()).hasSize(10));
        eventually(() -> assertThat(file.openChannels()).isZero());
        assertThat(observer.handlerFailures()).isEmpty();
        assertThat(observer.closed()).doesNotContain(CloseReason.Cause.HANDLER_ERROR);
    }

    // ---- other file systems

    @Test
    void sendsALargeFileOfAnArchiveWhichCannotBeMapped() throws Exception {
        URI archive = URI.create("jar:" + folder.resolve("archive.zip").toUri());
        try (FileSystem made = FileSystems.newFileSystem(archive, Map.of("create", "true"))) {
            Files.copy(file(MAPPED_BYTES), made.getPath("/large"));
        }
        FileSystem opened = closeLater(FileSystems.newFileSystem(archive, Map.of()));
        Path large = opened.getPath("/large");
        RawClient client = connect(serve(request -> Response.file(large))).patience(PATIENCE);

        assertThat(client.send(get("/")).readHead().field("Content-Length")).isEqualTo(Integer.toString(MAPPED_BYTES));
        assertThat(client.readBytes(MAPPED_BYTES)).hasSize(MAPPED_BYTES);
        assertThat(observer.handlerFailures()).isEmpty();
    }
}
