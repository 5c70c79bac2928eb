package org.httpkit.internal.net;

import java.io.IOException;

/** No bytes of its own: lets what the transport itself has to say leave in its turn. */
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
