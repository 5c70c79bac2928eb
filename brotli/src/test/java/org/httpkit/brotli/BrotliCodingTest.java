package org.httpkit.brotli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.aayushatharva.brotli4j.encoder.Encoder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.httpkit.testkit.ContentCodingContract;
import org.junit.jupiter.api.Test;

class BrotliCodingTest extends ContentCodingContract {

    BrotliCodingTest() {
        super(new BrotliCoding());
    }

    @Test
    void acceptsWindowsUpTo4MiB() throws IOException {
        byte[] content = new byte[10_000_000];
        for (int bits = 10; bits <= 22; bits++) {
            assertArrayEquals(content, decoded(Encoder.compress(content, Encoder.Parameters.create(3, bits))));
        }
        for (int bits = 23; bits <= 24; bits++) {
            byte[] coded = Encoder.compress(content, Encoder.Parameters.create(3, bits));

            assertThrows(IOException.class, () -> decoded(coded));
        }
    }

    private static byte[] decoded(byte[] coded) throws IOException {
        try (InputStream decoder = new BrotliCoding().decode(new ByteArrayInputStream(coded))) {
            return decoder.readAllBytes();
        }
    }
}
