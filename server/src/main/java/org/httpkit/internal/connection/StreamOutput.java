package org.httpkit.internal.connection;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.httpkit.internal.http2.ErrorCode;
import org.httpkit.internal.http2.FlowWindow;
import org.httpkit.internal.http2.StreamState;
import org.httpkit.internal.net.CallingThread;
import org.httpkit.internal.net.DrainWaiter;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Outflow;
import org.jspecify.annotations.Nullable;

/**
 * The output of one HTTP/2 stream, and how much of it the client allows. As an {@link Outflow} it is safe from any
 * thread; the lock of the {@link Way} guards the rest.
 */
abstract class StreamOutput extends UrgencyRings.Member implements Outflow {
    /** Sends the output; its lock guards the streams. */
    interface Way {
        Link link();

        /** Hands over what the stream is to send; returns false if it is closed. Any thread. */
        boolean submit(StreamOutput stream, OutputPiece first, @Nullable OutputPiece second);

        /** Sends everything that can leave. Any thread. */
        void flush();

        /** Whether a window holds the stream back. Any thread. */
        boolean holdsBack(StreamOutput stream);

        /** Adds to the bytes held for streams, or subtracts. Under the lock. */
        void held(long change);

        /** Counts a stream that has something to send from now on, or nothing any more. Under the lock. */
        void counted(boolean hasOutput);

        /** How many bytes of content all streams have sent. Any thread. */
        long contentBytes();

        long freshNanos();
    }

    final int id;
    private final Way way;

    // Guarded by the scheduler's lock.
    final FlowWindow sends;
    StreamState state;

    @Nullable
    OutputPiece first;

    private @Nullable OutputPiece last;

    /** Whether something had to wait for the client since the stream was last empty. */
    boolean waited;

    /** Whether a window has held the stream back since it was last empty. */
    boolean heldBack;

    /** Whether the end of our side has been put into frames. */
    boolean endSent;

    /** Whether the stream is among those that can send something which needs no window. */
    boolean inHeads;

    /** The next stream that has ended, for the loop. */
    @Nullable
    StreamOutput nextEnded;

    /** When the client's time to make room began, as if it had taken its bytes at the least rate. */
    long progressNanos;

    private @Nullable DrainWaiter waiters;

    // Written under the lock, read by any thread.
    private volatile long heldBytes;
    private volatile boolean empty = true;
    private volatile boolean closed;

    StreamOutput(int id, Way way, StreamState state, int windowBytes) {
        this.id = id;
        this.way = way;
        this.state = state;
        this.sends = FlowWindow.ofStream(windowBytes);
    }

    /** Makes the loop close the stream, for this cause. Any thread. */
    @Override
    public abstract void closeSoon(@Nullable IOException cause);

    // ---- under the lock

    /**
     * Returns the code of the RST_STREAM that follows the end of our side, or null for none.
     *
     * @param clientMaySend whether the client has not ended its side
     */
    abstract @Nullable ErrorCode codeAtEnd(boolean clientMaySend);

    /** Is called when the client has taken everything that waited for it. */
    abstract void drained();

    void add(OutputPiece piece) {
        assert Thread.holdsLock(way);
        if (last == null) {
            first = piece;
            way.counted(true);
            progressNanos = way.freshNanos();
        } else {
            last.next = piece;
        }
        last = piece;
        empty = false;
        held(piece.heldBytes());
    }

    /** The piece handed over last; null if it has left. */
    @Nullable
    OutputPiece last() {
        assert Thread.holdsLock(way);
        return last;
    }

    /** Removes the first piece. */
    void removeFirst() {
        assert Thread.holdsLock(way);
        OutputPiece removed = first;
        if (removed != null) {
            first = removed.next;
            if (first == null) {
                last = null;
                empty = true;
                heldBack = false;
                way.counted(false);
                DrainWaiter.wake(waiters);
                waiters = null;
                if (waited) {
                    waited = false;
                    drained();
                }
            }
        }
    }

    /** Adds to the bytes held, or subtracts. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
    void held(long change) {
        assert Thread.holdsLock(way);
        heldBytes += change;
        way.held(change);
    }

    /** Sends nothing more: gives up the pieces that wait, and returns them. */
    @Nullable
    OutputPiece closeOutput() {
        assert Thread.holdsLock(way);
        closed = true;
        OutputPiece dropped = first;
        if (dropped != null) {
            way.counted(false);
        }
        first = null;
        last = null;
        empty = true;
        held(-heldBytes);
        DrainWaiter.wake(waiters);
        waiters = null;
        return dropped;
    }

    // ---- any thread

    @Override
    public long queuedBytes() {
        return heldBytes;
    }

    @Override
    public boolean isDrained() {
        return empty;
    }

    @Override
    public long sharedBytes() {
        return way.contentBytes();
    }

    /** If true, {@link #drained} follows when the client has taken everything, so the caller may wait for that. */
    @Override
    public boolean waitsForPeer() {
        if (empty) {
            return false;
        }
        synchronized (way) {
            boolean waits = first != null && (way.holdsBack(this) || link().waitsForPeer());
            waited |= waits;
            return waits;
        }
    }

    @Override
    public boolean isClosed() {
        return closed || link().isClosed();
    }

    @Override
    public long freshNanos() {
        return link().freshNanos();
    }

    @Override
    public void flushSoon() {
        way.flush();
    }

    @Override
    public void whenSent(Consumer<@Nullable IOException> callback) {
        way.submit(this, new OutputPiece.Notice(callback), null);
    }

    @Override
    public void awaitDrained() throws IOException, InterruptedException {
        way.flush();
        while (!empty && !isClosed()) {
            if (link().isOnLoop() || CallingThread.isOnAnyLoop()) {
                throw new IOException("An event loop would wait for its client; write what may wait on a worker");
            }
            synchronized (way) {
                if (empty || closed) {
                    break;
                }
                waiters = new DrainWaiter(Thread.currentThread(), waiters);
            }
            LockSupport.park(this);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
        if (isClosed()) {
            throw new IOException("The stream is closed");
        }
    }

    private Link link() {
        return way.link();
    }
}
