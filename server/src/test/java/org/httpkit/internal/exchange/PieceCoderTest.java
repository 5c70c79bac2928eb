package org.httpkit.internal.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
import org.httpkit.internal.bytes.ByteQueue;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.server.Compression;
import org.httpkit.server.HttpServer;
import org.httpkit.server.Response;
import org.httpkit.server.ServerObserver;
import org.junit.jupiter.api.Test;

/** Pieces of a content that its client can decode one by one. */
final class PieceCoderTest {
    private final ServerContext context = ServerContext.of(
            HttpServer.builder()
                    .handler(request -> Response.of(200))
                    .compression(Compression.on())
                    .options(),
            Runnable::run,
            new ServerObserver() {});
    private final PieceCoder coder = new PieceCoder(context.coders().reserve("gzip", 6, 1));

    private byte[] code(String text) {
        byte[] bytes = (">" + text + "<").getBytes(StandardCharsets.US_ASCII);
        return coder.code(bytes, 1, text.length());
    }

    @Test
    void codesEachPieceSoThatItCanBeDecodedAtOnce() throws IOException {
        ByteQueue received = new ByteQueue(100);
        received.append(code("one"));
        InputStream in = new GZIPInputStream(new ByteArrayInputStream(received.toByteArray()));
        assertThat(in.readNBytes(3)).isEqualTo("one".getBytes(StandardCharsets.US_ASCII));

        received.append(code("two"));
        received.append(coder.end());
        in = new GZIPInputStream(new ByteArrayInputStream(received.toByteArray()));
        assertThat(new String(in.readAllBytes(), StandardCharsets.US_ASCII)).isEqualTo("onetwo");
    }

    @Test
    void codesNothingToNothing() {
        code("one");

        assertThat(code("")).isEmpty();
    }

    @Test
    void codesNothingOnceItIsClosedAndGivesItsEncoderBack() {
        code("one");
        assertThat(context.coders().reserved()).isEqualTo(1);
        coder.close();

        assertThat(code("two")).isEmpty();
        assertThat(coder.end()).isEmpty();
        assertThat(context.coders().reserved()).isZero();
    }
}
