package org.httpkit.internal.net;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The last of the output: tells the peer that nothing more comes, or closes the link, once all before it has left. */
public final class EndSegment extends Segment {
    private final Link link;
    private final boolean keepInput;

    /** @param keepInput whether the peer may go on sending; otherwise the link is closed */
    public EndSegment(Link link, boolean keepInput) {
        this.link = link;
        this.keepInput = keepInput;
    }

    @Override
    public long remainingBytes() {
        return 0;
    }

    @Override
    void writeTo(Transport wire, Scratch scratch) throws IOException {
        if (keepInput) {
            wire.shutdownOutput();
        }
    }

    @Override
    protected void done(@Nullable IOException failure) {
        if (failure == null && !keepInput) {
            link.closeSoon(null);
        }
    }
}
