package org.httpkit.internal.connection;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.httpkit.internal.bytes.ByteQueue;
import org.httpkit.internal.http2.ErrorCode;
import org.httpkit.internal.http2.FlowWindow;
import org.httpkit.internal.http2.FrameEncoder;
import org.httpkit.internal.http2.Http2ViolationException;
import org.httpkit.internal.http2.OddFrames;
import org.httpkit.internal.http2.Settings;
import org.httpkit.internal.http2.StreamEvent;
import org.httpkit.internal.http2.StreamState;
import org.httpkit.internal.http2.StreamTransition;
import org.httpkit.internal.net.Link;
import org.jspecify.annotations.Nullable;

/**
 * Orders what leaves next on an HTTP/2 connection: frames of the connection first, then heads, then content as the
 * windows and RFC 9218 allow. Guarded by its own monitor.
 */
abstract class FrameOrder {
    /** Bytes that one of our frames carries at most, so that other streams soon get their turn. */
    static final int FRAME_BYTES = Settings.LEAST_MAX_FRAME_BYTES;

    /** Bytes of a field block that one of our frames carries at most, so that a size update fits in front. */
    static final int BLOCK_BYTES = FRAME_BYTES - 1;

    /** The least content for which a frame is begun at the end of a buffer, if the stream has more. */
    private static final int FEW_BYTES = 1024;

    final Link link;

    // Guarded by this.
    ByteQueue control = new ByteQueue(0);
    int controlStart;
    final FlowWindow window = FlowWindow.ofConnection(Settings.DEFAULT_WINDOW_BYTES);
    final UrgencyRings rings = new UrgencyRings();
    /** Streams whose next piece needs no window. */
    final ArrayDeque<StreamOutput> heads = new ArrayDeque<>(2);
    /** Frames that have left in part: nothing may come between their parts. */
    OutputPiece.@Nullable Frames begun;

    /** Whether we have acknowledged that the client has lowered its decoder's table. */
    boolean tableLowered;

    /** How many streams have something to send. */
    private int sendingStreams;
    /** Bytes of content that all streams have sent. */
    private long contentBytes;
    /** When the client's time to make room for all streams began, as if it had taken their bytes at the least rate. */
    long progressNanos;

    final OddFrames odd;

    @Nullable
    StreamOutput ended;

    boolean tellsEnds;
    /** Whether to report streams that wait for a window: the client has ended its side and can open none. */
    boolean tellsStuck;
    /** Callbacks to call when the bytes that were pulled have left. */
    @Nullable
    List<Consumer<@Nullable IOException>> pulledNotices;

    /** Tasks for threads that may wait, to be started as soon as the lock is released. Written under the lock. */
    volatile @Nullable List<Runnable> readings;

    FrameOrder(Link link, OddFrames odd) {
        this.link = link;
        this.odd = odd;
    }

    /** Reports that streams have ended, after the loop has asked for it. */
    abstract void tellEnd();

    /** Reports that a stream has to wait for a window. */
    abstract void tellHeldBack();

    /** Reports that a stream waits for a window, after the loop has asked for it. */
    abstract void tellStuck();

    /** Has a thread that may wait read the next piece of a file. Without the lock. */
    abstract void readElsewhere(StreamOutput stream, OutputPiece.OnDisk file);

    /** Has a thread that may wait close a file of which nothing more is needed. Without the lock. */
    abstract void closeElsewhere(OutputPiece.OnDisk file, @Nullable IOException cause);

    boolean isSendable() {
        assert Thread.holdsLock(this);
        return begun != null
                || control.length() > controlStart
                || !heads.isEmpty()
                || (window.bytes() > 0 && !rings.isEmpty());
    }

