package org.httpkit.internal.connection;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.httpkit.internal.bytes.ByteQueue;
import org.httpkit.internal.http2.FrameEncoder;
import org.httpkit.internal.http2.OddFrames;
import org.httpkit.internal.http2.StreamEvent;
import org.httpkit.internal.net.HeldOutput;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.PulledSegment;
import org.jspecify.annotations.Nullable;

/**
 * Takes over what streams and the connection have to send, and lets it leave: threads add pieces under the lock, which
 * they hold only for moments, and the holder of the link's write claim pulls frames. Safe from any thread.
 */
abstract class FrameOutput extends FrameOrder implements PulledSegment.Source, StreamOutput.Way {
    final HeldOutput budget;

    // Guarded by this.
    /** Whether a segment that pulls everything that can be sent is on its way. */
    private boolean pulling;

    private boolean flushPosted;
    boolean closed;

    FrameOutput(Link link, OddFrames odd) {
        super(link, odd);
        this.budget = new HeldOutput(link);
    }

    @Override
    public Link link() {
        return link;
    }

    // ---- handing over: any thread

    /**
     * Hands over what a stream is to send, at once.
     *
     * @return false if the stream is closed; both pieces have then been dropped
     */
    @Override
    public boolean submit(StreamOutput stream, OutputPiece first, @Nullable OutputPiece second) {
        boolean taken;
        boolean kicks;
        synchronized (this) {
            taken = !closed && stream.state.sends();
            if (taken) {
                stream.add(first);
                if (second != null) {
                    stream.add(second);
                }
                place(stream);
            }
            kicks = mustKick();
        }
        if (!taken && first instanceof OutputPiece.Notice late && stream.endSent) {
            link.whenSent(late.told); // the whole stream is on its way
        } else if (!taken) {
            first.next = second;
            drop(first, new IOException("The stream is closed"));
        }
        send(kicks);
        noteWait(stream);
        return taken;
    }

    /** Drops these pieces in order: they will never be sent. */
    void drop(@Nullable OutputPiece dropped, IOException cause) {
        assert !Thread.holdsLock(this);
        for (OutputPiece piece = dropped; piece != null; piece = piece.next) {
            if (piece instanceof OutputPiece.OnDisk file) {
                boolean settles;
                synchronized (this) {
                    settles = file.abandon(cause);
                }
                if (settles) {
                    closeElsewhere(file, cause);
                }
            } else {
                piece.dropped(cause);
            }
        }
    }

    /**
     * Hands over content, which is copied.
     *
     * @param soon whether the loop may send it at its next turn
     * @return false if the stream is closed
     */
    boolean content(StreamOutput stream, byte[] bytes, int offset, int count, boolean soon) {
        boolean kicks;
        synchronized (this) {
            if (closed || !stream.state.sends()) {
                return false;
            }
            if (stream.last() instanceof OutputPiece.Bytes waiting
                    && !waiting.endsStream
                    && waiting.append(bytes, offset, count)) {
                stream.held(count);
            } else {
                byte[] copy = new byte[count];
                System.arraycopy(bytes, offset, copy, 0, count);
                stream.add(new OutputPiece.Bytes(copy, 0, count));
            }
            place(stream);
            kicks = !soon && mustKick();
            soon &= !pulling && !flushPosted;
            flushPosted |= soon;
        }
        if (soon) {
            link.execute(this::flushPosted);
        }
        send(kicks);
        noteWait(stream);
        return true;
    }

    /** Notes that the rest may have to wait for the client. */
    private void noteWait(StreamOutput stream) {
        if (!stream.isDrained() && link.waitsForPeer()) {
            synchronized (this) {
                stream.waited |= stream.first != null;
            }
        }
    }

    /** Ends the stream behind what was handed over; returns false if it is closed. */
    boolean end(StreamOutput stream) {
        synchronized (this) {
            if (stream.last() instanceof OutputPiece.Content content && stream.state.sends()) {
                content.endsStream = true;
                return true;
            }
        }
        ByteQueue out = new ByteQueue(FrameEncoder.HEAD_BYTES);
        FrameEncoder.dataHead(out, stream.id, 0, true);
        return submit(
                stream, new OutputPiece.Frames(out.array(), out.length(), StreamEvent.SEND_DATA_AND_END, null), null);
    }

