package org.httpkit.internal.http2;

/** The codes of RST_STREAM and GOAWAY (RFC 9113 section 7). */
public enum ErrorCode {
    NO_ERROR(0x0),
    PROTOCOL_ERROR(0x1),
    INTERNAL_ERROR(0x2),
    FLOW_CONTROL_ERROR(0x3),
    SETTINGS_TIMEOUT(0x4),
    STREAM_CLOSED(0x5),
    FRAME_SIZE_ERROR(0x6),
    REFUSED_STREAM(0x7),
    CANCEL(0x8),
    COMPRESSION_ERROR(0x9),
    CONNECT_ERROR(0xa),
    ENHANCE_YOUR_CALM(0xb),
    INADEQUATE_SECURITY(0xc),
    HTTP_1_1_REQUIRED(0xd);

    private final int code;

    ErrorCode(int code) {
        this.code = code;
    }

    /** The number on the wire. */
    public int code() {
        return code;
    }

    /**
     * Returns the name of a code that a client has sent, or its number if the code is unknown, which is legal (section
     * 7).
     */
    public static String nameOf(int code) {
        for (ErrorCode known : values()) {
            if (known.code == code) {
                return known.name();
            }
        }
        return "0x" + Integer.toHexString(code);
    }
}
