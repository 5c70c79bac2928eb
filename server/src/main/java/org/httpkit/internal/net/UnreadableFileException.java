package org.httpkit.internal.net;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A file that is being sent cannot be read to its announced length. Not for the client, because it names the file. */
public final class UnreadableFileException extends IOException {
    private static final long serialVersionUID = 1;

    UnreadableFileException(String message, @Nullable IOException cause) {
        super(message, cause);
    }
}
