package org.httpkit.internal.net;

import java.io.IOException;

/** The connection is closed and takes nothing more. Stackless, because every connection ends with one. */
final class ClosedException extends IOException {
    /** Made beforehand, because a connection may have to end for lack of memory. */
    @SuppressWarnings("StaticAssignmentOfThrowable") // it has no stack, and there may be no memory for another
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
