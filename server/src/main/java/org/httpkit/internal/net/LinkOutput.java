package org.httpkit.internal.net;

import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What leaves by a link: the half of it that sends, and does not know what is received, nor the protocol. Each method says from where
 * it may be called.
 *
 * <p>It is a part of the {@link Link} by inheritance, so that a connection has one object less.
 */
public abstract class LinkOutput extends DeadlineWheel.Entry implements Executor, Outflow, OutputBudget.Sender {
    /** A write from this size on takes a while. */
    private static final int LONG_WRITE_BYTES = 8 * 1024;

    private static final long SECOND_NANOS = 1_000_000_000L;
    /** Progress by any measure. */
    private static final long MUCH_BYTES = 1L << 30;

    final Loop loop;
    /** Changed by the loop, once at most, while nothing is sent. */
    Transport wire;

    final OutboundQueue outbound = new OutboundQueue(this);

    // Confined to the loop thread.
    private boolean awaitsRoom;
    /** Whether it writes because it is time to, not because there is room. */
    private boolean trying;

    // Any thread.
    private volatile boolean closed;
    private volatile long progressNanos;

    LinkOutput(Loop loop, Transport wire) {
        this.loop = loop;
        this.wire = wire;
    }

    /** Begins the time in which the peer has to take something. Loop thread. */
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

    /** Whether the caller runs this link's loop, or another one: then it must not wait for anything. */
    boolean mustNotBlock() {
        return loop.isCurrent() || LoopThread.callerHoldsAny();
    }

    /**
     * Runs a task that may wait for a disk, on a thread that may. It runs in any case, and nothing interrupts it.
     *
     * @throws Error if there is no thread for it
     */
    public void runBlocking(Runnable task) {
        loop.runBlocking(task);
    }

    /** The loop's clock: cheap, and behind by the length of a cycle at most while anything happens. */
    public long nanos() {
        return loop.nanos();
    }

    @Override
    public long freshNanos() {
        return loop.freshNanos();
    }

    /**
     * Buffers to gather what is to be sent, for {@link #send(Scratch)} right afterwards. While the loop works on this link's
     * input these are the loop's own, and what was gathered for earlier answers may still be in them.
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
     * Sends what was gathered and takes the buffers back. While the loop works on this link's input the bytes leave at the
     * end of it, in one write with others.
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

    /** Sends a segment behind what was gathered with it; false if the link is closed. The buffers are taken back. */
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

    /** Sends a segment behind everything handed over before; false if the link is closed. */
    public boolean send(Segment segment) {
        return send(scratch(), segment);
    }

    /** The same for bytes that are left unchanged. */
    public boolean sendSoon(byte[] bytes) {
        return sendSoon(new BytesSegment(bytes, 0, bytes.length));
    }

    /**
     * Sends a segment that need not leave at once behind everything handed over before: the loop writes it at its next turn, in one
     * go with what else comes until then. False if the link is closed.
     */
    public boolean sendSoon(Segment segment) {
        return outbound.trySendSoon(segment) || send(segment);
    }

    /** Sends what was gathered in the same way, and takes the buffers back. */
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

    /** Closes the socket alone; if not as a part of closing, then because the loop's thread does not come back. */
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

    /** What waits for all peers of the server. */
    public OutputBudget outputBudget() {
        return loop.backlog();
    }

    /** Whether the stream is encrypted. */
    public boolean isSecure() {
        return wire.isSecure();
    }

    /** How the stream is encrypted; null if it is not. */
    public @Nullable Security security() {
        return wire.security();
    }

    /** Puts a layer around the transport. Nothing must wait to be sent. Loop thread. */
    public void wrapTransport(UnaryOperator<Transport> layer) {
        assert loop.isHeldByCaller();
        assert outbound.isEmpty() : "What was handed over would pass through the layer";
        wire = layer.apply(wire);
    }

    private boolean isItsTurn() {
        return loop.isCurrent() && loop.turn().isOf(outbound);
    }

    // ---- loop thread

    /** Lets the answers gathered so far leave. To be called before the work on the input is handed to another thread. */
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

    /** Refuses from now on what is sent. Once; false if that was so already. */
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

    /** There is room to write. For the loop. */
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

    /** Looks whether the peer takes something, if it has not for a while. */
    void tryToWrite(long nowNanos) {
        assert loop.isHeldByCaller();
        if (awaitsRoom && nowNanos - progressNanos >= DeadlineWheel.TICK_NANOS) {
            trying = true;
            writable();
            trying = false;
        }
    }

    /** Has the protocol look at the clock at that time, or earlier. */
    public void checkBy(long nanos) {
        assert loop.isHeldByCaller();
        loop.wheel().checkBy(this, nanos);
    }

    // ---- for the other half to say

    /** Asks for what is to be told of this link's socket. For the loop. */
    public abstract void updateInterest();

    /** Nothing waits for the peer any more. */
    abstract void onDrained();

    /** A fault of ours. Throws nothing. */
    abstract void failed(Throwable fault);

    // ---- for the outbound queue

    OutputBudget backlog() {
        return loop.backlog();
    }

    Scratch loopScratch() {
        return loop.scratch();
    }

    /** A fault of ours, or of what we were given. Throws nothing. */
    void report(Throwable fault) {
        loop.report(fault);
    }

    /** A thread that may wait has written. */
    void wroteBlocking() {
        loop.execute(() -> {
            try {
                drained();
            } catch (Throwable e) {
                failed(e);
            }
        });
    }

    /** The peer is not to blame for the time that a disk has taken. */
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

    /** Who takes less than the least rate falls behind the clock, and can be ended as if he had taken nothing since. */
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

    /** The socket is full: the loop takes over when there is room. Any thread. */
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
