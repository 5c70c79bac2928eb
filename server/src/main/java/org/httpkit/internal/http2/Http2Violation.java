package org.httpkit.internal.http2;

import static org.httpkit.internal.http2.ErrorCode.COMPRESSION_ERROR;
import static org.httpkit.internal.http2.ErrorCode.ENHANCE_YOUR_CALM;
import static org.httpkit.internal.http2.ErrorCode.FLOW_CONTROL_ERROR;
import static org.httpkit.internal.http2.ErrorCode.FRAME_SIZE_ERROR;
import static org.httpkit.internal.http2.ErrorCode.NO_ERROR;
import static org.httpkit.internal.http2.ErrorCode.PROTOCOL_ERROR;
import static org.httpkit.internal.http2.ErrorCode.REFUSED_STREAM;
import static org.httpkit.internal.http2.ErrorCode.STREAM_CLOSED;
import static org.httpkit.internal.http2.Http2Violation.Scope.CONNECTION;
import static org.httpkit.internal.http2.Http2Violation.Scope.STREAM;

import org.httpkit.internal.fields.Violation;

/**
 * The ways in which a client can break the rules of HTTP/2 or the limits of this server. A violation of the connection
 * ends it with GOAWAY. A violation of a stream resets that stream, after an answer with {@link #status}; other streams
 * continue.
 */
@SuppressWarnings("ImmutableEnumChecker") // The exception has neither stack nor suppressed exceptions.
public enum Http2Violation {
    // Preface.
    INVALID_PREFACE(CONNECTION, PROTOCOL_ERROR, "RFC 9113 section 3.4", "The connection preface is malformed"),
    SETTINGS_NOT_FIRST(CONNECTION, PROTOCOL_ERROR, "RFC 9113 section 3.4", "The first frame is not SETTINGS"),

