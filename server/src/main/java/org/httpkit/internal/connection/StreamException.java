package org.httpkit.internal.connection;

import java.io.IOException;

/** A stream of HTTP/2 ended before its exchange did. Stackless, because clients can end many of them in a short time. */
final class StreamException extends IOException {
    private static final long serialVersionUID = 1;

    StreamException(String message) {
        super(message);
    }

    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}
