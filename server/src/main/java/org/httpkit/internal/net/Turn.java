package org.httpkit.internal.net;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A loop's work on the input of one link. The link's output during the work is gathered in the loop's buffers and
 * leaves at the end, in one write. A loop has one turn at a time, so there is one object for each loop, confined to it.
 */
public final class Turn {
    /** Most bytes gathered before they leave. */
    private static final int MOST_BYTES = 48 * 1024;

    /** The queue of the link whose turn it is. */
    private @Nullable OutboundQueue outbound;
    /** Whether bytes are gathered under the write claim, so that no others overtake them. */
    private boolean gathering;

    public Turn() {}

    boolean isOf(OutboundQueue queue) {
        return outbound == queue;
    }

    void begin(OutboundQueue queue) {
        assert outbound == null : "It is another link's turn";
        outbound = queue;
        gathering = false;
    }

    void end() {
        outbound = null;
    }

    /** Whether another thread has handed over output that comes before bytes gathered from now on. */
    boolean isOvertaken() {
        return gathering && outbound().hasArrivals();
    }

    /** Notes that bytes were added to the buffers. Returns false if they must leave now. */
    boolean gather(Scratch scratch) {
        gathering = gathering || outbound().tryClaim();
        return gathering && scratch.bytes.length() < MOST_BYTES;
    }

    /** Sends the gathered bytes. */
    void flush(Scratch scratch) {
        if (gathering) {
            gathering = false;
            outbound().sendClaimed(scratch);
        } else if (scratch.bytes.length() > 0) {
            outbound().send(scratch);
        }
    }

    /**
     * Sends the gathered bytes, then the segment. Returns false if the link is closed; then the segment has received
     * the failure.
     */
    boolean flush(Scratch scratch, Segment segment) {
        if (gathering) {
            gathering = false;
            outbound().sendClaimed(scratch, segment);
            return true;
        }
        return outbound().send(scratch, segment);
    }

    private OutboundQueue outbound() {
        return Objects.requireNonNull(outbound);
    }
}
