package org.httpkit.internal.http2;

/**
 * The numbers of a connection's streams (RFC 9113 section 5.1.1): which are idle, and how the inactive ones ended.
 * Confined to its loop.
 *
 * <p>It remembers the latest 256 streams that were reset, because frames for them may be on their way, and the latest
 * eight gaps of skipped numbers. A forgotten stream counts as ended by both sides.
 */
public final class StreamIds {
    private static final int MOST_RESETS = 256;
    private static final int FEWEST_RESETS = 4;
    private static final int MOST_GAPS = 8;
    private static final int NONE = -1;
    private static final int[] NO_NUMBERS = {};

    private int last = NONE;
    private int openedCount;

    /**
     * Numbers of streams that were reset, in a ring that grows. The lowest bit, always 1 in a number, is 0 if the
     * client reset the stream.
     */
    private int[] resets = NO_NUMBERS;

    private int resetCount;
    /** For each gap the first and the last skipped number. */
    private int[] gaps = NO_NUMBERS;

    private int gapCount;

    public StreamIds() {}

    /** The highest number that the client has used; 0 before its first stream. */
    public int last() {
        return Math.max(last, 0);
    }

    /** How many streams the client has opened. */
    public int openedCount() {
        return openedCount;
    }

    /** Opens an idle stream, and closes all idle ones below it. */
    public void open(int streamId) throws Http2ViolationException {
        if ((streamId & 1) == 0) {
            throw Http2Violation.EVEN_STREAM_ID.exception();
        }
        if (streamId <= last) {
            throw Http2Violation.STREAM_ID_NOT_INCREASING.exception();
        }
        if (streamId > last + 2) {
            noteGap(last + 2, streamId - 2);
        }
        last = streamId;
        openedCount++;
    }

    /** The state of an inactive stream. */
    public StreamState stateOf(int streamId) {
        if (streamId > last || (streamId & 1) == 0) {
            return StreamState.IDLE;
        }
        for (int i = Math.min(resetCount, resets.length) - 1; i >= 0; i--) {
            if ((resets[i] | 1) == streamId) {
                return (resets[i] & 1) == 0 ? StreamState.RESET_BY_CLIENT : StreamState.RESET_BY_SERVER;
            }
        }
        for (int i = 0; i < Math.min(gapCount, MOST_GAPS); i++) {
            if (streamId >= gaps[2 * i] && streamId <= gaps[2 * i + 1]) {
                return StreamState.SKIPPED;
            }
        }
        return StreamState.ENDED;
    }

    /** Remembers how a stream was closed. */
    public void close(int streamId, StreamState how) {
        switch (how) {
            case RESET_BY_CLIENT -> noteReset(streamId & ~1);
            case RESET_BY_SERVER -> noteReset(streamId);
            case ENDED -> {
                // A stream that is not remembered has ended.
            }
            case IDLE, OPEN, HALF_CLOSED_LOCAL, HALF_CLOSED_REMOTE, SKIPPED ->
                throw new IllegalArgumentException("Stream " + streamId + " is not closed but " + how);
        }
    }

    private void noteReset(int reset) {
        if (resetCount == resets.length && resetCount < MOST_RESETS) {
            int[] more = new int[Math.max(FEWEST_RESETS, 2 * resetCount)];
            System.arraycopy(resets, 0, more, 0, resetCount);
            resets = more;
        }
        resets[resetCount % resets.length] = reset;
        resetCount++; // there are at most 2^30 streams
    }

    private void noteGap(int from, int to) {
        if (gaps.length == 0) {
            gaps = new int[2 * MOST_GAPS];
        }
        int slot = 2 * (gapCount % MOST_GAPS);
        gaps[slot] = Math.max(from, 1);
        gaps[slot + 1] = to;
        gapCount++;
    }
}
