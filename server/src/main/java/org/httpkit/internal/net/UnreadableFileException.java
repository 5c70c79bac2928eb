package org.httpkit.internal.net;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A file that is being sent cannot be read to the length that was announced. It is not for the client: it names the file. */
public final class UnreadableFileException extends IOException {
    private static final long serialVersionUID = 1;

    UnreadableFileException(String message, @Nullable IOException cause) {
        super(message, cause);
    }
}
