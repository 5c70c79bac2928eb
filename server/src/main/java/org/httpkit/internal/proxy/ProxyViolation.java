package org.httpkit.internal.proxy;

/** The ways a peer can break the rules of the PROXY protocol or of the forwarding fields; each ends the connection. */
@SuppressWarnings("ImmutableEnumChecker") // The exception has neither stack nor suppressed exceptions.
public enum ProxyViolation {
    MISSING_HEADER("PROXY protocol section 2", "The connection does not begin with a PROXY protocol header"),

    // Version 1.
    INVALID_LINE("PROXY protocol section 2.1", "The line has another form than the six words of version 1"),
    LINE_TOO_LONG("PROXY protocol section 2.1", "The line is longer than 107 bytes"),
    INVALID_ADDRESS("PROXY protocol section 2.1", "An address is not one of the protocol family named"),
    INVALID_PORT("PROXY protocol section 2.1", "A port is not a decimal number from 0 to 65535"),

    // Version 2.
    UNSUPPORTED_VERSION("PROXY protocol section 2.2", "The version of the binary header is not 2"),
    UNKNOWN_COMMAND("PROXY protocol section 2.2", "The command is neither LOCAL nor PROXY"),
    UNKNOWN_FAMILY("PROXY protocol section 2.2", "The address family or the transport protocol is unassigned"),
    HEADER_TOO_LONG("PROXY protocol section 2.2", "The header is longer than this server accepts"),
    TRUNCATED_ADDRESSES("PROXY protocol section 2.2", "The header is too short for its addresses"),
    INVALID_TLV("PROXY protocol section 2.2", "The values behind the addresses are malformed"),
    WRONG_CHECKSUM("PROXY protocol section 2.2.3", "The checksum is not the one of the header"),
    INVALID_UNIQUE_ID("PROXY protocol section 2.2.5", "The unique id is longer than 128 bytes"),
    INVALID_TLS_VALUE("PROXY protocol section 2.2.6", "The value about TLS is malformed"),

    // Fields.
    CONFLICTING_FORWARDED_FIELDS(
            "RFC 7239 section 8.1",
            "Forwarded and X-Forwarded-For disagree about the client or the scheme; a proxy must remove one");

    private final String section;
    private final String reason;
    private final ProxyViolationException exception;

    ProxyViolation(String section, String reason) {
        this.section = section;
        this.reason = reason;
        this.exception = new ProxyViolationException(this, reason + " (" + section + ")");
    }

    /** The section that states the rule, for example {@code PROXY protocol section 2.1}. */
    public String section() {
        return section;
    }

    /** The reason in words that contain nothing from the peer: safe to send. */
    public String reason() {
        return reason;
    }

    /** The exception that carries this violation; always the same object. */
    ProxyViolationException exception() {
        return exception;
    }
}
