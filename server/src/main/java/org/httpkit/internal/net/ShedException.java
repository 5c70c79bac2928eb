package org.httpkit.internal.net;

import java.io.IOException;

/** Too many bytes waited for the server's peers, and this peer was most to blame. */
public final class ShedException extends IOException {
    private static final long serialVersionUID = 1;

    private final long queuedBytes;

    ShedException(long queuedBytes) {
        super("The server holds too much for its peers, and " + queuedBytes + " bytes of it for this one");
        this.queuedBytes = queuedBytes;
    }

    /** How many bytes waited for the peer. */
    public long queuedBytes() {
        return queuedBytes;
    }
}
