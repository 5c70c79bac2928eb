package org.httpkit.internal.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection's life between its {@link Transport} and its {@link Protocol}: reading, sending, deadlines, closing. It belongs to
 * one loop for life; each method says from where it may be called.
 */
public final class Link extends DeadlineWheel.Entry implements Executor, Outflow {
    /** Bytes gathered for one write on the loop before they leave at the latest. */
    private static final int BATCH_BYTES = 48 * 1024;

    /** A write from this size on takes a while. */
    private static final int LONG_WRITE_BYTES = 8 * 1024;

    /**
     * How often the socket of a peer that seems to take nothing is tried. The system says that there is room only once a third of its
     * buffer is, which may be more than a megabyte and take a slow peer minutes.
     */
    private static final long TRY_NANOS = 2_000_000_000L;

    private static final long SECOND_NANOS = 1_000_000_000L;
    /** Progress by any measure. */
    private static final long MUCH_BYTES = 1L << 30;

    /** Reads in one turn, so that one busy peer does not keep the loop for itself. */
    private static final int READS_PER_TURN = 4;

    private final Loop loop;
    private final Transport wire;
    private final OutboundQueue outbound = new OutboundQueue(this);

    // Confined to the loop thread.
    private @Nullable Protocol protocol;
    /** Where it is counted, or what is held of its input, which knows that; null if neither. */
    private ClientCounts.@Nullable Counted counted;

    private boolean inputPaused;
    private boolean inputEnded;
    private boolean awaitsRoom;
    /** Whether it writes because it is time to, not because there is room. */
    private boolean trying;

    private boolean batching;
    /** Whether bytes are gathered under the write claim, so that nobody's overtake them. */
    private boolean gathering;

    // Any thread.
    private volatile boolean closed;
    /** Whether it is as good as closed. A hint, which other threads may see late. */
    private boolean closing;

    private volatile long progressNanos;

    public Link(Loop loop, Transport wire) {
        this.loop = loop;
        this.wire = wire;
    }