    // Frames by themselves.
    FRAME_TOO_LONG(
            CONNECTION, FRAME_SIZE_ERROR, "RFC 9113 section 4.2", "A frame is longer than the maximum frame size"),
    FRAME_TOO_SHORT(
            CONNECTION, FRAME_SIZE_ERROR, "RFC 9113 section 4.2", "A frame is too short for what its flags announce"),
    DATA_WITHOUT_STREAM(CONNECTION, PROTOCOL_ERROR, "RFC 9113 section 6.1", "DATA on stream 0"),
    DATA_PADDING_TOO_LONG(
            CONNECTION, PROTOCOL_ERROR, "RFC 9113 section 6.1", "The padding of DATA is longer than the frame"),
    HEADERS_WITHOUT_STREAM(CONNECTION, PROTOCOL_ERROR, "RFC 9113 section 6.2", "HEADERS on stream 0"),
    HEADERS_PADDING_TOO_LONG(
            CONNECTION, PROTOCOL_ERROR, "RFC 9113 section 6.2", "The padding of HEADERS is longer than the frame"),
    CONTINUATION_MISSING(
            CONNECTION, PROTOCOL_ERROR, "RFC 9113 section 6.2", "A field block is interrupted by another frame"),
    PRIORITY_WITHOUT_STREAM(CONNECTION, PROTOCOL_ERROR, "RFC 9113 section 6.3", "PRIORITY on stream 0"),
    PRIORITY_LENGTH(STREAM, FRAME_SIZE_ERROR, "RFC 9113 section 6.3", "PRIORITY has not 5 bytes"),
    SELF_DEPENDENCY(STREAM, PROTOCOL_ERROR, "RFC 7540 section 5.3.1", "A stream depends on itself"),
    RST_STREAM_WITHOUT_STREAM(CONNECTION, PROTOCOL_ERROR, "RFC 9113 section 6.4", "RST_STREAM on stream 0"),
    RST_STREAM_LENGTH(CONNECTION, FRAME_SIZE_ERROR, "RFC 9113 section 6.4", "RST_STREAM has not 4 bytes"),
    SETTINGS_ON_STREAM(CONNECTION, PROTOCOL_ERROR, "RFC 9113 section 6.5", "SETTINGS on a stream"),
    SETTINGS_LENGTH(
            CONNECTION, FRAME_SIZE_ERROR, "RFC 9113 section 6.5", "SETTINGS is not made of settings of 6 bytes"),
    SETTINGS_ACK_LENGTH(
            CONNECTION, FRAME_SIZE_ERROR, "RFC 9113 section 6.5", "An acknowledgement of SETTINGS is not empty"),
    INVALID_ENABLE_PUSH(CONNECTION, PROTOCOL_ERROR, "RFC 9113 section 6.5.2", "ENABLE_PUSH is neither 0 nor 1"),
    INITIAL_WINDOW_TOO_LARGE(
            CONNECTION, FLOW_CONTROL_ERROR, "RFC 9113 section 6.5.2", "INITIAL_WINDOW_SIZE is above 2^31-1"),
    INVALID_MAX_FRAME_SIZE(
            CONNECTION, PROTOCOL_ERROR, "RFC 9113 section 6.5.2", "MAX_FRAME_SIZE is outside 2^14 to 2^24-1"),
    INVALID_ENABLE_CONNECT_PROTOCOL(
            CONNECTION, PROTOCOL_ERROR, "RFC 8441 section 3", "ENABLE_CONNECT_PROTOCOL is neither 0 nor 1"),
    INVALID_NO_RFC7540_PRIORITIES(
            CONNECTION, PROTOCOL_ERROR, "RFC 9218 section 2.1", "NO_RFC7540_PRIORITIES is neither 0 nor 1"),
    NO_RFC7540_PRIORITIES_CHANGED(
            CONNECTION,
            PROTOCOL_ERROR,
            "RFC 9218 section 2.1",
            "NO_RFC7540_PRIORITIES changes after the first SETTINGS"),
    PUSH_PROMISE_FROM_CLIENT(CONNECTION, PROTOCOL_ERROR, "RFC 9113 section 8.4", "A client sent PUSH_PROMISE"),
    PING_ON_STREAM(CONNECTION, PROTOCOL_ERROR, "RFC 9113 section 6.7", "PING on a stream"),
    PING_LENGTH(CONNECTION, FRAME_SIZE_ERROR, "RFC 9113 section 6.7", "PING has not 8 bytes"),
    GOAWAY_ON_STREAM(CONNECTION, PROTOCOL_ERROR, "RFC 9113 section 6.8", "GOAWAY on a stream"),
    GOAWAY_LENGTH(CONNECTION, FRAME_SIZE_ERROR, "RFC 9113 section 6.8", "GOAWAY has fewer than 8 bytes"),
    WINDOW_UPDATE_LENGTH(CONNECTION, FRAME_SIZE_ERROR, "RFC 9113 section 6.9", "WINDOW_UPDATE has not 4 bytes"),
    ZERO_INCREMENT(STREAM, PROTOCOL_ERROR, "RFC 9113 section 6.9", "A stream's WINDOW_UPDATE with an increment of 0"),
    ZERO_CONNECTION_INCREMENT(
            CONNECTION,
            PROTOCOL_ERROR,
            "RFC 9113 section 6.9",
            "The connection's WINDOW_UPDATE with an increment of 0"),
    CONTINUATION_WITHOUT_STREAM(CONNECTION, PROTOCOL_ERROR, "RFC 9113 section 6.10", "CONTINUATION on stream 0"),
    UNEXPECTED_CONTINUATION(
            CONNECTION, PROTOCOL_ERROR, "RFC 9113 section 6.10", "CONTINUATION without a field block to continue"),
    TOO_MANY_CONTINUATIONS(
            CONNECTION, ENHANCE_YOUR_CALM, "RFC 9113 section 10.5", "A field block in too many CONTINUATION frames"),
    FIELD_BLOCK_TOO_LONG(CONNECTION, ENHANCE_YOUR_CALM, "RFC 9113 section 10.5.1", "A field block has too many bytes"),
    PRIORITY_UPDATE_ON_STREAM(CONNECTION, PROTOCOL_ERROR, "RFC 9218 section 7.1", "PRIORITY_UPDATE on a stream"),
    PRIORITY_UPDATE_LENGTH(
            CONNECTION, FRAME_SIZE_ERROR, "RFC 9218 section 7.1", "PRIORITY_UPDATE has fewer than 4 bytes"),
    PRIORITY_UPDATE_WITHOUT_STREAM(CONNECTION, PROTOCOL_ERROR, "RFC 9218 section 7.1", "PRIORITY_UPDATE for stream 0"),
    PRIORITY_UPDATE_FOR_PUSH(
            CONNECTION,
            PROTOCOL_ERROR,
            "RFC 9218 section 7.1",
            "PRIORITY_UPDATE for a stream that only a server could open"),

