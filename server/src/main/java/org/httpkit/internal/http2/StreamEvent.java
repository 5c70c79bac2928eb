package org.httpkit.internal.http2;

/** The events of a stream: frames received and sent. */
public enum StreamEvent {
    RECEIVE_HEADERS(false),
    RECEIVE_HEADERS_AND_END(false),
    RECEIVE_DATA(false),
    RECEIVE_DATA_AND_END(false),
    RECEIVE_RST_STREAM(false),
    RECEIVE_WINDOW_UPDATE(false),
    /** PRIORITY or PRIORITY_UPDATE. */
    RECEIVE_PRIORITY(false),
    SEND_HEADERS(true),
    SEND_HEADERS_AND_END(true),
    SEND_DATA(true),
    SEND_DATA_AND_END(true),
    SEND_RST_STREAM(true),
    SEND_WINDOW_UPDATE(true);

    private final boolean sent;

    StreamEvent(boolean sent) {
        this.sent = sent;
    }

    /** A received field block. */
    public static StreamEvent headers(boolean endStream) {
        return endStream ? RECEIVE_HEADERS_AND_END : RECEIVE_HEADERS;
    }

    /** A received DATA frame. */
    public static StreamEvent data(boolean endStream) {
        return endStream ? RECEIVE_DATA_AND_END : RECEIVE_DATA;
    }

    /** Whether the server causes the event. */
    public boolean isSent() {
        return sent;
    }
}
