package org.httpkit.internal.net;

import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The sending half of a link, which knows neither the input nor the protocol. Each method states its thread.
 *
 * <p>It is a part of the {@link Link} by inheritance, to save one object per connection.
 */
public abstract class LinkOutput extends DeadlineWheel.Entry implements Executor, Outflow, OutputBudget.Sender {
    /** A write of at least this size takes a while. */
    private static final int LONG_WRITE_BYTES = 8 * 1024;

    private static final long SECOND_NANOS = 1_000_000_000L;
    /** Progress by any measure. */
    private static final long MUCH_BYTES = 1L << 30;

    final Loop loop;
    /** Changed by the loop, at most once, while nothing is sent. */
    Transport wire;

    final OutboundQueue outbound = new OutboundQueue(this);

    // Confined to the loop thread.
    private boolean awaitsRoom;
    /** Whether it writes because it is time to try, not because there is room. */
    private boolean trying;

    // Any thread.
    private volatile boolean closed;
    private volatile long progressNanos;

    LinkOutput(Loop loop, Transport wire) {
        this.loop = loop;
        this.wire = wire;
    }

    /** Begins the time in which the peer must take something. Loop thread. */
    void startOutput() {
        progressNanos = loop.nanos();
    }

    // ---- any thread

    /** Runs the command on this link's loop. */
    @Override
    public void execute(Runnable command) {
        loop.execute(command);
    }

    public boolean isOnLoop() {
        return loop.isCurrent();
    }

    /** Whether the caller may use what is confined to this link's loop; see {@link Loop#isHeldByCaller}. For assertions. */
    public boolean isHeldByCaller() {
        return loop.isHeldByCaller();
    }

    /** Whether the caller runs this link's loop or another one, so that it must not wait. */
    boolean mustNotBlock() {
        return loop.isCurrent() || LoopThread.callerHoldsAny();
    }

    /**
     * Runs a task that may wait for a disk on a thread that may wait. It always runs, uninterrupted.
     *
     * @throws Error if there is no thread for it
     */
    public void runBlocking(Runnable task) {
        loop.runBlocking(task);
    }

    /** The loop's clock: cheap, and behind by at most the length of a cycle while the loop is busy. */
    public long nanos() {
        return loop.nanos();
    }

    @Override
    public long freshNanos() {
        return loop.freshNanos();
    }

    /**
     * Returns buffers in which to gather output, for {@link #send(Scratch)} right afterwards. While the loop works on
     * this link's input, these are the loop's own, and may still contain earlier answers.
     */
    public Scratch scratch() {
        if (!isItsTurn()) {
            return Scratch.borrow();
        }
        if (loop.turn().isOvertaken()) {
            flush();
        }
        return loop.scratch();
    }

    /**
     * Sends the gathered bytes and takes the buffers back. While the loop works on this link's input, the bytes leave
     * at the end of the work, in one write with others.
     *
     * @return false if the link is closed
     */
    public boolean send(Scratch scratch) {
        if (isItsTurn()) {
            if (!loop.turn().gather(scratch)) {
                flush();
            }
            return !closed;
        }
        try {
            return outbound.send(scratch);
        } finally {
            Scratch.giveBack(scratch);
        }
    }

    /** Sends gathered bytes, then a segment, and takes the buffers back. Returns false if the link is closed. */
    public boolean send(Scratch scratch, Segment segment) {
        if (isItsTurn()) {
            loop.workedLong();
            return loop.turn().flush(scratch, segment) && !closed;
        }
        try {
            return outbound.send(scratch, segment);
        } finally {
            Scratch.giveBack(scratch);
        }
    }

    /** Sends a segment after everything handed over before. Returns false if the link is closed. */
    public boolean send(Segment segment) {
        return send(scratch(), segment);
    }

    /** Sends bytes in this way; the caller must not change them. */
    public boolean sendSoon(byte[] bytes) {
        return sendSoon(new BytesSegment(bytes, 0, bytes.length));
    }

    /**
     * Sends a segment that need not leave at once, after everything handed over before: the loop writes it at its next
     * turn, together with later ones. Returns false if the link is closed.
     */
    public boolean sendSoon(Segment segment) {
        return outbound.trySendSoon(segment) || send(segment);
    }

    /** Sends the gathered bytes in this way, and takes the buffers back. */
    public boolean sendSoon(Scratch scratch) {
        if (isItsTurn()) {
            return send(scratch); // it leaves at the end of this turn
        }
        byte[] bytes = scratch.bytes.toByteArray();
        Scratch.giveBack(scratch);
        return sendSoon(new BytesSegment(bytes, 0, bytes.length));
    }

    @Override
    public void whenSent(Consumer<@Nullable IOException> callback) {
        send(new NotifySegment(callback));
    }

    @Override
    public void flushSoon() {
        outbound.flush();
    }

    @Override
    public long queuedBytes() {
        return outbound.queuedBytes();
    }

    /** Whether the socket has taken everything that was handed over. */
    @Override
    public boolean isDrained() {
        return outbound.isEmpty();
    }

    @Override
    public boolean waitsForPeer() {
        return outbound.waitsForPeer();
    }

    @Override
    public long progressNanos() {
        return progressNanos;
    }