    // Flow control.
    WINDOW_EXCEEDED(
            STREAM, FLOW_CONTROL_ERROR, "RFC 9113 section 6.9.1", "More DATA than the stream's window has room for"),
    CONNECTION_WINDOW_EXCEEDED(
            CONNECTION,
            FLOW_CONTROL_ERROR,
            "RFC 9113 section 6.9.1",
            "More DATA than the connection's window has room for"),
    WINDOW_OVERFLOW(STREAM, FLOW_CONTROL_ERROR, "RFC 9113 section 6.9.1", "The stream's window grows above 2^31-1"),
    CONNECTION_WINDOW_OVERFLOW(
            CONNECTION, FLOW_CONTROL_ERROR, "RFC 9113 section 6.9.1", "The connection's window grows above 2^31-1"),
    INITIAL_WINDOW_OVERFLOW(
            CONNECTION,
            FLOW_CONTROL_ERROR,
            "RFC 9113 section 6.9.2",
            "A change of INITIAL_WINDOW_SIZE makes a window grow above 2^31-1"),

    // Streams.
    EVEN_STREAM_ID(CONNECTION, PROTOCOL_ERROR, "RFC 9113 section 5.1.1", "A client opens a stream with an even number"),
    STREAM_ID_NOT_INCREASING(
            CONNECTION,
            PROTOCOL_ERROR,
            "RFC 9113 section 5.1.1",
            "A stream's number is below one that was used before"),
    FRAME_ON_IDLE_STREAM(
            CONNECTION, PROTOCOL_ERROR, "RFC 9113 section 5.1", "A frame on a stream that is not open yet"),
    FRAME_AFTER_END(STREAM, STREAM_CLOSED, "RFC 9113 section 5.1", "A frame behind END_STREAM"),
    FRAME_AFTER_RESET(STREAM, STREAM_CLOSED, "RFC 9113 section 5.1", "A frame behind the client's own RST_STREAM"),
    FRAME_ON_CLOSED_STREAM(
            CONNECTION, STREAM_CLOSED, "RFC 9113 section 5.1", "A frame on a stream that both sides have ended"),
    TOO_MANY_STREAMS(STREAM, REFUSED_STREAM, "RFC 9113 section 5.1.2", "More streams than MAX_CONCURRENT_STREAMS"),
    TRAILERS_WITHOUT_END(STREAM, PROTOCOL_ERROR, "RFC 9113 section 8.1", "Trailers without END_STREAM"),
    HEADERS_IN_TUNNEL(STREAM, PROTOCOL_ERROR, "RFC 9113 section 8.5", "HEADERS on the stream of a tunnel"),
    TOO_MANY_ODD_FRAMES(CONNECTION, ENHANCE_YOUR_CALM, "RFC 9113 section 10.5", "Too many frames that carry nothing"),
    TOO_MANY_RESETS(CONNECTION, ENHANCE_YOUR_CALM, "RFC 9113 section 10.5", "Too many streams come to nothing"),

