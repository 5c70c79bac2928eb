package org.httpkit.internal.http2;

/**
 * Weighs frames and streams without content against useful work, so that a client cannot keep the server busy at no
 * cost (RFC 9113 section 10.5). One per connection; callers pass the time. Used by one thread at a time.
 *
 * <p>There are two accounts. Each begins full; time refills it slowly, useful work faster. Odd events draw on it, and
 * an overdrawn account ends the connection with ENHANCE_YOUR_CALM. The prices leave room for well-behaved clients: two
 * WINDOW_UPDATE frames and a PING for each DATA frame that they receive, three PRIORITY frames for each request, frames
 * with messages of a few bytes, hundreds of calls cancelled at once.
 */
public final class OddFrames {
    /** Frames that carry nothing. Such a frame costs two points. */
    public enum Odd {
        /** DATA without content and without END_STREAM, padded or not (CVE-2019-9518). */
        EMPTY_DATA(2),
        /** DATA with a single byte of content. */
        TINY_DATA(1),
        /** A CONTINUATION frame. */
        CONTINUATION(2),
        /** CVE-2019-9512. */
        PING(2),
        /** An answer to a PING that was never sent. */
        PING_ACK(2),
        /** CVE-2019-9515; a change of windows costs extra. */
        SETTINGS(20),
        /** An answer to SETTINGS that were never sent. */
        SETTINGS_ACK(2),
        WINDOW_UPDATE(2),
        /** PRIORITY or PRIORITY_UPDATE (CVE-2019-9513). */
        PRIORITY(2),
        /** A frame of an unknown type, or GOAWAY. */
        UNKNOWN(2),
        /** A frame on a stream that is closed. */
        LATE(2);

        private final int points;

        Odd(int points) {
            this.points = points;
        }
    }

    /** Streams without a result. */
    public enum Waste {
        /** The client resets an unanswered stream (CVE-2023-44487). */
        CANCELLED(1),
        /** There were too many streams. */
        REFUSED(1),
        /** The client makes the server reset a stream or refuse its request (CVE-2025-8671). */
        RESET_BY_SERVER(10);

        private final int points;

        Waste(int points) {
            this.points = points;
        }
    }

    private static final int MOST_FRAME_POINTS = 4000;
    private static final int FRAME_POINTS_PER_SECOND = 200;
    private static final int MOST_STREAM_POINTS = 1000;
    private static final int STREAM_POINTS_PER_SECOND = 200;

    private static final int POINTS_FOR_REQUEST = 12;
    private static final int POINTS_FOR_HEADERS_SENT = 6;
    private static final int POINTS_FOR_DATA_SENT = 8;
    private static final int SENT_BYTES_FOR_POINT = 1024;
    private static final int STREAMS_FOR_POINT = 4;
    private static final int POINTS_FOR_ANSWER = 1;

    private final Account frames;
    private final Account streams;

    /** Begins with both accounts full at this time. */
    public OddFrames(long nowNanos) {
        frames = new Account(MOST_FRAME_POINTS, FRAME_POINTS_PER_SECOND, nowNanos);
        streams = new Account(MOST_STREAM_POINTS, STREAM_POINTS_PER_SECOND, nowNanos);
    }

    /** Charges for a frame that carries nothing. */
    public void note(Odd odd, long nowNanos) throws Http2ViolationException {
        takeFramePoints(odd.points, nowNanos);
    }

    /** Charges for a DATA frame that has almost no content and does not end its stream. */
    public void noteData(int contentBytes, boolean endStream, long nowNanos) throws Http2ViolationException {
        if (contentBytes == 0 && !endStream) {
            note(Odd.EMPTY_DATA, nowNanos);
        } else if (contentBytes == 1) {
            note(Odd.TINY_DATA, nowNanos);
        }
    }

    /** Charges for a SETTINGS frame that has changed the windows of {@code openStreams} streams. */
    public void noteWindowChange(int openStreams, long nowNanos) throws Http2ViolationException {
        takeFramePoints(openStreams / STREAMS_FOR_POINT, nowNanos);
    }

    /** Charges for a stream without a result. */
    public void note(Waste waste, long nowNanos) throws Http2ViolationException {
        if (!streams.take(waste.points, nowNanos)) {
            throw Http2Violation.TOO_MANY_RESETS.exception();
        }
    }

    private void takeFramePoints(int points, long nowNanos) throws Http2ViolationException {
        if (!frames.take(points, nowNanos)) {
            throw Http2Violation.TOO_MANY_ODD_FRAMES.exception();
        }
    }

    /** Is called when a request has arrived. */
    public void requestCame() {
        frames.give(POINTS_FOR_REQUEST);
    }

    /** Is called when the server has sent a field block. */
    public void headersSent() {
        frames.give(POINTS_FOR_HEADERS_SENT);
    }

    /** Is called when the server has sent DATA. */
    public void dataSent(int bytes) {
        frames.give(POINTS_FOR_DATA_SENT + bytes / SENT_BYTES_FOR_POINT);
    }

    /** Is called when a request has its whole answer. */
    public void answered() {
        streams.give(POINTS_FOR_ANSWER);
    }

    /** A number of points, to which time and work add, up to a limit. */
    private static final class Account {
        private static final long NANOS_PER_SECOND = 1_000_000_000L;

        private final int most;
        private final long nanosPerPoint;
        private int points;
        private long filledNanos;

        Account(int most, int pointsPerSecond, long nowNanos) {
            this.most = most;
            nanosPerPoint = NANOS_PER_SECOND / pointsPerSecond;
            points = most;
            filledNanos = nowNanos;
        }

        void give(int more) {
            points = Math.min(most, points + more);
        }

        /** Takes points off. Returns false if there were too few. */
        boolean take(int price, long nowNanos) {
            long earned = (nowNanos - filledNanos) / nanosPerPoint;
            if (earned > 0) {
                points = (int) Math.min(most, points + earned);
                filledNanos += earned * nanosPerPoint;
            }
            points -= price;
            return points >= 0;
        }
    }
}
