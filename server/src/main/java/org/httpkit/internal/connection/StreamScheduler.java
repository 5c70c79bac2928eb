package org.httpkit.internal.connection;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.httpkit.internal.bytes.ByteQueue;
import org.httpkit.internal.http2.ErrorCode;
import org.httpkit.internal.http2.FrameEncoder;
import org.httpkit.internal.http2.Http2ViolationException;
import org.httpkit.internal.http2.OddFrames;
import org.httpkit.internal.http2.StreamEvent;
import org.httpkit.internal.http2.StreamState;
import org.httpkit.internal.http2.StreamTransition;
import org.httpkit.internal.net.Link;
import org.jspecify.annotations.Nullable;

/**
 * Schedules the output of an HTTP/2 connection: frames of the connection first, then heads, then content as the windows
 * and RFC 9218 allow. Safe from any thread.
 *
 * <p>Threads hand over pieces of their streams under one lock, which they hold only for moments. The holder of the
 * link's write claim pulls frames just when the socket has room ({@link #pull}). So windows are charged before the
 * write and in its order, data that a reset drops never leaves, and no thread waits for another one's write.
 */
final class StreamScheduler extends FrameOutput {
    /** Receives reports about the streams. */
    interface Owner {
        /** Is called when streams have ended, after the loop has asked for it. Any thread, under the lock. */
        void streamsEnded();

        /** Is called when a stream has to wait for a window. Any thread, under the lock. */
        void heldBack();

        /**
         * Is called when a stream waits for a window, after the loop has asked for it. Any thread, under the lock.
         */
        void streamsStuck();
    }

    private final Owner owner;

    StreamScheduler(Link link, Owner owner, OddFrames odd) {
        super(link, odd);
        this.owner = owner;
    }

    // ---- what the client lets us send: the loop

    /** Adds credit that the client gives the connection. */
    void credit(int increment) throws Http2ViolationException {
        assert link.isHeldByCaller();
        boolean kicks;
        synchronized (this) {
            window.credit(increment);
            kicks = mustKick();
        }
        send(kicks);
    }

    /** Adds credit that the client gives a stream. */
    void credit(StreamOutput stream, int increment) throws Http2ViolationException {
        assert link.isHeldByCaller();
        boolean kicks;
        synchronized (this) {
            stream.sends.credit(increment);
            place(stream);
            kicks = mustKick();
        }
        send(kicks);
    }

    /** Gives the client credit for a stream, unless the stream was closed meanwhile (RFC 9113 section 5.1). */
    void allow(StreamOutput stream, int increment) {
        control(out -> {
            if (stream.state.receives()) {
                FrameEncoder.windowUpdate(out, stream.id, increment);
            }
        });
    }

    /**
     * Acknowledges the client's settings.
     *
     * @param tableLowered whether each field block behind this has to begin with a size update (RFC 7541 section 4.2)
     */
    void acknowledgeSettings(boolean tableLowered) {
        control(out -> {
            this.tableLowered |= tableLowered;
            FrameEncoder.settingsAck(out);
        });
    }

    /** Applies the client's change of all streams' windows. */
    void resize(Iterable<? extends StreamOutput> streams, int change) throws Http2ViolationException {
        assert link.isHeldByCaller();
        boolean kicks;
        synchronized (this) {
            for (StreamOutput stream : streams) {
                stream.sends.resize(change);
                place(stream);
            }
            kicks = mustKick();
        }
        send(kicks);
    }

    synchronized void prioritize(StreamOutput stream, int priority) {
        rings.prioritize(stream, priority);
    }

    @Override
    public boolean holdsBack(StreamOutput stream) {
        synchronized (this) {
            return stream.first instanceof OutputPiece.Content && (stream.sends.bytes() <= 0 || window.bytes() <= 0);
        }
    }

    /**
     * Since when a window of the client has held the stream back; the time now if none does. While only the window of
     * all does, what it lets other streams send is progress: their client takes it, and has chosen who comes first.
     */
    long heldBackSince(StreamOutput stream, long nowNanos) {
        synchronized (this) {
            if (window.bytes() > 0) {
                progressNanos = nowNanos;
            }
            if (!holdsBack(stream)) {
                stream.progressNanos = nowNanos;
            } else if (stream.sends.bytes() > 0) {
                stream.progressNanos = Math.max(stream.progressNanos, progressNanos);
            }
            return stream.progressNanos;
        }
    }

    // ---- states: the loop

    /** Moves the stream's state for a frame received; returns the outcome. */
    StreamTransition receive(StreamOutput stream, StreamEvent event) {
        synchronized (this) {
            StreamTransition transition = StreamTransition.of(stream.state, event);
            if (transition.violation() == null) {
                boolean wasActive = stream.state.isActive();
                stream.state = transition.next();
                if (wasActive && !stream.state.isActive()) {
                    noteEnd(stream);
                }
            }
            return transition;
        }
    }

