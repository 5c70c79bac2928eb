package org.httpkit.internal.exchange;

import java.io.IOException;
import org.httpkit.http.Status;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.server.Response;
import org.httpkit.server.TooManyParametersException;
import org.jspecify.annotations.Nullable;

/** The server refused a body, before or while the handler read it; not the handler's fault. Stackless. */
public final class RefusedBodyException extends IOException {
    private static final long serialVersionUID = 1;

    private final transient Status status;
    private final boolean told;

    /** Makes an exception for a refusal that the observer already knows. */
    public RefusedBodyException(Status status, String reason) {
        this(status, reason, null, true);
    }

    private RefusedBodyException(Status status, String reason, @Nullable Throwable cause, boolean told) {
        super(reason, cause);
        this.status = status;
        this.told = told;
    }

    @Override
    public Throwable fillInStackTrace() {
        return this;
    }

    /** Makes an exception for a refusal that the server reports to the observer when it becomes the answer. */
    static RefusedBodyException untold(Status status, String reason, @Nullable Throwable cause) {
        return new RefusedBodyException(status, reason, cause, false);
    }

    /** The refusal that a handler's failure is; null if it is the handler's own. */
    static @Nullable RefusedBodyException of(Throwable failure) {
        if (failure instanceof TooManyParametersException) {
            return untold(Status.CONTENT_TOO_LARGE, String.valueOf(failure.getMessage()), failure);
        }
        return failure instanceof RefusedBodyException refused ? refused : null;
    }

    static String largerThan(long mostBytes) {
        return "The body is larger than the " + mostBytes + " bytes accepted here (RFC 9110 section 15.5.14)";
    }

    /** The answer to the request. */
    Response answer(ServerContext context) {
        Response refusal = Responses.refusal(status);
        return status.equals(Status.UNSUPPORTED_MEDIA_TYPE)
                ? refusal.header("Accept-Encoding", context.coders().accepted())
                : refusal;
    }

    Status status() {
        return status;
    }

    /** Whether the observer knows of the refusal. */
    boolean isTold() {
        return told;
    }
}
