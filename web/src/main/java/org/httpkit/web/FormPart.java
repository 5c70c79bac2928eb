package org.httpkit.web;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A part that has been collected, in memory or in a file that is removed with its {@link Form}. Safe from any thread.
 */
public final class FormPart implements Part {
    private final PartHead head;
    private final long length;
    /** Null if the bytes are in a file. */
    private final byte @Nullable [] bytes;

    private final @Nullable Path file;

    FormPart(PartHead head, byte[] bytes) {
        this.head = head;
        this.length = bytes.length;
        this.bytes = bytes;
        this.file = null;
    }

    FormPart(PartHead head, Path file, long length) {
        this.head = head;
        this.length = length;
        this.bytes = null;
        this.file = file;
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

    /** The length in bytes. */
    public long length() {
        return length;
    }

    /** All bytes. The bytes of a part in memory are not copied. */
    public byte[] bytes() throws IOException {
        byte[] inMemory = bytes;
        if (inMemory != null) {
            return inMemory;
        }
        try (InputStream stream = stream()) {
            return stream.readAllBytes();
        }
    }

    @Override
    public InputStream stream() throws IOException {
        Path spilled = file;
        byte[] inMemory = bytes;
        return spilled != null
                ? Files.newInputStream(spilled)
                : new ByteArrayInputStream(inMemory == null ? new byte[0] : inMemory);
    }

    @Override
    public String text() throws IOException {
        try (InputStream stream = stream()) {
            return StreamedPart.text(head, stream);
        }
    }

    /**
     * Writes the bytes to a new file, which the form does not remove.
     *
     * @throws IOException if the file exists, or cannot be written
     */
    public void saveTo(Path target) throws IOException {
        try (InputStream stream = stream()) {
            Files.copy(stream, target);
        }
    }

    void remove() throws IOException {
        if (file != null) {
            Files.deleteIfExists(file);
        }
    }
}
