package org.httpkit.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.testkit.RawClient;
import org.httpkit.testkit.RawResponse;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file larger than an int counts and than the heap may be. */
@PlainText("It bounds what is allocated, and the JDK's engine of TLS allocates for each record")
@Tag("long")
final class LargeFileTest extends ServerTest {
    private static final long LENGTH = (1L << 31) + 12_345;
    private static final byte[] MARK = "the end".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    Path folder;

    @Test
    void sendsMoreThanTwoGigabytesWithoutTakingThemIntoTheHeap() throws Exception {
        Path file = folder.resolve("large.bin");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.seek(LENGTH - MARK.length);
            sparse.write(MARK);
        }
        HttpServer server = serve(request -> Response.file(file));
        RawClient client = connect(server).send(get("/"));
        byte[] buffer = new byte[64 * 1024];
        Allocation others = Allocation.ofAllThreadsBut(Thread.currentThread());

        RawResponse head = client.readHead();
        byte[] tail = readTail(client, buffer);

        assertThat(head.field("Content-Length")).isEqualTo(Long.toString(LENGTH));
        assertThat(tail).isEqualTo(MARK);
        assertThat(others.bytes()).as("bytes of heap the server allocated").isLessThan(16 << 20);
        assertThat(client.send(request("HEAD / HTTP/1.1")).readToHeadRequest().status())
                .isEqualTo(200);
    }

    private static byte[] readTail(RawClient client, byte[] buffer) throws IOException {
        long left = LENGTH - MARK.length;
        while (left > 0) {
            int count = client.read(left < buffer.length ? new byte[(int) left] : buffer);
            if (count < 0) {
                throw new IOException("The connection ended " + left + " bytes early");
            }
            left -= count;
        }
        return client.readBytes(MARK.length);
    }
}
