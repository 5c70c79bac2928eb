package org.httpkit.internal.exchange;

import java.io.IOException;
import org.httpkit.internal.net.ShedException;
import org.httpkit.internal.net.UnreadableFileException;
import org.httpkit.server.CloseReason.Cause;
import org.jspecify.annotations.Nullable;

/** The server ends a connection at once, for a cause. Stackless, because clients can make it happen often. */
public final class EndedException extends IOException {
    private static final long serialVersionUID = 1;

    private final Cause cause;

    public EndedException(Cause cause, String message) {
        super(message);
        this.cause = cause;
    }

    public EndedException(Cause cause, String message, Throwable failure) {
        super(message, failure);
        this.cause = cause;
    }

    @Override
    public Throwable fillInStackTrace() {
        return this;
    }

    /** Returns why a connection was closed with this failure; null stands for the peer's orderly end. */
    public static Cause causeOf(@Nullable IOException failure) {
        if (failure instanceof EndedException ended) {
            return ended.cause;
        }
        if (failure instanceof ShedException) {
            return Cause.SLOW_CONSUMER;
        }
        if (failure instanceof UnreadableFileException) {
            return Cause.HANDLER_ERROR;
        }
        return failure == null ? Cause.PEER_CLOSED : Cause.PEER_RESET;
    }
}
