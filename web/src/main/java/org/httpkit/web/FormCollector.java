package org.httpkit.web;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Collects the parts of one form: in memory while there is room, then in files. Their heads stay in memory in any case.
 * Confined to one thread.
 */
final class FormCollector {
    private static final int PIECE_BYTES = 8 * 1024;

    private final List<FormPart> collected = new ArrayList<>();
    private final byte[] piece = new byte[PIECE_BYTES];
    private final @Nullable Path folder;
    private long room;
    private long headRoom;

    /**
     * Makes one for a form.
     *
     * @param memoryBytes how much of the parts' content may be held in memory
     * @param headerMemoryBytes how much memory their heads may take
     * @param folder the folder for files; null for the system's
     */
    FormCollector(long memoryBytes, long headerMemoryBytes, @Nullable Path folder) {
        this.room = memoryBytes;
        this.headRoom = headerMemoryBytes;
        this.folder = folder;
    }

    /** Collects all parts. If that fails, it leaves nothing behind. */
    Form collect(Parts parts) throws IOException {
        boolean isWhole = false;
        try {
            for (StreamedPart part = parts.nextStreamed(); part != null; part = parts.nextStreamed()) {
                collect(part);
            }
            isWhole = true;
            return new Form(collected);
        } finally {
            if (!isWhole) {
                Form.remove(collected);
            }
        }
    }

    private void collect(StreamedPart part) throws IOException {
        headRoom -= part.head().heldBytes();
        if (headRoom < 0) {
            throw new MultipartException(MultipartViolation.HEADERS_TOO_LARGE);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        InputStream stream = part.stream();
        int count;
        while ((count = stream.read(piece)) >= 0) {
            if (count > room) {
                spill(part, bytes, count);
                return;
            }
            room -= count;
            bytes.write(piece, 0, count);
        }
        collected.add(new FormPart(part.head(), bytes.toByteArray()));
    }

    /** Writes to a file: the bytes that have come, those at hand, and then the rest of the part. */
    private void spill(StreamedPart part, ByteArrayOutputStream bytes, int count) throws IOException {
        Path file = folder == null
                ? Files.createTempFile("httpkit-form", null)
                : Files.createTempFile(folder, "httpkit-form", null);
        boolean isWhole = false;
        try (OutputStream out = Files.newOutputStream(file)) {
            bytes.writeTo(out);
            out.write(piece, 0, count);
            long rest = part.stream().transferTo(out);
            collected.add(new FormPart(part.head(), file, bytes.size() + count + rest));
            room += bytes.size();
            isWhole = true;
        } finally {
            if (!isWhole) {
                Files.deleteIfExists(file);
            }
        }
    }
}
