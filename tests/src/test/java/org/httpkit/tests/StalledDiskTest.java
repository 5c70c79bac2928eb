package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.httpkit.server.Dispatch;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A disk that does not answer holds nobody but those who wait for its files. */
@PlainText("It waits for each operation on a file by its name, and over TLS the server uses others")
final class StalledDiskTest extends ServerTest {
    private static final int STREAMED_BYTES = 16 << 20;
    private static final int MAPPED_BYTES = 24 << 20;
    private static final int SMALL_BUFFER_BYTES = 4096;

    private final CountDownLatch answers = new CountDownLatch(1);

    @TempDir
    private Path folder;

    @AfterEach
    void letTheDiskAnswer() {
        answers.countDown();
    }

    private FaultyFile file(int bytes) throws IOException {
        Path file = folder.resolve("large.bin");
        try (RandomAccessFile made = new RandomAccessFile(file.toFile(), "rw")) {
            made.setLength(bytes);
        }
        return new FaultyFile(file);
    }

    private HttpServer serve(FaultyFile file, Dispatch dispatch) throws IOException {
        return serve(
                request -> request.path().equals("/file") ? Response.file(file.path()) : Response.text("fine"),
                options -> options.dispatch(dispatch).eventLoops(1).closeTimeout(Duration.ofMillis(200)));
    }

    /** A client whose file stalls where the loop had to go on with it, since the client took it slowly at first. */
    private RawClient stall(HttpServer server, FaultyFile file) throws Exception {
        RawClient client = connect(server, SMALL_BUFFER_BYTES).send(get("/file"));
        readUntilItStalls(client, file);
        return client;
    }

    /** Returns how many bytes have come; the last of them may come before the disk stalls. */
    private static long readUntilItStalls(RawClient client, FaultyFile file) throws IOException {
        byte[] some = new byte[64 * 1024];
        long bytes = 0;
        while (file.stalled().getCount() > 0) {
            if (!client.staysQuiet(Duration.ofMillis(10))) {
                int count = client.read(some);
                assertThat(count).isPositive();
                bytes += count;
            }
        }
        return bytes;
    }

    private static void assertServes(RawClient client) throws IOException {
        assertThat(client.send(get("/")).read().text()).isEqualTo("fine");
    }

    @ParameterizedTest
    @CsvSource({
        "ADAPTIVE, TRANSFER, 3, 16777216", "ADAPTIVE, SIZE, 4, 25165824",
        "WORKER, TRANSFER, 3, 16777216", "WORKER, SIZE, 4, 25165824",
        "INLINE, TRANSFER, 3, 16777216", "INLINE, SIZE, 4, 25165824"
    })
    void holdsNoOtherClientOfTheLoop(Dispatch dispatch, FaultyFile.Operation operation, int times, int bytes)
            throws Exception {
        FaultyFile file = file(bytes).stalling(operation, times, answers);
        HttpServer server = serve(file, dispatch);
        RawClient other = connect(server);
        assertServes(other);

        stall(server, file);

        assertServes(other);
        assertServes(connect(server));
    }

    @ParameterizedTest
    @EnumSource
    void holdsNoOtherClientWhenItsOwnLeaves(Dispatch dispatch) throws Exception {
        FaultyFile file = file(STREAMED_BYTES).stalling(FaultyFile.Operation.TRANSFER, 3, answers);
        HttpServer server = serve(file, dispatch);
        RawClient other = connect(server);

        stall(server, file).reset();

        eventually(() -> assertThat(server.stats().connectionsOpen()).isEqualTo(1));
        assertServes(other);
        answers.countDown();
        eventually(() -> assertThat(file.openChannels()).isZero());
    }

    @ParameterizedTest
    @EnumSource
    void doesNotHoldTheStop(Dispatch dispatch) throws Exception {
        FaultyFile file = file(MAPPED_BYTES).stalling(FaultyFile.Operation.SIZE, 4, answers);
        HttpServer server = serve(file, dispatch);
        RawClient client = stall(server, file);

        server.stop(Duration.ofMillis(100)).get(10, TimeUnit.SECONDS);

        client.skipToEnd();
        answers.countDown();
        eventually(() -> assertThat(file.openChannels()).isZero());
    }

    @ParameterizedTest
    @EnumSource
    void goesOnWhenTheDiskAnswers(Dispatch dispatch) throws Exception {
        FaultyFile file = file(STREAMED_BYTES).stalling(FaultyFile.Operation.TRANSFER, 3, answers);
        HttpServer server = serve(file, dispatch);
        RawClient client = connect(server, SMALL_BUFFER_BYTES).send(get("/file"));

        long read = readUntilItStalls(client, file);
        answers.countDown();
        client.send(get("/", "Connection: close"));
        read += client.skipToEnd();

        assertThat(read).isGreaterThan(STREAMED_BYTES);
        eventually(() -> assertThat(file.openChannels()).isZero());
    }
}
