package org.httpkit.web;

import java.io.IOException;

/** A client's form breaks a rule. Has no stack trace: where it was noticed says nothing of where the mistake is. */
public final class MultipartException extends IOException {
    private static final long serialVersionUID = 1;

    private final MultipartViolation violation;

    /** Tells of a broken rule. */
    public MultipartException(MultipartViolation violation) {
        super(violation.reason() + " (" + violation.section() + ")");
        this.violation = violation;
    }

    /** Which rule. */
    public MultipartViolation violation() {
        return violation;
    }

    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized") // it does nothing
    public Throwable fillInStackTrace() {
        return this;
    }
}
