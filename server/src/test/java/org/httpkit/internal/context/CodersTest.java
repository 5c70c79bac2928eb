package org.httpkit.internal.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

class CodersTest {
    private final Coders coders = Coders.find();

    @Test
    void offersGzipLast() {
        assertThat(coders.offered()).last().isEqualTo("gzip");
    }

    @Test
    void reservesNoMoreThanAsked() {
        Coder first = coders.reserve("gzip", 6, 2);
        Coder second = coders.reserve("gzip", 6, 2);

        assertThat(coders.reserve("gzip", 6, 2)).isNull();
        first.close();
        first.close();
        assertThat(coders.reserved()).isEqualTo(1);
        second.close();
        assertThat(coders.reserved()).isZero();
    }

    @Test
    void aCoderThatWasAbandonedDoesNotSpoilTheNext() throws IOException {
        for (int i = 0; i < 100; i++) {
            Coder abandoned = coders.reserve("gzip", 1, 1);
            abandoned.open(OutputStream.nullOutputStream()).write(new byte[i * 100]);
            abandoned.close();
            ByteArrayOutputStream coded = new ByteArrayOutputStream();
            try (Coder coder = coders.reserve("gzip", 9, 1)) {
                OutputStream out = coder.open(coded);
                out.write("hello".getBytes(StandardCharsets.US_ASCII));
                out.close();
            }
            assertThat(new GZIPInputStream(new ByteArrayInputStream(coded.toByteArray())).readAllBytes())
                    .asString(StandardCharsets.US_ASCII)
                    .isEqualTo("hello");
        }
    }

    /** The application may have passed the stream on to a thread that knows nothing of the end. */
    @Test
    void aStreamWhoseContentIsOverDoesNotReachTheEncoder() throws IOException {
        Coder failed = coders.reserve("gzip", 6, 2);
        OutputStream stale = failed.open(OutputStream.nullOutputStream());
        stale.write("mine".getBytes(StandardCharsets.US_ASCII));
        failed.close();
        ByteArrayOutputStream coded = new ByteArrayOutputStream();
        try (Coder coder = coders.reserve("gzip", 6, 2)) {
            OutputStream out = coder.open(coded);
            out.write("hel".getBytes(StandardCharsets.US_ASCII));
            assertThatIOException().isThrownBy(() -> stale.write("secret".getBytes(StandardCharsets.US_ASCII)));
            assertThatIOException().isThrownBy(stale::flush);
            stale.close();
            out.write("lo".getBytes(StandardCharsets.US_ASCII));
            out.close();
        }

        assertThat(new GZIPInputStream(new ByteArrayInputStream(coded.toByteArray())).readAllBytes())
                .asString(StandardCharsets.US_ASCII)
                .isEqualTo("hello");
    }

    @Test
    void theThreadAtWorkInAnEncoderGivesItBack() throws IOException {
        Coder coder = coders.reserve("gzip", 6, 1);
        int[] reservedMeanwhile = new int[1];
        OutputStream out = coder.open(new OutputStream() {
            @Override
            public void write(int b) {
                throw new AssertionError("Bytes come in arrays");
            }

            @Override
            public void write(byte[] bytes, int offset, int count) {
                Thread other = new Thread(coder::close);
                other.start();
                try {
                    other.join();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                reservedMeanwhile[0] = coders.reserved();
            }
        });

        out.write(1); // the head of gzip leaves first

        assertThat(reservedMeanwhile[0]).isOne();
        assertThat(coders.reserved()).isZero();
    }
}
