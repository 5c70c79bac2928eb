package org.httpkit.internal.exchange;

import java.io.IOException;
import org.httpkit.http.Status;
import org.jspecify.annotations.Nullable;

/** A body that the server refused while its handler was reading it, or before; not the handler's fault. */
public final class RefusedBodyException extends IOException {
    private static final long serialVersionUID = 1;

    private final transient Status status;
    private final boolean told;

    /** Of which the observer has been told. */
    public RefusedBodyException(Status status, String reason) {
        this(status, reason, null, true);
    }

    private RefusedBodyException(Status status, String reason, @Nullable Throwable cause, boolean told) {
        super(reason, cause);
        this.status = status;
        this.told = told;
    }

    /** Of which the observer is told when it becomes the answer. */
    static RefusedBodyException untold(Status status, String reason, @Nullable Throwable cause) {
        return new RefusedBodyException(status, reason, cause, false);
    }

    static String largerThan(long mostBytes) {
        return "The body is larger than the " + mostBytes + " bytes accepted here (RFC 9110 section 15.5.14)";
    }

    Status status() {
        return status;
    }

    /** Whether the observer has been told. */
    boolean isTold() {
        return told;
    }
}
