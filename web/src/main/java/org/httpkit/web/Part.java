package org.httpkit.web;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** A part of a form: a field, or a file. The client may have made up everything that it says about the part. */
public sealed interface Part permits StreamedPart, FormPart {

    /** The name of the form's field. */
    String name();

    /**
     * The name that the file had at the client, or the last element of it if that is a path. Null if the part is not
     * a file, empty if the file has no name. Display it, but do not store the file under it: it may name a device or
     * another file.
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
     * The text, in the charset that the part names, otherwise in UTF-8.
     *
     * @throws MultipartException if the text is malformed in that charset, or longer than 1 MiB
     */
    String text() throws IOException;
}
