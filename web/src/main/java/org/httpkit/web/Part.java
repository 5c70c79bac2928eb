package org.httpkit.web;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** A part of a form: a field, or a file. What a client says of it, it may have made up. */
public sealed interface Part permits StreamedPart, FormPart {

    /** The name of the form's field. */
    String name();

    /**
     * The name that the file had at the client, the last element of it if that is a path; null if the part is no file, empty if
     * there is no such name. To show, rather than to store the file under it: it may be a device's, or another file's.
     */
    @Nullable
    String fileName();

    /** The media type that the client gives; null if it gives none. */
    @Nullable
    String contentType();

    /** The value of a header field of the part; null if it has none of that name. */
    @Nullable
    String header(String name);

    /** The bytes. */
    InputStream stream() throws IOException;

    /**
     * The text, in the charset that the part names, else UTF-8.
     *
     * @throws MultipartException if it is not in that charset, or longer than 1 MiB
     */
    String text() throws IOException;
}