    /** Takes the end of the connection for the end of the client's side of the stream. */
    void endInput(StreamOutput stream) {
        synchronized (this) {
            if (stream.state.receives()) {
                receive(stream, StreamEvent.RECEIVE_DATA_AND_END);
            }
        }
    }

    StreamState stateOf(StreamOutput stream) {
        synchronized (this) {
            return stream.state;
        }
    }

    /** Handles the client's reset: drops the waiting output before any of it can leave. */
    StreamTransition resetByClient(StreamOutput stream, IOException cause) {
        assert link.isHeldByCaller();
        OutputPiece dropped = null;
        StreamTransition transition;
        synchronized (this) {
            transition = receive(stream, StreamEvent.RECEIVE_RST_STREAM);
            if (transition.outcome() == StreamTransition.Outcome.PROCEED) {
                dropped = closeOutput(stream);
            }
        }
        drop(dropped, cause);
        budget.settle();
        return transition;
    }

    /**
     * Resets a stream, no matter what it still has to send.
     *
     * @param code the error code for the client
     * @return false if the stream had ended before, so that the client receives nothing
     */
    boolean close(StreamOutput stream, ErrorCode code, IOException cause) {
        OutputPiece dropped;
        boolean kicks;
        boolean active;
        synchronized (this) {
            active = stream.state.isActive();
            if (active) {
                FrameEncoder.rstStream(control, stream.id, code);
                stream.state = StreamState.RESET_BY_SERVER;
                noteEnd(stream);
            }
            dropped = closeOutput(stream);
            kicks = mustKick();
        }
        drop(dropped, cause);
        send(kicks);
        return active;
    }

    /**
     * Answers in place of the handler, on a stream that is no longer used, or never was.
     *
     * @param stream null if no stream was made
     * @param windowBytes the initial window of a stream
     */
    void refuse(
            int id, @Nullable StreamOutput stream, ByteQueue head, byte[] content, int windowBytes, ErrorCode code) {
        OutputPiece dropped = null;
        boolean kicks;
        synchronized (this) {
            if (closed) {
                return;
            }
            int room = stream == null ? windowBytes : stream.sends.bytes();
            boolean fits = content.length > 0
                    && content.length <= Math.min(room, window.bytes())
                    && content.length <= FRAME_BYTES;
            boolean clientMaySend = stream == null || stream.state == StreamState.OPEN;
            FrameEncoder.endHeaders(head, 0, id, !fits, BLOCK_BYTES);
            control.append(head.array(), 0, head.length());
            if (fits) {
                window.charge(content.length);
                FrameEncoder.dataHead(control, id, content.length, true);
                control.append(content);
            }
            if (clientMaySend || code != ErrorCode.NO_ERROR) {
                FrameEncoder.rstStream(control, id, code);
            }
            if (stream != null) {
                stream.endSent = true;
                if (stream.state.isActive()) {
                    stream.state = StreamState.RESET_BY_SERVER;
                    noteEnd(stream);
                }
                dropped = closeOutput(stream);
            }
            kicks = mustKick();
        }
        drop(dropped, new StreamException("The request was refused"));
        send(kicks);
    }

    /** Takes the streams that have ended since the last call, the latest first. */
    @Nullable
    StreamOutput takeEnded() {
        assert link.isHeldByCaller();
        synchronized (this) {
            StreamOutput taken = ended;
            ended = null;
            return taken;
        }
    }

    @Override
    void tellHeldBack() {
        owner.heldBack();
    }

    @Override
    void tellStuck() {
        owner.streamsStuck();
    }

    @Override
    void tellEnd() {
        owner.streamsEnded();
    }

    /** Releases memory that a connection without streams does not need. */
    synchronized void rest() {
        if (control.isEmpty() && control.capacity() > 0) {
            control = new ByteQueue(0);
        }
    }

    /** Asks for a call of the owner when a stream waits for a window from now on. */
    synchronized void tellStuckStreams() {
        tellsStuck = true;
    }

    /** Asks for a call of the owner when the next stream ends. */
    synchronized void tellEnds() {
        tellsEnds = true;
    }

    /**
     * Closes the output: streams hand over nothing more. Bytes that were pulled, and frames of the connection, still
     * leave.
     */
    void abandon(Iterable<? extends StreamOutput> streams, IOException cause) {
        List<OutputPiece> dropped = new ArrayList<>();
        synchronized (this) {
            closed = true;
            for (StreamOutput stream : streams) {
                OutputPiece pieces = closeOutput(stream);
                if (pieces != null) {
                    dropped.add(pieces);
                }
            }
            budget.end();
        }
        dropped.forEach(pieces -> drop(pieces, cause));
        budget.close();
    }

    @Override
    public void held(long change) {
        assert Thread.holdsLock(this);
        budget.changed(change);
    }

    @Override
    public long freshNanos() {
        return link.freshNanos();
    }
}
