package org.httpkit.internal.connection;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.httpkit.internal.exchange.EndedException;
import org.httpkit.internal.http2.FlowWindow;
import org.httpkit.internal.http2.Http2ViolationException;
import org.httpkit.internal.http2.Settings;
import org.httpkit.internal.http2.WindowCredit;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Protocol;
import org.httpkit.internal.net.Scratch;
import org.httpkit.internal.net.Segment;
import org.httpkit.internal.net.Tunnel;
import org.httpkit.server.CloseReason.Cause;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 stream whose DATA frames carry the bytes of another protocol, both ways (RFC 8441). The stream's window
 * holds back its client, so that other streams go on. See {@link Tunnel} for threads.
 */
final class Http2Tunnel implements Tunnel {
    private final Http2Stream stream;
    private final StreamScheduler scheduler;
    private final Http2Stream.Owner owner;

    // Confined to the loop thread.
    private final FlowWindow window = FlowWindow.ofStream(Settings.DEFAULT_WINDOW_BYTES);
    private final WindowCredit credit = new WindowCredit(Settings.DEFAULT_WINDOW_BYTES);
    /** The protocol that takes the bytes; null until that is known. */
    private @Nullable Protocol protocol;
    /** Bytes that came before the protocol was known. */
    private @Nullable ByteBuffer early;

    /** True at first: without a protocol that takes the bytes, the client gets no credit. */
    private boolean paused = true;

    private boolean inputEnded;
    /** Bytes that have come and were not credited. */
    private int owedBytes;

    private long heldBytes;
    /** Whether the protocol can free what it holds. */
    private boolean letsGo;

    private long dueNanos = Protocol.NO_DEADLINE;

    /** @param inputEnded whether the client has ended its side with the head of its request */
    Http2Tunnel(Http2Stream stream, StreamScheduler scheduler, Http2Stream.Owner owner, boolean inputEnded) {
        this.stream = stream;
        this.scheduler = scheduler;
        this.owner = owner;
        this.inputEnded = inputEnded;
    }

    // ---- the connection: loop thread

    /** Sets the protocol that takes the bytes; returns those that came before, or null. */
    @Nullable
    ByteBuffer begin(Protocol protocol) {
        assert link().isHeldByCaller();
        ByteBuffer before = early;
        early = null;
        this.protocol = protocol;
        return before;
    }

    @Nullable
    Protocol protocol() {
        return protocol;
    }

    /** Begins a DATA frame. */
    void frame(int frameBytes) throws Http2ViolationException {
        assert link().isHeldByCaller();
        window.receive(frameBytes);
    }

    /** Takes in a piece of the frame's content. */
    void piece(byte[] array, int offset, int count) {
        assert link().isHeldByCaller();
        ByteBuffer bytes = ByteBuffer.wrap(array, offset, count);
        if (protocol == null) {
            early = WaitingInput.join(early, bytes);
        } else {
            protocol.onInput(bytes);
        }
    }

    /** Ends the frame. */
    void frameEnded(int frameBytes) throws Http2ViolationException {
        assert link().isHeldByCaller();
        owedBytes += frameBytes;
        if (!paused) {
            creditOwed();
        }
    }

    private void creditOwed() throws Http2ViolationException {
        int increment = credit.take(owedBytes);
        owedBytes = 0;
        if (increment > 0 && !inputEnded) {
            window.credit(increment);
            owner.creditStream(stream, increment);
        }
    }

    /** Is called when the client has ended its side. */
    void endInput() {
        assert link().isHeldByCaller();
        inputEnded = true;
        if (protocol != null) {
            protocol.onInputEnd();
        }
    }

    /** Is called when the stream is closed, by us or by the client. */
    void closed(@Nullable IOException failure) {
        assert link().isHeldByCaller();
        Protocol ended = protocol;
        protocol = null;
        early = null;
        dueNanos = Protocol.NO_DEADLINE;
        if (ended != null) {
            ended.onClosed(failure);
        }
    }

