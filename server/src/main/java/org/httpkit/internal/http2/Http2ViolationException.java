package org.httpkit.internal.http2;

/** A client broke a rule of HTTP/2. Stackless and shared, one instance for each violation; safe from any thread. */
public final class Http2ViolationException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Http2Violation violation;

    Http2ViolationException(Http2Violation violation, String message) {
        super(message, null, false, false);
        this.violation = violation;
    }

    /** The rule that was broken. */
    public Http2Violation violation() {
        return violation;
    }
}
