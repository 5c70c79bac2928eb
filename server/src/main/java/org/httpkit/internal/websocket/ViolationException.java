package org.httpkit.internal.websocket;

import java.util.EnumMap;
import java.util.Map;

/**
 * Reports that the peer broke a rule of the WebSocket protocol. Immutable, one per rule, without a stack trace, so that
 * it is cheap for a server under attack.
 */
public final class ViolationException extends Exception {
    private static final long serialVersionUID = 1L;
    private static final Map<WebSocketViolation, ViolationException> SHARED = new EnumMap<>(WebSocketViolation.class);

    static {
        for (WebSocketViolation violation : WebSocketViolation.values()) {
            SHARED.put(violation, new ViolationException(violation));
        }
    }

    private final WebSocketViolation violation;

    private ViolationException(WebSocketViolation violation) {
        super(violation.reason() + " (" + violation.rule() + ")", null, false, false);
        this.violation = violation;
    }

    static ViolationException of(WebSocketViolation violation) {
        ViolationException shared = SHARED.get(violation);
        return shared != null ? shared : new ViolationException(violation);
    }

    /** The rule that was broken. */
    public WebSocketViolation violation() {
        return violation;
    }
}