    /** Names who takes the input, and begins to read. Loop thread, once. */
    public void start(Protocol protocol) {
        this.protocol = protocol;
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

    /** Whether the caller is one of the loops' threads, even if it may block because it has put its loop down. */
    public boolean isOnLoopThread() {
        return Thread.currentThread() instanceof LoopThread;
    }

    /** Whether the caller is on any loop, where nothing may block. */
    public static boolean isOnAnyLoop() {
        return LoopThread.callerHoldsAny();
    }

    /** Whether the caller runs this link's loop, or another one: then it must not wait for anything. */
    boolean mustNotBlock() {
        return loop.isCurrent() || isOnAnyLoop();
    }

    /**
     * Runs a task that may wait for a disk, on a thread that may. It runs in any case, and nothing interrupts it.
     *
     * @throws Error if there is no thread for it
     */
    public void runBlocking(Runnable task) {
        loop.runBlocking(task);
    }

    /**
     * Makes a call of the application's right here. If that is on a loop, because the application wants its calls made there, the call
     * can be interrupted when the server stops, and no interrupt outlives it.
     */
    public void makeCall(Runnable call) {
        LoopThread.makeCall(call);
    }

    /** The loop's clock: cheap, and behind by the length of a cycle at most while anything happens. */
    public long nanos() {
        return loop.nanos();
    }

    @Override
    public long freshNanos() {
        return loop.freshNanos();
    }

    public @Nullable SocketAddress localAddress() {
        return wire.localAddress();
    }

    public @Nullable SocketAddress remoteAddress() {
        return wire.remoteAddress();
    }

    /**
     * Buffers to gather what is to be sent, for {@link #send(Scratch)} right afterwards. While the loop works on this link's
     * input these are the loop's own, and what was gathered for earlier answers may still be in them.
     */
    public Scratch scratch() {
        if (!isBatching()) {
            return Scratch.borrow();
        }
        if (gathering && outbound.hasArrivals()) {
            flush(); // what was handed over since by another thread comes before what is gathered from now on
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
        if (isBatching()) {
            gathering = gathering || outbound.tryClaim();
            if (!gathering || scratch.bytes.length() >= BATCH_BYTES) {
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
        if (isBatching()) {
            loop.workedLong();
            if (gathering) {
                gathering = false;
                outbound.sendClaimed(scratch, segment);
                return !closed;
            }
            return outbound.send(scratch, segment);
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

    /**
     * Sends a segment that need not leave at once behind everything handed over before: the loop writes it at its next turn, in one
     * go with what else comes until then. False if the link is closed.
     */
    public boolean sendSoon(Segment segment) {
        return outbound.trySendSoon(segment) || send(segment);
    }

    /** Sends what was gathered in the same way, and takes the buffers back. */
    public boolean sendSoon(Scratch scratch) {
        if (isBatching()) {
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

    /**
     * When the peer last took something of what waits, on the scale of {@link #nanos}; earlier if it has taken less since it had to
     * than the least rate asks for.
     */
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

    /** Whether it is closed, or perhaps about to be. */
    boolean isClosing() {
        return closing || closed;
    }

    @Override
    public void closeSoon(@Nullable IOException cause) {
        closing = true;
        loop.execute(() -> close(cause));
    }

    /** Tells the protocol that the server stops, at the loop's next turn. */
    public void stopSoon() {
        loop.execute(this::stopping);
    }

    // ---- loop thread

    /** Lets the answers gathered so far leave. To be called before the work on the input is handed to another thread. */
    public void flush() {
        if (loop.scratch().bytes.length() >= LONG_WRITE_BYTES) {
            loop.workedLong();
        }
        if (gathering) {
            gathering = false;
            outbound.sendClaimed(loop.scratch());
        } else if (loop.scratch().bytes.length() > 0) {
            outbound.send(loop.scratch());
        }
    }

    /** Stops reading: the peer is held by its own full buffers. */
    public void pauseInput() {
        if (!inputPaused) {
            inputPaused = true;
            updateInterest();
        }
    }

    public void resumeInput() {
        if (inputPaused) {
            inputPaused = false;
            updateInterest();
        }
    }

    /** Whether the peer has ended its side. */
    public boolean isInputEnded() {
        return inputEnded;
    }

    /** Has the protocol look at the clock at that time, or earlier. */
    public void checkBy(long nanos) {
        loop.wheel().checkBy(this, nanos);
    }

    /** Counts this link for another client than its peer from now on; false if that client has too many: close then. */
    public boolean countFor(InetAddress client) {
        return loop.countFor(client, this);
    }

    ClientCounts.@Nullable Count clientCount() {
        ClientCounts.Counted now = counted; // read once: senders ask from any thread, while the loop may change it
        return now == null ? null : now.client();
    }

    private InputBudget.@Nullable Holding holding() {
        return counted instanceof InputBudget.Holding known ? known : null;
    }

    void clientCount(ClientCounts.@Nullable Count count) {
        holdsNothing();
        counted = count;
    }

    /** Hands the link to another protocol, which holds nothing yet. */
    public void switchTo(Protocol protocol) {
        this.protocol = protocol;
        holdsNothing();
    }

    /**
     * Says how much of what was received is held now. To be called when a read has been worked on, and whenever that changes.
     *
     * @param bytes the arrays that hold it
     * @param canBeLetGo whether {@link Protocol#onTooMuchHeld} would free it at once
     * @return false if it has to be let go of, for which {@link Protocol#onTooMuchHeld} follows: no more may be held until then
     */
    public boolean holds(long bytes, boolean canBeLetGo) {
        if (bytes == 0) {
            holdsNothing();
            return true;
        }
        InputBudget.Holding known = holding();
        if (known == null) {
            if (closed) {
                return false;
            }
            known = loop.inputBudget().begin(this);
            counted = known;
        }
        return loop.inputBudget().change(known, bytes, canBeLetGo);
    }

    /** Nothing of what was received is held any more. */
    public void holdsNothing() {
        InputBudget.Holding known = holding();
        if (known != null) {
            counted = known.client();
            loop.inputBudget().end(known);
        }
    }

    /** Too much is held, and this was the worst of it, if it is still there. For the input's budget. */
    @SuppressWarnings("ReferenceEquality") // another may have begun meanwhile
    void letGoOfInput(InputBudget.Holding worst, long heldBytes) {
        if (counted == worst && !closed) {
            try {
                protocol().onTooMuchHeld(heldBytes);
            } catch (Throwable e) {
                failed(e);
            }
        }
    }

    /**
     * Has the call made as soon as the work on the input has returned. Then the protocol is told, once: when the call is
     * over, or when it takes so long that the loop has gone on without it.
     *
     * @return false if the call cannot be made here
     */
    public boolean callNext(LoopCall call) {
        return batching && loop.callNext(this, call);
    }

    /** Runs work that may answer, as if input had come: what it sends leaves in one write at the end. */
    public void batch(Runnable work) {
        if (batching) {
            work.run();
            return;
        }
        batching = true;
        try {
            work.run();
        } catch (Throwable e) {
            failed(e);
        }
        endTurn();
    }

    /** The call was made, or goes on without the loop: the work goes on. For the loop. */
    public void called() {
        try {
            if (!closed) {
                protocol().onCalled();
            }
        } catch (Throwable e) {
            failed(e);
        }
        endTurn();
    }

    /** Lets the answers leave, unless a call is to be made first whose answer may leave with them. */
    private void endTurn() {
        if (!loop.hasCall()) {
            try {
                flush();
            } catch (Throwable e) {
                failed(e);
            } finally {
                batching = false;
            }
        }
    }

    /** Closes at once: what was not written yet is told so. Idempotent. */
    public void close(@Nullable IOException cause) {
        if (!closed && cause == null) {
            outbound.flush(loop.scratch());
        }
        if (closed) {
            return;
        }
        closed = true;
        try {
            holdsNothing();
            loop.wheel().remove(this);
            outbound.abandon(cause != null ? cause : new ClosedException(), loop.scratch());
            loop.backlog().closed(this);
        } finally { // whatever fails, for want of memory above all: the socket is closed, counted, and its protocol
            // knows
            try {
                closeWire();
            } finally {
                try {
                    loop.closed(this);
                } finally {
                    if (protocol != null) {
                        protocol.onClosed(cause);
                    }
                }
            }
        }
    }

    private void closeWire() {
        try {
            wire.close();
        } catch (IOException e) {
            loop.closeFailed(e);
        }
    }

    /** Closes the socket alone, of a loop whose thread does not come back. Any thread. */
    void closeAbandoned() {
        closeWire();
    }

    @Override
    protected long check(long nowNanos) {
        if (closed || protocol == null) {
            return Protocol.NO_DEADLINE;
        }
        try {
            if (awaitsRoom && nowNanos - progressNanos >= DeadlineWheel.TICK_NANOS) {
                tryToWrite();
            }
            long next = closed ? Protocol.NO_DEADLINE : protocol().onDeadline(nowNanos);
            return awaitsRoom && !closed ? Math.min(next, nowNanos + TRY_NANOS) : next;
        } catch (Throwable e) {
            failed(e);
            return Protocol.NO_DEADLINE;
        }
    }

    /** See {@link Protocol#idleSinceNanos}. For the loop. */
    long idleSinceNanos() {
        return closed || protocol == null ? Protocol.NO_DEADLINE : protocol.idleSinceNanos();
    }

    /** A new connection finds no room. For the loop. */
    void giveUpIdle() {
        if (!closed && protocol != null) {
            try {
                protocol.giveUpIdle();
            } catch (Throwable e) {
                failed(e);
            }
        }
    }

    boolean endsInTurn() {
        return !closed && protocol != null && protocol.endsInTurn();
    }

    /** The server stops. For the loop. */
    public void stopping() {
        if (!closed && protocol != null) {
            try {
                protocol.onServerStopping();
            } catch (Throwable e) {
                failed(e);
            }
        }
    }

    /** There may be something to read, into this buffer. For the loop. */
    public void readable(ByteBuffer input) {
        try {
            for (int turn = 0; turn < READS_PER_TURN && !inputPaused && !inputEnded && !closed; turn++) {
                input.clear();
                int count = wire.read(input);
                if (count > 0) {
                    if (counted instanceof InputBudget.Holding holding) {
                        holding.received(count, loop.nanos());
                    }
                    take(input.flip());
                } else if (count < 0) {
                    inputEnded = true;
                    updateInterest();
                    protocol().onInputEnd();
                }
                if (count < input.capacity() || loop.hasCall()) {
                    return;
                }
            }
        } catch (IOException e) {
            close(e);
        } catch (Throwable e) {
            failed(e);
        }
    }

    /** There is room to write. For the loop. */
    public void writable() {
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
        if (!closed && !outbound.waitsForPeer()) {
            progressNanos = loop.nanos();
            protocol().onDrained();
        }
    }

    private void tryToWrite() {
        trying = true;
        writable();
        trying = false;
    }

    private void take(ByteBuffer input) {
        batching = true;
        try {
            protocol().onInput(input);
        } catch (Throwable e) {
            failed(e);
        }
        endTurn();
    }

    // ---- for the outbound queue

    Transport wire() {
        return wire;
    }

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
        long before = progressNanos; // only the holder of the write claim, and the loop when nothing waits, write it
        progressNanos = before + nanos;
    }

    void beginWaiting() {
        progressNanos = loop.freshNanos();
    }

    /** Who takes less than the least rate falls behind the clock, and can be ended as if he had taken nothing since. */
    void noteTaken(long bytes) {
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
        if (!closed && outbound.isLeftToLoop()) {
            awaitsRoom = true;
            updateInterest();
            if (!trying) {
                checkBy(nanos()); // the protocol sets its write deadline
            }
        }
    }

    private boolean isBatching() {
        return loop.isCurrent() && batching;
    }

    /** Asks for what is to be told of this link's socket. For the loop. */
    public void updateInterest() {
        wire.interest(!inputPaused && !inputEnded, awaitsRoom);
    }

    private Protocol protocol() {
        if (protocol == null) {
            throw new IllegalStateException("Input before start");
        }
        return protocol;
    }

    /** A fault of ours, or a want of memory: this connection goes, the loop stays. The report comes last, since it may fail. */
    private void failed(Throwable fault) {
        loop.scratch().bytes.clear();
        try {
            close(ClosedException.INTERNAL_ERROR);
            flush(); // lets go of the write claim, if it was taken
        } catch (Throwable e) {
            loop.report(e);
        }
        loop.report(fault);
    }
}