    // Compression.
    FIELD_BLOCK_TRUNCATED(CONNECTION, COMPRESSION_ERROR, "RFC 9113 section 4.3", "A field block ends within a field"),
    TABLE_SIZE_UPDATE_MISSING(
            CONNECTION,
            COMPRESSION_ERROR,
            "RFC 9113 section 4.3.1",
            "A field block does not begin with the size update that a smaller table asks for"),
    INVALID_INDEX(CONNECTION, COMPRESSION_ERROR, "RFC 7541 section 2.3.3", "An index is in neither table"),
    TABLE_SIZE_UPDATE_MISPLACED(CONNECTION, COMPRESSION_ERROR, "RFC 7541 section 4.2", "A size update behind a field"),
    INTEGER_TOO_LARGE(CONNECTION, COMPRESSION_ERROR, "RFC 7541 section 5.1", "A number in a field block is too large"),
    HUFFMAN_END_OF_STRING(
            CONNECTION, COMPRESSION_ERROR, "RFC 7541 section 5.2", "A string contains the code for its end"),
    HUFFMAN_PADDING(
            CONNECTION, COMPRESSION_ERROR, "RFC 7541 section 5.2", "The padding of a string is not what it has to be"),
    TABLE_SIZE_TOO_LARGE(
            CONNECTION, COMPRESSION_ERROR, "RFC 7541 section 6.3", "A size update above HEADER_TABLE_SIZE"),

    // Requests: pseudo-fields.
    REPEATED_PSEUDO_FIELD(400, "RFC 9113 section 8.3", "A pseudo-field is there more than once"),
    UNKNOWN_PSEUDO_FIELD(400, "RFC 9113 section 8.3", "A pseudo-field that requests do not have"),
    PSEUDO_FIELD_AFTER_FIELD(400, "RFC 9113 section 8.3", "A pseudo-field behind a field"),
    MISSING_PSEUDO_FIELD(400, "RFC 9113 section 8.3.1", "One of :method, :scheme and :path is missing"),
    INVALID_METHOD(400, "RFC 9110 section 9.1", "The method is not a token"),
    METHOD_TOO_LONG(501, "RFC 9110 section 9.1", "The method is longer than any accepted here"),
    UNKNOWN_SCHEME(400, "RFC 9113 section 8.3.1", "The scheme is not http or https"),
    EMPTY_PATH(400, "RFC 9113 section 8.3.1", "The path is empty"),
    INVALID_PATH(400, "RFC 9113 section 8.3.1", "The path is malformed"),
    INVALID_PERCENT_ENCODING(400, "RFC 3986 section 2.1", "A percent sign without two hexadecimal digits in the path"),
    PATH_TOO_LONG(414, "RFC 9110 section 15.5.15", "The path is too long"),
    ASTERISK_WITHOUT_OPTIONS(400, "RFC 9113 section 8.3.1", "The path * is for OPTIONS alone"),
    MISSING_AUTHORITY(400, "RFC 9110 section 7.2", "Neither :authority nor Host is there"),
    INVALID_AUTHORITY(400, "RFC 9113 section 8.3.1", "The authority is malformed"),
    HOST_UNLIKE_AUTHORITY(400, "RFC 9113 section 8.3.1", "Host and :authority differ"),
    REPEATED_HOST(400, "RFC 9110 section 7.2", "The Host field is there more than once"),
    CONNECT_WITH_PATH(400, "RFC 9113 section 8.5", "CONNECT with :scheme or :path, and without :protocol"),
    PROTOCOL_WITHOUT_CONNECT(400, "RFC 8441 section 4", "The method of a request with :protocol is not CONNECT"),
    INVALID_PROTOCOL(400, "RFC 8441 section 4", "The :protocol is not a token"),

