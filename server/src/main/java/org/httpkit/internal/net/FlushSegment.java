package org.httpkit.internal.net;

import java.io.IOException;

/** A segment without bytes, at which the transport sends its own pending bytes in order. */
final class FlushSegment extends Segment {
    private boolean flushed;

    @Override
    public long remainingBytes() {
        return flushed ? 0 : 1;
    }

    @Override
    public long heldBytes() {
        return 0;
    }

    @Override
    void writeTo(Transport wire, Scratch scratch) throws IOException {
        flushed = wire.flush();
    }
}
