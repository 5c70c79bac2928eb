package org.httpkit.internal.net;

import java.io.IOException;

/** The connection was closed, and takes nothing any more. Without a stack, as every connection ends with one. */
final class ClosedException extends IOException {
    /** Made beforehand, as a connection may have to end for want of memory. */
    @SuppressWarnings("StaticAssignmentOfThrowable")
    static final ClosedException INTERNAL_ERROR = new ClosedException("Internal error");

    private static final long serialVersionUID = 1;

    ClosedException() {
        this("The connection is closed");
    }

    private ClosedException(String message) {
        super(message);
    }

    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}
