package org.httpkit.zstd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.httpkit.testkit.ContentCodingContract;
import org.junit.jupiter.api.Test;

class ZstdCodingTest extends ContentCodingContract {

    ZstdCodingTest() {
        super(new ZstdCoding());
    }

    /** RFC 9659 section 3: no more than 8 MB. */
    @Test
    void acceptsWindowsUpTo8MiB() throws IOException {
        byte[] content = new byte[20_000_000];

        assertArrayEquals(content, decoded(withWindow(23, content)));
        byte[] larger = withWindow(24, content);
        assertThrows(IOException.class, () -> decoded(larger));
    }

    private static byte[] withWindow(int log, byte[] content) throws IOException {
        ByteArrayOutputStream coded = new ByteArrayOutputStream();
        try (ZstdOutputStreamNoFinalizer encoder = new ZstdOutputStreamNoFinalizer(coded, 1).setWindowLog(log)) {
            encoder.write(content);
        }
        return coded.toByteArray();
    }

    private static byte[] decoded(byte[] coded) throws IOException {
        try (InputStream decoder = new ZstdCoding().decode(new ByteArrayInputStream(coded))) {
            return decoder.readAllBytes();
        }
    }
}
