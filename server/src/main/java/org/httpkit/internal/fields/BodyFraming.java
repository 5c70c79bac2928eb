package org.httpkit.internal.fields;

/** How a request's body is delimited (RFC 9112 section 6.3). */
public enum BodyFraming {
    /** No body. */
    NONE,
    /** As many bytes as Content-Length says. */
    LENGTH,
    /** The chunked transfer coding; in HTTP/2, which frames all content, a body of undeclared length. */
    CHUNKED
}
