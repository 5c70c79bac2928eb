package org.httpkit.internal.http2;

/** The types of frames (RFC 9113 section 6, RFC 9218 section 7.1), and one constant for all unknown types. */
public enum FrameType {
    DATA(0x0),
    HEADERS(0x1),
    PRIORITY(0x2),
    RST_STREAM(0x3),
    SETTINGS(0x4),
    PUSH_PROMISE(0x5),
    PING(0x6),
    GOAWAY(0x7),
    WINDOW_UPDATE(0x8),
    CONTINUATION(0x9),
    PRIORITY_UPDATE(0x10),
    UNKNOWN(-1);

    /** Flag of DATA and HEADERS: the last frame of its sender on the stream. */
    static final int END_STREAM = 0x1;
    /** Flag of SETTINGS and PING: an acknowledgement. */
    static final int ACK = 0x1;
    /** Flag of HEADERS and CONTINUATION: the last one of the field block. */
    static final int END_HEADERS = 0x4;
    /** Flag of DATA and HEADERS: the payload begins with the length of the padding. */
    static final int PADDED = 0x8;
    /** Flag of HEADERS: the payload has five bytes of priority. */
    static final int PRIORITY_FLAG = 0x20;

    /** The length of a frame's head (RFC 9113 section 4.1). */
    static final int HEAD_BYTES = 9;

    private final int code;

    FrameType(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    static FrameType of(int code) {
        return switch (code) {
            case 0x0 -> DATA;
            case 0x1 -> HEADERS;
            case 0x2 -> PRIORITY;
            case 0x3 -> RST_STREAM;
            case 0x4 -> SETTINGS;
            case 0x5 -> PUSH_PROMISE;
            case 0x6 -> PING;
            case 0x7 -> GOAWAY;
            case 0x8 -> WINDOW_UPDATE;
            case 0x9 -> CONTINUATION;
            case 0x10 -> PRIORITY_UPDATE;
            default -> UNKNOWN;
        };
    }
}
