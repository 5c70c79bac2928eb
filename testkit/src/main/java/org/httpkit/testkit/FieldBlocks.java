package org.httpkit.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.httpkit.http.Headers;
import org.httpkit.internal.bytes.ByteQueue;
import org.httpkit.internal.http2.FieldSink;
import org.httpkit.internal.http2.HpackDecoder;
import org.httpkit.internal.http2.Http2ViolationException;

/** Decodes the field blocks that a server sends, in their order (RFC 7541). Confined to one thread at a time. */
public final class FieldBlocks {
    private static final int MOST_BYTES = 1 << 20;

    private final HpackDecoder decoder = new HpackDecoder();

    public FieldBlocks() {}

    /**
     * The fields of the next block, pseudo-fields among them.
     *
     * @throws IOException if it is malformed
     */
    public Headers decode(byte[] block) throws IOException {
        List<String> all = new ArrayList<>();
        decoder.begin(
                new FieldSink() {
                    @Override
                    public void field(byte[] array, int nameStart, int nameEnd, int valueStart, int valueEnd) {
                        all.add(new String(array, nameStart, nameEnd - nameStart, StandardCharsets.ISO_8859_1));
                        all.add(new String(array, valueStart, valueEnd - valueStart, StandardCharsets.ISO_8859_1));
                    }

                    @Override
                    public void tooLarge() {
                        throw new AssertionError("The fields are too large");
                    }
                },
                MOST_BYTES,
                new ByteQueue(512));
        try {
            decoder.decode(block, 0, block.length);
            decoder.end();
        } catch (Http2ViolationException e) {
            throw new IOException("The server's field block is malformed", e);
        }
        return new DecodedFields(all);
    }

    /** Fields as they were decoded, pseudo-fields among them. */
    private static final class DecodedFields implements Headers {
        private final List<String> namesAndValues;

        DecodedFields(List<String> namesAndValues) {
            this.namesAndValues = namesAndValues;
        }

        @Override
        public int size() {
            return namesAndValues.size() / 2;
        }

        @Override
        public String name(int index) {
            return namesAndValues.get(2 * index);
        }

        @Override
        public String value(int index) {
            return namesAndValues.get(2 * index + 1);
        }
    }
}
