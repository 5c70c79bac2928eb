package org.httpkit.web;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** A part whose bytes are read as they arrive. Confined to the thread that reads the form. */
final class StreamedPart implements Part {
    static final int MAX_TEXT_BYTES = 1 << 20;

    private final PartHead head;
    private final InputStream stream;

    StreamedPart(PartHead head, InputStream stream) {
        this.head = head;
        this.stream = stream;
    }

    @Override
    public String name() {
        return head.name();
    }

    @Override
    public @Nullable String fileName() {
        return head.fileName();
    }

    @Override
    public @Nullable String contentType() {
        return header("content-type");
    }

    @Override
    public @Nullable String header(String name) {
        return head.fields().get(FieldParameters.lowerCase(name));
    }

    @Override
    public InputStream stream() {
        return stream;
    }

    @Override
    public String text() throws IOException {
        return text(head, stream);
    }

    static String text(PartHead head, InputStream stream) throws IOException {
        byte[] bytes = stream.readNBytes(MAX_TEXT_BYTES + 1);
        if (bytes.length > MAX_TEXT_BYTES) {
            throw new MultipartException(MultipartViolation.PART_TOO_LARGE);
        }
        return head.text(bytes);
    }

    PartHead head() {
        return head;
    }
}