    /** Fills the buffer; returns whether there may be more. */
    boolean fill(ByteBuffer into) {
        assert Thread.holdsLock(this);
        OutputPiece.Frames whole = begun;
        if (whole != null) {
            if (!whole.put(into)) {
                return true;
            }
            begun = null;
        }
        int count = Math.min(into.remaining(), control.length() - controlStart);
        into.put(control.array(), controlStart, count);
        controlStart += count;
        if (controlStart < control.length()) {
            return true;
        }
        control.clear();
        controlStart = 0;
        boolean room = true;
        while (room) {
            StreamOutput next = heads.poll();
            if (next != null) {
                next.inHeads = false;
            } else if (window.bytes() > 0 && rings.next() instanceof StreamOutput content) {
                next = content;
            } else {
                if (!rings.isEmpty()) {
                    noteStuck();
                }
                return control.length() > 0;
            }
            room = take(next, into);
            if (room) {
                rings.served(next);
            }
            place(next);
        }
        return true;
    }

    /**
     * Takes what the stream sends next, at most one frame of content; returns false if the buffer has no room for it.
     */
    private boolean take(StreamOutput stream, ByteBuffer into) {
        boolean anyContent = false;
        for (OutputPiece piece = stream.first; piece != null; piece = stream.first) {
            if (piece instanceof OutputPiece.Frames frames) {
                if (!frames(stream, frames, into)) {
                    return false;
                }
            } else if (piece instanceof OutputPiece.Notice notice) {
                stream.removeFirst();
                notices().add(notice.told);
            } else if (piece instanceof OutputPiece.Content content) {
                if (anyContent || window.bytes() <= 0 || stream.sends.bytes() <= 0) {
                    return true;
                }
                if (content.ready() > 0) {
                    if (!data(stream, content, into)) {
                        return false;
                    }
                    anyContent = true;
                }
                if (!content.isOver()) {
                    return true;
                }
                stream.removeFirst();
                settle(content);
            }
        }
        return true;
    }

    private void settle(OutputPiece.Content content) {
        if (content instanceof OutputPiece.OnDisk file) {
            readings().add(() -> closeElsewhere(file, null));
        } else {
            content.sent();
        }
    }

    private boolean frames(StreamOutput stream, OutputPiece.Frames frames, ByteBuffer into) {
        if (frames.wanted != null && !frames.wanted.getAsBoolean()) {
            stream.removeFirst();
            stream.held(-frames.heldBytes());
            return true;
        }
        boolean isBlock = frames.event == StreamEvent.SEND_HEADERS || frames.event == StreamEvent.SEND_HEADERS_AND_END;
        if (isBlock && tableLowered) {
            // It may have been encoded before, and now leaves behind our acknowledgement (section 4.3.1).
            stream.held(frames.beginWithSizeUpdate());
        }
        if (frames.remaining() > into.remaining() && into.position() > 0) {
            return false;
        }
        stream.removeFirst();
        stream.held(-frames.heldBytes());
        boolean all = frames.put(into);
        if (!all) {
            begun = frames;
        }
        if (frames.event != null) {
            if (isBlock) {
                odd.headersSent();
            }
            move(stream, frames.event);
        }
        return all;
    }

    private boolean data(StreamOutput stream, OutputPiece.Content content, ByteBuffer into) {
        int wanted = Math.min(Math.min(content.ready(), FRAME_BYTES), Math.min(window.bytes(), stream.sends.bytes()));
        int room = into.remaining() - FrameEncoder.HEAD_BYTES;
        if (room < Math.min(wanted, FEW_BYTES)) {
            return false;
        }
        int count = Math.min(wanted, room);
        window.charge(count);
        stream.sends.charge(count);
        int headAt = into.position();
        into.position(headAt + FrameEncoder.HEAD_BYTES);
        long held = content.heldBytes();
        content.put(into, count);
        stream.held(content.heldBytes() - held);
        boolean ends = content.endsStream && content.isOver();
        FrameEncoder.putDataHead(into, headAt, stream.id, count, ends);
        odd.dataSent(count);
        noteTaken(stream, count);
        if (ends) {
            move(stream, StreamEvent.SEND_DATA_AND_END);
        }
        return true;
    }

