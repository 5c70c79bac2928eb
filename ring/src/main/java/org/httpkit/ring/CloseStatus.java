package org.httpkit.ring;

import clojure.lang.Keyword;
import java.util.Map;
import org.httpkit.http.CloseCode;
import org.httpkit.server.CloseReason;

/** Converts a channel's end into what its {@code on-close} receives: a keyword, or a code. Stateless. */
final class CloseStatus {
    private static final Map<Integer, Keyword> CLOSE_CODES = Map.ofEntries(
            Map.entry(CloseReason.SERVER_CLOSE, keyword("server-close")),
            Map.entry(CloseReason.CLIENT_CLOSE, keyword("client-close")),
            Map.entry(CloseCode.NORMAL, keyword("normal")),
            Map.entry(CloseCode.GOING_AWAY, keyword("going-away")),
            Map.entry(1002, keyword("protocol-error")),
            Map.entry(1003, keyword("unsupported")),
            Map.entry(1005, keyword("no-status-received")),
            Map.entry(1006, keyword("abnormal")),
            Map.entry(1007, keyword("invalid-payload-data")),
            Map.entry(1008, keyword("policy-violation")),
            Map.entry(1009, keyword("message-too-big")),
            Map.entry(1010, keyword("mandatory-extension")),
            Map.entry(1011, keyword("internal-server-error")),
            Map.entry(1015, keyword("tls-handshake")));
    private static final Keyword UNKNOWN = keyword("unknown");

    private CloseStatus() {}

    /** The reason why a channel was closed, as a keyword: from the code, or from the side that ended it without one. */
    static Keyword of(CloseReason reason) {
        if (reason.code() <= CloseReason.SERVER_CLOSE) {
            return byCode(reason.code()); // HTTP
        }
        return switch (reason.cause()) {
            case CLOSED, SERVER_STOP, SLOW_CONSUMER, WRITE_TIMEOUT, ADDRESS_LIMIT, CONNECTION_LIMIT, OVERLOAD ->
                byCode(CloseReason.SERVER_CLOSE);
            case PEER_CLOSED,
                    PEER_RESET,
                    IDLE_TIMEOUT,
                    HANDSHAKE_TIMEOUT,
                    HEADER_TIMEOUT,
                    BODY_TIMEOUT,
                    TLS_ERROR,
                    PROTOCOL_ERROR,
                    HANDLER_ERROR -> byCode(code(reason));
        };
    }

    /** The code. As in http-kit, a client that has vanished without a close frame has gone away. */
    static int code(CloseReason reason) {
        return switch (reason.cause()) {
            case PEER_CLOSED, PEER_RESET, IDLE_TIMEOUT, HANDSHAKE_TIMEOUT, HEADER_TIMEOUT, BODY_TIMEOUT, TLS_ERROR ->
                reason.code() == CloseCode.ABNORMAL ? CloseCode.GOING_AWAY : reason.code();
            case CLOSED,
                    SERVER_STOP,
                    SLOW_CONSUMER,
                    WRITE_TIMEOUT,
                    ADDRESS_LIMIT,
                    CONNECTION_LIMIT,
                    OVERLOAD,
                    PROTOCOL_ERROR,
                    HANDLER_ERROR -> reason.code();
        };
    }

    private static Keyword byCode(int code) {
        return CLOSE_CODES.getOrDefault(code, UNKNOWN);
    }

    private static Keyword keyword(String name) {
        return Keyword.intern(null, name);
    }
}
