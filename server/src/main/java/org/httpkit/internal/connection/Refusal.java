package org.httpkit.internal.connection;

import org.httpkit.http.Status;
import org.httpkit.internal.fields.Violation;
import org.httpkit.server.CloseReason.Cause;

/**
 * An answer that a connection gives in place of a handler, before it ends. Immutable.
 *
 * @param cause why the connection ends
 * @param reason text for the client, with the section of the rule
 */
record Refusal(Cause cause, Status status, String reason) {
    static final Refusal TUNNEL = new Refusal(
            Cause.PROTOCOL_ERROR, Status.METHOD_NOT_ALLOWED, "This server is no proxy (RFC 9110 section 9.3.6)");
    static final Refusal UNKNOWN_EXPECTATION = new Refusal(
            Cause.PROTOCOL_ERROR,
            Status.EXPECTATION_FAILED,
            "Only 100-continue can be expected (RFC 9110 section 10.1.1)");
    static final Refusal MISDIRECTED = new Refusal(
            Cause.PROTOCOL_ERROR,
            Status.MISDIRECTED_REQUEST,
            "This connection's certificate does not cover that name; use another connection (RFC 9110 section 15.5.20)");
    static final Refusal HEAD_TOO_SLOW = new Refusal(
            Cause.HEADER_TIMEOUT, Status.REQUEST_TIMEOUT, "The request head took too long (RFC 9110 section 15.5.9)");
    static final Refusal BODY_TOO_SLOW = new Refusal(
            Cause.BODY_TIMEOUT, Status.REQUEST_TIMEOUT, "The request body came too slowly (RFC 9110 section 15.5.9)");
    static final Refusal TOO_MUCH_HELD = new Refusal(
            Cause.OVERLOAD,
            Status.SERVICE_UNAVAILABLE,
            "The server holds too much of what its clients have sent (RFC 9110 section 15.6.4)");

    static Refusal of(Violation violation) {
        return new Refusal(
                Cause.PROTOCOL_ERROR, violation.status(), violation.reason() + " (" + violation.section() + ")");
    }

    static Refusal bodyLargerThan(long maxBytes) {
        return new Refusal(
                Cause.PROTOCOL_ERROR,
                Status.CONTENT_TOO_LARGE,
                "The body is larger than the " + maxBytes + " bytes accepted here (RFC 9110 section 15.5.14)");
    }

    /** The refusal of forwarding fields that contradict each other. */
    static Refusal contradiction(String message) {
        return new Refusal(Cause.PROTOCOL_ERROR, Status.BAD_REQUEST, message);
    }
}