    @Override
    public void awaitDrained() throws IOException, InterruptedException {
        outbound.awaitEmpty();
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    /** Closes only the socket: as a part of closing, or because the loop's thread does not return. */
    void closeWire() {
        try {
            wire.close();
        } catch (IOException e) {
            loop.closeFailed(e);
        }
    }

    /** Whether the caller is this link's loop at work on its input, so that {@link Protocol#onTurnEnd} will follow. */
    public boolean isInTurn() {
        return isItsTurn();
    }

    /** The count of all bytes that wait for the server's peers. */
    public OutputBudget outputBudget() {
        return loop.backlog();
    }

    /** Whether the stream is encrypted. */
    public boolean isSecure() {
        return wire.isSecure();
    }

    /** The parameters of the encryption; null if there is none. */
    public @Nullable Security security() {
        return wire.security();
    }

    /** Wraps the transport in a layer. No output may wait. Loop thread. */
    public void wrapTransport(UnaryOperator<Transport> layer) {
        assert loop.isHeldByCaller();
        assert outbound.isEmpty() : "What was handed over would pass through the layer";
        wire = layer.apply(wire);
    }

    private boolean isItsTurn() {
        return loop.isCurrent() && loop.turn().isOf(outbound);
    }

    // ---- loop thread

    /** Sends the answers gathered so far. To be called before another thread takes over the work on the input. */
    public void flush() {
        assert loop.isHeldByCaller();
        Turn turn = loop.turn();
        if (!turn.isOf(outbound)) {
            return;
        }
        Scratch scratch = loop.scratch();
        if (scratch.bytes.length() >= LONG_WRITE_BYTES) {
            loop.workedLong();
        }
        turn.flush(scratch);
    }

    /** Refuses all output from now on. Returns false if it already did. */
    boolean endOutput() {
        assert loop.isHeldByCaller();
        if (closed) {
            return false;
        }
        closed = true;
        return true;
    }

    boolean awaitsRoom() {
        return awaitsRoom;
    }

    /** Is called when there is room to write. For the loop. */
    public void writable() {
        assert loop.isHeldByCaller();
        try {
            awaitsRoom = false;
            loop.workedLong();
            outbound.resume(loop.scratch());
            if (!awaitsRoom && !closed) {
                updateInterest();
                drained();
            }
        } catch (Throwable e) {
            failed(e);
        }
    }

    private void drained() {
        assert loop.isHeldByCaller();
        if (!closed && !outbound.waitsForPeer()) {
            progressNanos = loop.nanos();
            onDrained();
        }
    }

    /** Tries whether the peer takes something, if it has not for a while. */
    void tryToWrite(long nowNanos) {
        assert loop.isHeldByCaller();
        if (awaitsRoom && nowNanos - progressNanos >= DeadlineWheel.TICK_NANOS) {
            trying = true;
            writable();
            trying = false;
        }
    }

    /** Makes the protocol check its deadlines at this time, or earlier. */
    public void checkBy(long nanos) {
        assert loop.isHeldByCaller();
        loop.wheel().checkBy(this, nanos);
    }

    // ---- for the other half to say

    /** Updates the events that the selector reports for this link's socket. For the loop. */
    public abstract void updateInterest();

    /** Is called when nothing waits for the peer any more. */
    abstract void onDrained();

    /** Is called after a bug in the server. Throws nothing. */
    abstract void failed(Throwable fault);

    // ---- for the outbound queue

    OutputBudget backlog() {
        return loop.backlog();
    }

    Scratch loopScratch() {
        return loop.scratch();
    }

    /** Reports a bug in the server, or in an object that it received. Throws nothing. */
    void report(Throwable fault) {
        loop.report(fault);
    }

    /** Is called when a thread that may wait has written. */
    void wroteBlocking() {
        loop.execute(() -> {
            try {
                drained();
            } catch (Throwable e) {
                failed(e);
            }
        });
    }

    /** Does not charge the peer for the time of a disk. */
    @SuppressWarnings(
            "NonAtomicVolatileUpdate") // only the holder of the write claim, and the loop when nothing waits, write it
    void excuse(long nanos) {
        assert outbound.isClaimed();
        long before = progressNanos; // only the holder of the write claim, and the loop when nothing waits, write it
        progressNanos = before + nanos;
    }

    void beginWaiting() {
        assert outbound.isClaimed();
        progressNanos = loop.freshNanos();
    }

    /** A peer below the least rate falls behind the clock, so that it can be closed as if it had taken nothing. */
    void noteTaken(long bytes) {
        assert outbound.isClaimed();
        long now = loop.freshNanos();
        long before = progressNanos; // only the holder of the write claim changes it while something waits
        long rate = loop.backlog().minBytesPerSecond();
        if (rate == 0 || bytes >= MUCH_BYTES) {
            progressNanos = bytes > 0 ? now : before;
        } else {
            progressNanos = Math.min(now, before + bytes * SECOND_NANOS / rate);
        }
    }

    /** Is called when the socket is full: the loop takes over when there is room. Any thread. */
    void awaitRoom() {
        if (loop.isCurrent()) {
            armWrite();
        } else {
            loop.execute(this::armWrite);
        }
    }

    private void armWrite() {
        assert loop.isHeldByCaller();
        if (!closed && outbound.isLeftToLoop()) {
            awaitsRoom = true;
            updateInterest();
            if (!trying) {
                checkBy(nanos()); // the protocol sets its write deadline
            }
        }
    }
}
