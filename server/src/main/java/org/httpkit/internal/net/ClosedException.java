package org.httpkit.internal.net;

import java.io.IOException;

/** The connection was closed in order, and takes nothing any more. Without a stack, as every connection ends with one. */
final class ClosedException extends IOException {
    private static final long serialVersionUID = 1;

    ClosedException() {
        super("The connection is closed");
    }

    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}
