package org.httpkit.web;

/** The rules of forms with files that a client can break, and how it is answered. */
public enum MultipartViolation {
    NOT_MULTIPART("RFC 7578 section 4", 415, "Content-Type is not multipart/form-data"),
    INVALID_BOUNDARY("RFC 2046 section 5.1.1", 400, "The boundary is missing or malformed"),
    PREAMBLE("RFC 2046 section 5.1.1", 400, "There is content before the first part"),
    INVALID_DELIMITER("RFC 2046 section 5.1.1", 400, "A line begins with the boundary and continues"),
    EPILOGUE("RFC 2046 section 5.1.1", 400, "There is content after the last part"),
    TRUNCATED("RFC 2046 section 5.1.1", 400, "The body ends without its last delimiter"),
    INVALID_FIELD("RFC 2046 section 5.1", 400, "A header field of a part is malformed, or is not UTF-8"),
    INVALID_DISPOSITION("RFC 7578 section 4.2", 400, "A part has no Content-Disposition, or a malformed one"),
    REPEATED("RFC 7578 section 4.2", 400, "A part has a field or a parameter twice"),
    NO_NAME("RFC 7578 section 4.2", 400, "A part has no name, or is not form-data"),
    TRANSFER_ENCODING("RFC 7578 section 4.7", 400, "A part has a Content-Transfer-Encoding that changes its bytes"),
    INVALID_TEXT("RFC 7578 section 5.1.2", 400, "A text is not in its charset"),
    HEADER_TOO_LARGE("RFC 9110 section 15.5.14", 413, "The header fields of a part are too long"),
    HEADERS_TOO_LARGE("RFC 9110 section 15.5.14", 413, "The header fields of all parts are too long"),
    PART_TOO_LARGE("RFC 9110 section 15.5.14", 413, "A part is too long"),
    TOO_MANY_PARTS("RFC 9110 section 15.5.14", 413, "There are too many parts"),
    FORM_TOO_LARGE("RFC 9110 section 15.5.14", 413, "The form is too long");

    private final String section;
    private final int status;
    private final String reason;

    MultipartViolation(String section, int status, String reason) {
        this.section = section;
        this.status = status;
        this.reason = reason;
    }

    /** The section that states the rule. */
    public String section() {
        return section;
    }

    /** The status of the answer. */
    public int status() {
        return status;
    }

    /** Describes the mistake, for the client to read. */
    public String reason() {
        return reason;
    }
}
