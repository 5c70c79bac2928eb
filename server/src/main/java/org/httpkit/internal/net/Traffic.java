package org.httpkit.internal.net;

import java.util.concurrent.atomic.LongAdder;

/** Counts the traffic of all of a server's sockets. Safe from any thread. */
public final class Traffic {
    final LongAdder bytesRead = new LongAdder();
    final LongAdder bytesWritten = new LongAdder();
    final LongAdder accepted = new LongAdder();
    final LongAdder acceptFailures = new LongAdder();

    Traffic() {}

    public long bytesRead() {
        return bytesRead.sum();
    }

    public long bytesWritten() {
        return bytesWritten.sum();
    }

    /** Connections accepted. */
    public long accepted() {
        return accepted.sum();
    }

    /** Attempts to accept that failed, mostly for lack of descriptors. */
    public long acceptFailures() {
        return acceptFailures.sum();
    }
}
