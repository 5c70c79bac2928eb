package org.httpkit.http;

/** The registered WebSocket close codes (RFC 6455 section 7.4.1), as the numbers they are. */
public final class CloseCode {
    /** The purpose of the connection has been fulfilled. */
    public static final int NORMAL = 1000;
    /** An endpoint goes away: a server stops, a browser leaves the page. */
    public static final int GOING_AWAY = 1001;
    /** The peer broke the protocol. */
    public static final int PROTOCOL_ERROR = 1002;
    /** The peer sent a kind of data this endpoint does not take. */
    public static final int UNSUPPORTED_DATA = 1003;
    /** No code was in the close frame. Never sent. */
    public static final int NO_STATUS_RECEIVED = 1005;
    /** The connection ended without a close frame. Never sent. */
    public static final int ABNORMAL = 1006;
    /** A message does not fit its type: text that is not UTF-8. */
    public static final int INVALID_PAYLOAD_DATA = 1007;
    /** A message breaks this endpoint's policy. */
    public static final int POLICY_VIOLATION = 1008;
    /** A message is larger than this endpoint takes. */
    public static final int MESSAGE_TOO_BIG = 1009;
    /** The client needed an extension that the server did not agree to. */
    public static final int MANDATORY_EXTENSION = 1010;
    /** The server could not fulfil the request. */
    public static final int INTERNAL_ERROR = 1011;
    /** The service restarts; come back after a random delay. */
    public static final int SERVICE_RESTART = 1012;
    /** The service is overloaded; come back later. */
    public static final int TRY_AGAIN_LATER = 1013;
    /** The TLS handshake failed. Never sent. */
    public static final int TLS_HANDSHAKE = 1015;

    private CloseCode() {}

    /** Whether an endpoint may put this code into a close frame: 1000 to 1003, 1007 to 1014, 3000 to 4999. */
    public static boolean isSendable(int code) {
        return (code >= NORMAL && code <= UNSUPPORTED_DATA)
                || (code >= INVALID_PAYLOAD_DATA && code <= 1014)
                || (code >= 3000 && code <= 4999);
    }
}