    /** Checks the deadlines; returns when to check again. */
    long onDeadline(long nowNanos) {
        assert link().isHeldByCaller();
        Protocol looking = protocol;
        if (looking != null && nowNanos >= dueNanos) {
            dueNanos = looking.onDeadline(nowNanos);
        }
        return dueNanos;
    }

    /** Bytes of heap that hold what was received. */
    long heldBytes() {
        return heldBytes + (early == null ? 0 : early.capacity());
    }

    /** Whether {@link #letGoOfInput} frees something. */
    boolean canLetGo() {
        return protocol == null ? early != null : letsGo && heldBytes > 0;
    }

    /** Frees what is held: gives up the client's messages, or the stream if nothing takes them yet. */
    void letGoOfInput() {
        assert link().isHeldByCaller();
        if (protocol == null) {
            owner.reset(stream, new EndedException(Cause.OVERLOAD, "The server holds too much"));
        } else {
            protocol.onTooMuchHeld(heldBytes);
        }
    }

    // ---- the protocol: any thread

    @Override
    public Scratch scratch() {
        return Scratch.borrow();
    }

    @Override
    public boolean send(Scratch scratch) {
        try {
            return scheduler.content(stream, scratch.bytes.array(), 0, scratch.bytes.length(), false);
        } finally {
            Scratch.giveBack(scratch);
        }
    }

    @Override
    public boolean send(Segment segment) {
        return scheduler.submit(stream, new OutputPiece.Large(segment), null);
    }

    @Override
    public boolean sendSoon(byte[] bytes) {
        return scheduler.content(stream, bytes, 0, bytes.length, true);
    }

    @Override
    public void execute(Runnable command) {
        link().execute(command);
    }

    @Override
    public long nanos() {
        return link().nanos();
    }

    @Override
    public long progressNanos() {
        return scheduler.heldBackSince(stream, link().nanos());
    }

    @Override
    public long queuedBytes() {
        return stream.queuedBytes();
    }

    @Override
    public boolean isDrained() {
        return stream.isDrained();
    }

    @Override
    public boolean waitsForPeer() {
        return stream.waitsForPeer();
    }

    @Override
    public void awaitDrained() throws IOException, InterruptedException {
        stream.awaitDrained();
    }

    @Override
    public void flushSoon() {
        stream.flushSoon();
    }

    @Override
    public void whenSent(Consumer<@Nullable IOException> callback) {
        stream.whenSent(callback);
    }

    @Override
    public boolean isClosed() {
        return stream.isClosed();
    }

    @Override
    public void closeSoon(@Nullable IOException cause) {
        stream.closeSoon(cause);
    }

    @Override
    public long freshNanos() {
        return link().freshNanos();
    }

    // ---- the protocol: loop thread

    /** The window bounds what still comes. */
    @Override
    public void pauseInput() {
        assert link().isHeldByCaller();
        paused = true;
    }

    @Override
    public void resumeInput() {
        assert link().isHeldByCaller();
        if (paused) {
            paused = false;
            try {
                creditOwed();
            } catch (Http2ViolationException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public boolean isInputEnded() {
        assert link().isHeldByCaller();
        return inputEnded || link().isInputEnded();
    }

    @Override
    public boolean holds(long bytes, boolean canBeLetGo) {
        assert link().isHeldByCaller();
        heldBytes = bytes;
        letsGo = canBeLetGo;
        return owner.noteHeld();
    }

    @Override
    public boolean tryKeep() {
        assert link().isHeldByCaller();
        if (!link().tryKeep()) {
            return false;
        }
        letsGo = false;
        return owner.noteHeld();
    }

    @Override
    public void holdsNothing() {
        assert link().isHeldByCaller();
        heldBytes = 0;
        owner.noteHeld();
    }

    @Override
    public void batch(Runnable work) {
        link().batch(work);
    }

    @Override
    public void checkBy(long nanos) {
        assert link().isHeldByCaller();
        dueNanos = Math.min(dueNanos, nanos);
        link().checkBy(nanos);
    }

    @Override
    public void close(@Nullable IOException cause) {
        assert link().isHeldByCaller();
        owner.reset(stream, cause);
    }

    private Link link() {
        return scheduler.link();
    }
}
