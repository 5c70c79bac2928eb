package org.httpkit.internal.representation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class MultipartRangesTest {
    private static final byte[] CONTENT = "0123456789".getBytes(StandardCharsets.US_ASCII);

    @Test
    void laysPartsOutBehindEachOther() {
        MultipartRanges layout = layout("text/plain; charset=utf-8");

        assertThat(written(layout))
                .isEqualTo("--B\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes 8-9/10\r\n\r\n89"
                        + "\r\n--B\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes 0-2/10\r\n\r\n012"
                        + "\r\n--B--\r\n");
        assertThat(layout.messageType()).isEqualTo("multipart/byteranges; boundary=B");
    }

    @Test
    void tellsNoTypeWhereThereIsNone() {
        assertThat(written(layout(null)))
                .isEqualTo("--B\r\nContent-Range: bytes 8-9/10\r\n\r\n89\r\n--B\r\nContent-Range: bytes 0-2/10\r\n\r\n"
                        + "012\r\n--B--\r\n");
    }

    private static MultipartRanges layout(String contentType) {
        return new MultipartRanges("B", contentType, List.of(new ByteRange(8, 9), new ByteRange(0, 2)), CONTENT.length);
    }

    /** Puts it together, and compares its length with what the layout says. */
    private static String written(MultipartRanges layout) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < layout.ranges().size(); i++) {
            ByteRange range = layout.ranges().get(i);
            out.writeBytes(layout.head(i));
            out.write(CONTENT, (int) range.first(), (int) range.length());
        }
        out.writeBytes(layout.end());
        assertThat((long) out.size()).isEqualTo(layout.totalBytes());
        return out.toString(StandardCharsets.ISO_8859_1);
    }
}
