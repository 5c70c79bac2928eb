package org.httpkit.internal.http2;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.httpkit.internal.bytes.ByteQueue;

/** Records the fields that it receives, one line each. */
final class RecordedFields implements FieldSink {
    final List<String> lines = new ArrayList<>();

    @Override
    public void field(byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd) {
        lines.add(text(bytes, nameStart, nameEnd) + ": " + text(bytes, valueStart, valueEnd));
    }

    @Override
    public void tooLarge() {
        lines.add("too large");
    }

    private static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    /** The fields of a whole block, as the decoder tells them. */
    static List<String> of(HpackDecoder decoder, byte[] block) throws Http2ViolationException {
        RecordedFields fields = new RecordedFields();
        decoder.begin(fields, 1 << 20, new ByteQueue(16));
        decoder.decode(block, 0, block.length);
        decoder.end();
        return fields.lines;
    }
}