    // Requests: fields.
    EMPTY_FIELD_NAME(400, "RFC 9113 section 8.2.1", "A field has no name"),
    INVALID_FIELD_NAME(400, "RFC 9113 section 8.2.1", "A field name is not a token in lower case"),
    INVALID_FIELD_VALUE(400, "RFC 9113 section 8.2.1", "A control character in a field value"),
    WHITESPACE_AROUND_VALUE(400, "RFC 9113 section 8.2.1", "A field value begins or ends with white space"),
    CONNECTION_SPECIFIC_FIELD(400, "RFC 9113 section 8.2.2", "A field that speaks of an HTTP/1.1 connection"),
    INVALID_TE(400, "RFC 9113 section 8.2.2", "TE is not trailers"),
    FIELD_TOO_LONG(431, "RFC 6585 section 5", "A field is too long"),
    FIELDS_TOO_LARGE(431, "RFC 9113 section 10.5.1", "The fields are too large together"),
    TOO_MANY_FIELDS(431, "RFC 6585 section 5", "There are too many fields"),
    INVALID_CONTENT_LENGTH(400, "RFC 9110 section 8.6", "Content-Length is not a number"),
    REPEATED_CONTENT_LENGTH(400, "RFC 9110 section 8.6", "Content-Length is there more than once"),
    CONTENT_LENGTH_OVERFLOW(413, "RFC 9110 section 8.6", "Content-Length is too large"),
    LENGTH_UNLIKE_DATA(400, "RFC 9113 section 8.1.1", "Content-Length is not the length of the DATA"),
    PSEUDO_FIELD_IN_TRAILERS(400, "RFC 9113 section 8.1", "A pseudo-field in trailers"),
    FORBIDDEN_TRAILER(400, "RFC 9110 section 6.5.1", "A field that may not be a trailer");

    /** How far a violation reaches (RFC 9113 section 5.4). */
    public enum Scope {
        /** The whole connection, which ends with GOAWAY. */
        CONNECTION,
        /** One stream, which ends with RST_STREAM. */
        STREAM
    }

    private static final int NO_STATUS = 0;
    private static final int FIRST_LIMIT_STATUS = 413;

    private final Scope scope;
    private final ErrorCode errorCode;
    private final int status;
    private final String section;
    private final String reason;
    private final Http2ViolationException exception;

    Http2Violation(Scope scope, ErrorCode errorCode, String section, String reason) {
        this(scope, errorCode, NO_STATUS, section, reason);
    }

    /**
     * A request that breaks a rule is malformed (RFC 9113 section 8.1.1). A request beyond this server's limits is not,
     * so the reset after its answer only asks the client to stop sending (section 8.1).
     */
    Http2Violation(int status, String section, String reason) {
        this(STREAM, status < FIRST_LIMIT_STATUS ? PROTOCOL_ERROR : NO_ERROR, status, section, reason);
    }

    Http2Violation(Scope scope, ErrorCode errorCode, int status, String section, String reason) {
        this.scope = scope;
        this.errorCode = errorCode;
        this.status = status;
        this.section = section;
        this.reason = reason;
        this.exception = new Http2ViolationException(this, reason + " (" + section + ")");
    }

    /** How far the violation reaches. */
    public Scope scope() {
        return scope;
    }

    /** The code of the GOAWAY or RST_STREAM. */
    public ErrorCode errorCode() {
        return errorCode;
    }

    /** The status that answers the request before its stream is reset; 0 if there is no request to answer. */
    public int status() {
        return status;
    }

    /** The section that states the rule, for example {@code RFC 9113 section 6.1}. */
    public String section() {
        return section;
    }

    /** The reason in words that contain nothing from the client: safe as the debug data of a GOAWAY. */
    public String reason() {
        return reason;
    }

    /** The exception that carries this violation; always the same object. */
    public Http2ViolationException exception() {
        return exception;
    }

    /** Returns the HTTP/2 form of a violation that both versions of HTTP share. */
    static Http2Violation of(Violation shared) {
        return switch (shared) {
            case INVALID_PERCENT_ENCODING -> INVALID_PERCENT_ENCODING;
            case INVALID_AUTHORITY, INVALID_HOST -> INVALID_AUTHORITY;
            case REPEATED_HOST -> REPEATED_HOST;
            case INVALID_CONTENT_LENGTH -> INVALID_CONTENT_LENGTH;
            case REPEATED_CONTENT_LENGTH -> REPEATED_CONTENT_LENGTH;
            case CONTENT_LENGTH_OVERFLOW -> CONTENT_LENGTH_OVERFLOW;
            case FORBIDDEN_TRAILER -> FORBIDDEN_TRAILER;
            case INVALID_TARGET, INVALID_REQUEST_LINE -> INVALID_PATH;
            default -> throw new IllegalArgumentException(shared + " is a rule of HTTP/1.1 alone");
        };
    }
}
