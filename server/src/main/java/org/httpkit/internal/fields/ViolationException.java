package org.httpkit.internal.fields;

/** A peer broke a rule of HTTP/1.1. Stackless and shared, one instance for each violation; safe from any thread. */
public final class ViolationException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Violation violation;

    ViolationException(Violation violation, String message) {
        super(message, null, false, false);
        this.violation = violation;
    }

    /** The rule that was broken. */
    public Violation violation() {
        return violation;
    }
}
