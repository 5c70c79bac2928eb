package org.httpkit.internal.net;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The end of the output: once everything before it has left, informs the peer that nothing more comes, and may close
 * the link.
 */
public final class EndSegment extends Segment {
    private final Link link;
    private final boolean keepInput;
    private boolean told;

    /** @param keepInput whether the peer may continue to send; else the link closes */
    public EndSegment(Link link, boolean keepInput) {
        this.link = link;
        this.keepInput = keepInput;
    }

    @Override
    public long remainingBytes() {
        return told ? 0 : 1;
    }

    @Override
    public long heldBytes() {
        return 0;
    }

    @Override
    void writeTo(Transport wire, Scratch scratch) throws IOException {
        told = keepInput ? wire.shutdownOutput() : wire.farewell();
    }

    @Override
    protected void done(@Nullable IOException failure) {
        if (failure == null && !keepInput) {
            link.closeSoon(null);
        }
    }
}
