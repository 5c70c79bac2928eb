package org.httpkit.server;

/**
 * A client has sent more parameters than {@link UrlEncoded} takes. If a handler does not catch it, the client gets 413
 * (RFC 9110 section 15.5.14). It has no stack trace, because the place that noticed says nothing about the mistake.
 */
public final class TooManyParametersException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** For a limit that was exceeded. */
    public TooManyParametersException(int maxParameters) {
        super(
                "There are more than the " + maxParameters + " parameters accepted here (RFC 9110 section 15.5.14)",
                null,
                false,
                false);
    }
}
