package org.httpkit.internal.net;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A loop's work on the input of one link. What that link sends meanwhile is gathered in the loop's buffers and leaves at the end, in
 * one write. A loop has one turn at a time, so there is one for each loop, and confined to it.
 */
public final class Turn {
    /** Bytes gathered for one write before they leave at the latest. */
    private static final int MOST_BYTES = 48 * 1024;

    /** Whose turn it is. */
    private @Nullable OutboundQueue outbound;
    /** Whether bytes are gathered under the write claim, so that nobody's overtake them. */
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

    /** Whether another thread has handed something over that comes before what is gathered from now on. */
    boolean isOvertaken() {
        return gathering && outbound().hasArrivals();
    }

    /** Takes note that bytes were added to the buffers; false if they have to leave now. */
    boolean gather(Scratch scratch) {
        gathering = gathering || outbound().tryClaim();
        return gathering && scratch.bytes.length() < MOST_BYTES;
    }

    /** Lets what was gathered leave. */
    void flush(Scratch scratch) {
        if (gathering) {
            gathering = false;
            outbound().sendClaimed(scratch);
        } else if (scratch.bytes.length() > 0) {
            outbound().send(scratch);
        }
    }

    /** Lets what was gathered leave, and the segment behind it; false if the link is closed: then the segment has been told. */
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