    /** Hands over frames of the connection, which leave before all others. */
    void control(Consumer<ByteQueue> frames) {
        boolean kicks;
        synchronized (this) {
            if (closed) {
                return;
            }
            frames.accept(control);
            kicks = mustKick();
        }
        send(kicks);
    }

    /** Bytes of the connection's frames that wait. */
    synchronized int controlBytes() {
        return control.length() - controlStart;
    }

    private void flushPosted() {
        synchronized (this) {
            flushPosted = false;
        }
        flush();
    }

    @Override
    public void flush() {
        boolean kicks;
        synchronized (this) {
            kicks = isSendable() && !pulling && !closed;
            pulling |= kicks;
        }
        send(kicks);
    }

    /**
     * Sends everything that can leave, ahead of what the caller hands to the link next. Another thread may be about to
     * hand over a segment that pulls, which would come too late; the later one of two finds nothing.
     */
    void flushBeforeEnd() {
        boolean kicks;
        synchronized (this) {
            kicks = isSendable() && !closed;
            pulling |= kicks;
        }
        send(kicks);
    }

    /**
     * Whether the caller must hand over a segment that pulls; the end of a turn does so in any case. Under the lock.
     */
    boolean mustKick() {
        assert Thread.holdsLock(this);
        if (pulling || closed || !isSendable() || link.isInTurn()) {
            return false;
        }
        pulling = true;
        return true;
    }

    void send(boolean kicks) {
        assert !Thread.holdsLock(this);
        startReading();
        if (kicks && !link.send(new PulledSegment(this))) {
            abandonedByLink();
        }
        budget.settle();
    }

    private synchronized void abandonedByLink() {
        closed = true;
    }

    // ---- leaving: the holder of the link's write claim

    @Override
    public boolean pull(ByteBuffer into) {
        boolean more;
        synchronized (this) {
            more = fill(into);
            pulling = more;
            if (into.position() > 0) {
                budget.progressed(link.freshNanos());
            }
        }
        startReading();
        return more;
    }

    @Override
    public void written() {
        tellNotices(null);
        budget.settle();
    }

    @Override
    public void unwritten(IOException cause) {
        tellNotices(cause);
    }

    private void tellNotices(@Nullable IOException cause) {
        List<Consumer<@Nullable IOException>> told;
        synchronized (this) {
            told = pulledNotices;
            pulledNotices = null;
        }
        if (told != null) {
            told.forEach(notice -> notice.accept(cause));
        }
    }

    /** Gives the reading tasks noted under the lock to threads that may wait. */
    private void startReading() {
        if (readings == null) {
            return; // who notes a task starts it
        }
        List<Runnable> due;
        synchronized (this) {
            due = readings;
            readings = null;
        }
        if (due != null) {
            due.forEach(Runnable::run);
        }
    }

    @Override
    void readElsewhere(StreamOutput stream, OutputPiece.OnDisk file) {
        try {
            link.runBlocking(() -> read(stream, file));
        } catch (Throwable e) { // there is no thread
            wasRead(stream, file, null, new IOException("No thread can read what is to be sent", e));
        }
    }

    @Override
    void closeElsewhere(OutputPiece.OnDisk file, @Nullable IOException cause) {
        try {
            link.runBlocking(() -> file.settle(cause));
        } catch (Throwable e) { // there is no thread, and the file must not stay open
            file.settle(cause);
        }
    }

    private void read(StreamOutput stream, OutputPiece.OnDisk file) {
        assert !Thread.holdsLock(this);
        byte[] piece = null;
        IOException failure = null;
        try {
            piece = file.read();
        } catch (IOException e) {
            failure = e;
        } catch (Throwable e) {
            failure = new IOException("What was to be sent cannot be read", e);
        }
        wasRead(stream, file, piece, failure);
    }

    private void wasRead(
            StreamOutput stream, OutputPiece.OnDisk file, byte @Nullable [] piece, @Nullable IOException failure) {
        IOException unwanted;
        boolean kicks;
        synchronized (this) {
            unwanted = file.abandoned();
            if (piece == null || stream.first != file) { // its stream may be closed, and the file not yet abandoned
                file.endReading();
            } else {
                file.arrived(piece);
                stream.held(piece.length);
                place(stream);
            }
            kicks = mustKick();
        }
        if (unwanted != null) {
            file.settle(unwanted);
        } else if (failure != null) {
            stream.closeSoon(failure);
        }
        send(kicks);
    }
}
