package org.httpkit.internal.exchange;

import java.io.IOException;
import org.httpkit.http.Status;

/** A streamed body that the server refused while its handler was reading it; not the handler's fault. */
public final class RefusedBodyException extends IOException {
    private static final long serialVersionUID = 1;

    private final transient Status status;

    public RefusedBodyException(Status status, String reason) {
        super(reason);
        this.status = status;
    }

    Status status() {
        return status;
    }
}