    /** Advances the progress of the stream, and of all, at the least rate: a client that takes less falls behind the clock. */
    private void noteTaken(StreamOutput stream, int bytes) {
        contentBytes += bytes;
        stream.progressNanos = progressed(stream.progressNanos, bytes);
        progressNanos = progressed(progressNanos, bytes);
    }

    private long progressed(long beforeNanos, int bytes) {
        long rate = link.outputBudget().minBytesPerSecond();
        long now = link.freshNanos();
        return rate == 0 ? now : Math.min(now, beforeNanos + bytes * 1_000_000_000L / rate);
    }

    /** Counts a stream that has something to send from now on, or nothing any more. */
    public void counted(boolean hasOutput) {
        assert Thread.holdsLock(this);
        if (sendingStreams == 0) {
            progressNanos = link.freshNanos();
        }
        sendingStreams += hasOutput ? 1 : -1;
    }

    public synchronized long contentBytes() {
        return contentBytes;
    }

    private void move(StreamOutput stream, StreamEvent event) {
        try {
            stream.state = StreamTransition.next(stream.state, event);
        } catch (Http2ViolationException e) {
            throw new IllegalStateException(e);
        }
        if (event == StreamEvent.SEND_HEADERS_AND_END || event == StreamEvent.SEND_DATA_AND_END) {
            odd.answered();
            stream.endSent = true;
            ErrorCode code = stream.codeAtEnd(stream.state == StreamState.HALF_CLOSED_LOCAL);
            if (code != null) {
                FrameEncoder.rstStream(control, stream.id, code);
                stream.state = StreamState.RESET_BY_SERVER;
            }
            if (!stream.state.isActive()) {
                noteEnd(stream);
            }
        }
    }

    private List<Consumer<@Nullable IOException>> notices() {
        List<Consumer<@Nullable IOException>> known = pulledNotices;
        if (known == null) {
            known = new ArrayList<>(2);
            pulledNotices = known;
        }
        return known;
    }

    /** Files the stream by what it has to send next. */
    void place(StreamOutput stream) {
        assert Thread.holdsLock(this);
        OutputPiece next = stream.first;
        boolean content = next instanceof OutputPiece.Content;
        if (content && next instanceof OutputPiece.OnDisk file && stream.sends.bytes() > 0 && file.beginReading()) {
            readings().add(() -> readElsewhere(stream, file));
        }
        if (content && (stream.sends.bytes() <= 0 || window.bytes() <= 0)) {
            stream.waited = true;
            if (!stream.heldBack) {
                stream.heldBack = true;
                tellHeldBack();
            }
            noteStuck();
        }
        boolean sendable = content
                && stream.sends.bytes() > 0
                && next instanceof OutputPiece.Content ready
                && (ready.ready() > 0 || ready.isOver());
        if (sendable) {
            rings.add(stream);
        } else {
            rings.remove(stream);
        }
        if (next != null && !content && !stream.inHeads) {
            stream.inHeads = true;
            heads.add(stream);
        }
    }

    private void noteStuck() {
        if (tellsStuck) {
            tellsStuck = false;
            tellStuck();
        }
    }

    private List<Runnable> readings() {
        List<Runnable> known = readings;
        if (known == null) {
            known = new ArrayList<>(2);
            readings = known;
        }
        return known;
    }

    @Nullable
    OutputPiece closeOutput(StreamOutput stream) {
        assert Thread.holdsLock(this);
        rings.remove(stream);
        if (stream.inHeads) {
            stream.inHeads = false;
            heads.remove(stream);
        }
        return stream.closeOutput();
    }

    void noteEnd(StreamOutput stream) {
        assert Thread.holdsLock(this);
        assert stream.nextEnded == null && ended != stream : "It has ended before";
        stream.nextEnded = ended;
        ended = stream;
        if (tellsEnds) {
            tellsEnds = false;
            tellEnd();
        }
    }
}
