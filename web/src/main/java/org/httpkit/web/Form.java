package org.httpkit.web;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A form that has been collected. Safe from any thread until it is closed, which removes its files. */
public final class Form implements AutoCloseable {
    private final List<FormPart> parts;

    Form(List<FormPart> parts) {
        this.parts = List.copyOf(parts);
    }

    /** All parts, in the order in which they arrived. */
    public List<FormPart> parts() {
        return parts;
    }

    /**
     * The text of the first part of that name that is not a file; null if there is none.
     *
     * @throws MultipartException if the text is malformed in its charset, or longer than 1 MiB
     */
    public @Nullable String value(String name) throws IOException {
        for (FormPart part : parts) {
            if (part.name().equals(name) && part.fileName() == null) {
                return part.text();
            }
        }
        return null;
    }

    /**
     * The first file of that name; null if there is none. A browser sends an empty one without a file name if the
     * user has chosen none.
     */
    public @Nullable FormPart file(String name) {
        for (FormPart part : parts) {
            if (part.name().equals(name) && part.fileName() != null) {
                return part;
            }
        }
        return null;
    }

    /** All parts of that name, files and others, in the order in which they arrived. */
    public List<FormPart> all(String name) {
        return parts.stream().filter(part -> part.name().equals(name)).toList();
    }

    /**
     * Removes the files.
     *
     * @throws UncheckedIOException if one cannot be removed; the others are
     */
    @Override
    public void close() {
        remove(parts);
    }

    static void remove(List<FormPart> parts) {
        IOException failure = null;
        for (FormPart part : parts) {
            try {
                part.remove();
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw new UncheckedIOException(failure);
        }
    }
}
