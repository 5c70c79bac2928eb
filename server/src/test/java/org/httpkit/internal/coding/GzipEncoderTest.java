package org.httpkit.internal.coding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GzipEncoderTest {
    private final GzipEncoder encoder = new GzipEncoder();

    @AfterEach
    void free() {
        encoder.free();
    }

    @Test
    void makesWhatTheLibraryReads() throws IOException {
        Random random = new Random(1952);
        for (int round = 0; round < 200; round++) {
            byte[] content = new byte[random.nextInt(100_000)];
            boolean shrinks = random.nextBoolean();
            for (int i = 0; i < content.length; i++) {
                content[i] = (byte) random.nextInt(shrinks ? 4 : 256);
            }
            ByteArrayOutputStream coded = new ByteArrayOutputStream();
            try (OutputStream out = encoder.begin(coded, 1 + random.nextInt(9))) {
                for (int at = 0; at < content.length; ) {
                    int count = Math.min(content.length - at, random.nextInt(20_000));
                    out.write(content, at, count);
                    at += count;
                    if (random.nextInt(4) == 0) {
                        out.flush();
                    }
                }
            }

            byte[] decoded = new GZIPInputStream(new ByteArrayInputStream(coded.toByteArray())).readAllBytes();
            assertThat(decoded).as("round %s", round).isEqualTo(content);
        }
    }

    @Test
    void makesTheEmptyContentOfNothing() throws IOException {
        ByteArrayOutputStream coded = new ByteArrayOutputStream();
        OutputStream out = encoder.begin(coded, 6);
        out.write(new byte[0]);
        out.flush();
        assertThat(coded.size()).isZero();
        out.close();
        out.close();

        assertThat(coded.size()).isEqualTo(20);
        assertThat(new GZIPInputStream(new ByteArrayInputStream(coded.toByteArray())).readAllBytes())
                .isEmpty();
        assertThatThrownBy(() -> out.write(1)).isInstanceOf(IOException.class);
    }

    @Test
    void whatIsFlushedCanBeDecodedAtOnce() throws IOException, DataFormatException {
        ByteArrayOutputStream coded = new ByteArrayOutputStream();
        OutputStream out = encoder.begin(coded, 6);
        Inflater inflater = new Inflater(true);
        int taken = 10; // the head
        for (int i = 0; i < 100; i++) {
            String event = "data: " + i + "\n\n";
            out.write(event.getBytes(StandardCharsets.US_ASCII));
            out.flush();
            byte[] all = coded.toByteArray();
            inflater.setInput(all, taken, all.length - taken);
            taken = all.length;
            byte[] decoded = new byte[100];

            assertThat(new String(decoded, 0, inflater.inflate(decoded), StandardCharsets.US_ASCII))
                    .isEqualTo(event);
        }
        inflater.end();
        out.close();
    }

    @Test
    void forgetsWhatWasNotCompleted() throws IOException {
        OutputStream abandoned = encoder.begin(OutputStream.nullOutputStream(), 6);
        abandoned.write(new byte[100_000]);
        ByteArrayOutputStream coded = new ByteArrayOutputStream();

        try (OutputStream out = encoder.begin(coded, 6)) {
            out.write('x');
        }

        assertThat(new GZIPInputStream(new ByteArrayInputStream(coded.toByteArray())).readAllBytes())
                .containsExactly('x');
    }
}
