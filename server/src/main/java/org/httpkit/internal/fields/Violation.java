package org.httpkit.internal.fields;

import org.httpkit.http.Status;

/** The ways a request can break the rules of HTTP/1.1 or the limits of this server; each refuses it and ends the connection. */
@SuppressWarnings(
        "ImmutableEnumChecker") // A status is immutable; the exception has neither stack nor suppressed exceptions.
public enum Violation {
    // Lines.
    BARE_CR(Status.BAD_REQUEST, "RFC 9112 section 2.2", "A carriage return is not followed by a line feed"),
    BARE_LF(Status.BAD_REQUEST, "RFC 9112 section 2.2", "A line feed does not follow a carriage return"),
    EMPTY_LINES(Status.BAD_REQUEST, "RFC 9112 section 2.2", "More than one empty line before the request line"),

    // Request line.
    INVALID_REQUEST_LINE(
            Status.BAD_REQUEST, "RFC 9112 section 3", "The request line is not method, target and version"),
    REQUEST_LINE_TOO_LONG(Status.URI_TOO_LONG, "RFC 9112 section 3", "The request line is too long"),
    METHOD_TOO_LONG(Status.NOT_IMPLEMENTED, "RFC 9112 section 3", "The method is longer than any accepted here"),
    INVALID_METHOD(Status.BAD_REQUEST, "RFC 9112 section 3.1", "The method is not a token"),
    INVALID_TARGET(Status.BAD_REQUEST, "RFC 9112 section 3.2", "The request target is malformed"),
    INVALID_PERCENT_ENCODING(
            Status.BAD_REQUEST, "RFC 3986 section 2.1", "A percent sign without two hexadecimal digits in the path"),
    UNKNOWN_SCHEME(
            Status.BAD_REQUEST, "RFC 9112 section 3.2.2", "The scheme of the request target is not http or https"),
    INVALID_AUTHORITY(Status.BAD_REQUEST, "RFC 9110 section 4.2", "The authority of the request target is malformed"),
    ASTERISK_WITHOUT_OPTIONS(Status.BAD_REQUEST, "RFC 9112 section 3.2.4", "The target * is for OPTIONS alone"),
    INVALID_VERSION(Status.BAD_REQUEST, "RFC 9112 section 2.3", "The protocol version is malformed"),
    UNSUPPORTED_VERSION(
            Status.HTTP_VERSION_NOT_SUPPORTED, "RFC 9110 section 15.6.6", "The major version of the protocol is not 1"),

    // Field lines.
    WHITESPACE_BEFORE_FIRST_FIELD(
            Status.BAD_REQUEST, "RFC 9112 section 2.2", "White space between the request line and the first field"),
    OBSOLETE_LINE_FOLDING(Status.BAD_REQUEST, "RFC 9112 section 5.2", "A field line begins with white space"),
    EMPTY_FIELD_NAME(Status.BAD_REQUEST, "RFC 9112 section 5", "A field has no name"),
    INVALID_FIELD_NAME(Status.BAD_REQUEST, "RFC 9110 section 5.1", "A field name is not a token"),
    SPACE_BEFORE_COLON(Status.BAD_REQUEST, "RFC 9112 section 5.1", "White space in or after a field name"),
    MISSING_COLON(Status.BAD_REQUEST, "RFC 9112 section 5", "A field line has no colon"),
    INVALID_FIELD_VALUE(Status.BAD_REQUEST, "RFC 9110 section 5.5", "A control character in a field value"),
    FIELD_LINE_TOO_LONG(Status.HEADER_FIELDS_TOO_LARGE, "RFC 6585 section 5", "A field line is too long"),
    HEADER_TOO_LARGE(Status.HEADER_FIELDS_TOO_LARGE, "RFC 6585 section 5", "The fields are too large together"),
    TOO_MANY_FIELDS(Status.HEADER_FIELDS_TOO_LARGE, "RFC 6585 section 5", "There are too many fields"),

    // Host.
    MISSING_HOST(Status.BAD_REQUEST, "RFC 9112 section 3.2", "The Host field is missing"),
    REPEATED_HOST(Status.BAD_REQUEST, "RFC 9112 section 3.2", "The Host field is there more than once"),
    INVALID_HOST(Status.BAD_REQUEST, "RFC 9112 section 3.2", "The Host field is malformed"),

    // Framing.
    INVALID_CONTENT_LENGTH(Status.BAD_REQUEST, "RFC 9112 section 6.3", "Content-Length is not a number"),
    REPEATED_CONTENT_LENGTH(Status.BAD_REQUEST, "RFC 9112 section 6.3", "Content-Length is there more than once"),
    CONTENT_LENGTH_OVERFLOW(Status.CONTENT_TOO_LARGE, "RFC 9110 section 8.6", "Content-Length is too large"),
    LENGTH_WITH_TRANSFER_ENCODING(
            Status.BAD_REQUEST, "RFC 9112 section 6.1", "Content-Length and Transfer-Encoding in one request"),
    TRANSFER_ENCODING_IN_HTTP_1_0(
            Status.BAD_REQUEST, "RFC 9112 section 6.1", "Transfer-Encoding in an HTTP/1.0 request"),
    INVALID_TRANSFER_ENCODING(Status.BAD_REQUEST, "RFC 9112 section 6.1", "Transfer-Encoding is malformed"),
    REPEATED_CHUNKED(Status.BAD_REQUEST, "RFC 9112 section 6.1", "The chunked transfer coding is applied twice"),
    CHUNKED_NOT_LAST(Status.BAD_REQUEST, "RFC 9112 section 6.3", "The chunked transfer coding is not the last"),
    UNKNOWN_TRANSFER_CODING(Status.NOT_IMPLEMENTED, "RFC 9112 section 6.1", "The transfer coding is not implemented"),

    // Chunks.
    INVALID_CHUNK_SIZE(Status.BAD_REQUEST, "RFC 9112 section 7.1", "A chunk size is not a hexadecimal number"),
    CHUNK_SIZE_OVERFLOW(Status.CONTENT_TOO_LARGE, "RFC 9112 section 7.1", "A chunk size is too large"),
    INVALID_CHUNK_EXTENSION(Status.BAD_REQUEST, "RFC 9112 section 7.1.1", "A chunk extension is malformed"),
    CHUNK_LINE_TOO_LONG(Status.BAD_REQUEST, "RFC 9112 section 7.1.1", "A chunk size line is too long"),
    CHUNK_EXTENSIONS_TOO_LARGE(
            Status.BAD_REQUEST, "RFC 9112 section 7.1.1", "The chunk extensions are too large together"),
    MISSING_CHUNK_END(Status.BAD_REQUEST, "RFC 9112 section 7.1", "Chunk data is not followed by CRLF"),
    FORBIDDEN_TRAILER(Status.BAD_REQUEST, "RFC 9110 section 6.5.1", "A field that may not be a trailer");

    private final Status status;
    private final String section;
    private final String reason;
    private final ViolationException exception;

    Violation(Status status, String section, String reason) {
        this.status = status;
        this.section = section;
        this.reason = reason;
        this.exception = new ViolationException(this, reason + " (" + section + ")");
    }

    /** The status to answer with. */
    public Status status() {
        return status;
    }

    /** The section that states the rule, for example {@code RFC 9112 section 2.2}. */
    public String section() {
        return section;
    }

    /** The reason in words that contain nothing from the request: safe to send. */
    public String reason() {
        return reason;
    }

    /** The exception that carries this violation; always the same object. */
    public ViolationException exception() {
        return exception;
    }
}
