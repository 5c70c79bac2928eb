package org.httpkit.web;

import java.io.IOException;

/**
 * A client's form breaks a rule. It has no stack trace, because the place where the server noticed says nothing about
 * the mistake.
 */
public final class MultipartException extends IOException {
    private static final long serialVersionUID = 1;

    private final MultipartViolation violation;

    /** For a broken rule. */
    public MultipartException(MultipartViolation violation) {
        super(violation.reason() + " (" + violation.section() + ")");
        this.violation = violation;
    }

    /** The broken rule. */
    public MultipartViolation violation() {
        return violation;
    }

    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized") // it does nothing
    public Throwable fillInStackTrace() {
        return this;
    }
}
