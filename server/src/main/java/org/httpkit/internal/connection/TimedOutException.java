package org.httpkit.internal.connection;

import java.io.IOException;
import org.httpkit.server.CloseReason;

/** The server's patience with a peer has ended. */
final class TimedOutException extends IOException {
    private static final long serialVersionUID = 1;

    private final CloseReason.Cause cause;

    TimedOutException(CloseReason.Cause cause, String message) {
        super(message);
        this.cause = cause;
    }

    CloseReason.Cause cause() {
        return cause;
    }
}
