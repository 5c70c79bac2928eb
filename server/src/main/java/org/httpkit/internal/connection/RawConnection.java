package org.httpkit.internal.connection;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.httpkit.http.Headers;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.dispatch.ClientWait;
import org.httpkit.internal.exchange.EndedException;
import org.httpkit.internal.exchange.Exchange;
import org.httpkit.internal.exchange.StreamedBody;
import org.httpkit.internal.net.Link;
import org.httpkit.server.CloseReason.Cause;
import org.jspecify.annotations.Nullable;

/**
 * One connection that has switched to a protocol of the application's: passes bytes on, and keeps the limits. Confined to
 * its loop thread, unless a method says otherwise.
 *
 * <pre>
 *          the application closes   the link closes
 * OPEN     OVER                     OVER
 * OVER     -                        -
 * </pre>
 */
final class RawConnection implements UpgradedProtocol {
    private enum State {
        /** Bytes pass both ways. */
        OPEN,
        /** Another protocol owns the link, or the link is closed. */
        OVER
    }

    /** How soon a buffer for input is freed in which nothing waits. */
    private static final long REST_NANOS = 1_000_000_000L;

    private final ServerContext context;
    private final Exchange exchange;
    private final Link link;
    private final long idleNanos;
    private final StreamedBody input;

    private State state = State.OPEN;
    private long inputNanos;

    /** When the application last wrote. Any thread. */
    private volatile long outputNanos;

    RawConnection(Exchange exchange, Link link, Duration idleTimeout) {
        this.context = exchange.context;
        this.exchange = exchange;
        this.link = link;
        this.idleNanos = idleTimeout.toNanos();
        this.input =
                StreamedBody.endless(context.newBodyLock(), () -> link.execute(this::readerWantsMore), this::giveUp);
        this.outputNanos = link.freshNanos();
    }

    /** What the application reads, on any thread. */
    StreamedBody input() {
        return input;
    }

    /** Gives up the client, because other tasks need the thread that reads. Any thread. */
    private void giveUp(ClientWait wait) {
        link.closeSoonUnless(
                () -> wait.isOver() || state == State.OVER,
                new EndedException(
                        Cause.IDLE_TIMEOUT,
                        "Too many threads wait for their clients, and this one for the longest time"));
    }

    /** Notes that the application has written something. Any thread. */
    void wrote(long nowNanos) {
        outputNanos = nowNanos;
    }

    @Override
    public void begin(@Nullable ByteBuffer behindRequest) {
        assert link.isHeldByCaller();
        inputNanos = link.nanos();
        link.resumeInput();
        link.checkBy(idleDeadline());
        if (behindRequest != null && behindRequest.hasRemaining()) {
            onInput(behindRequest);
        }
        if (link.isInputEnded()) {
            onInputEnd();
        }
        if (context.isStopping()) {
            onServerStopping();
        }
    }

    @Override
    public void onInput(ByteBuffer bytes) {
        assert link.isHeldByCaller();
        inputNanos = link.nanos();
        boolean wantsMore = input.offer(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
        bytes.position(bytes.limit());
        if (!wantsMore) {
            link.pauseInput();
        }
        noteHeld();
        link.checkBy(inputNanos + REST_NANOS);
    }

    @Override
    public void onInputEnd() {
        input.end(Headers.empty());
    }

    private void readerWantsMore() {
        assert link.isHeldByCaller();
        if (state == State.OPEN) {
            inputNanos = link.nanos();
            noteHeld();
            link.resumeInput();
        }
    }

    private void noteHeld() {
        link.holds(input.heldBytes(), true);
    }

    @Override
    public void onTooMuchHeld(long heldBytes) {
        context.inputShed(link, heldBytes);
        link.close(new EndedException(Cause.OVERLOAD, "The server holds too much received input"));
    }

    /** Ends the connection behind what the application has written. */
    void end() {
        assert link.isHeldByCaller();
        if (state == State.OPEN && !link.isClosed()) {
            state = State.OVER;
            input.end(Headers.empty());
            Lingering.begin(context, link, endOfConversation(), true, true);
        }
    }

    private Cause endOfConversation() {
        if (context.isStopping()) {
            return Cause.SERVER_STOP;
        }
        return link.isInputEnded() ? Cause.PEER_CLOSED : Cause.CLOSED;
    }

    @Override
    public void onDrained() {
        link.checkBy(idleDeadline()); // until now the deadline of a client that takes nothing may have held
    }

    @Override
    public long onDeadline(long nowNanos) {
        if (link.waitsForPeer() && nowNanos >= context.timeouts.write(link.progressNanos())) {
            link.close(new EndedException(Cause.WRITE_TIMEOUT, "The client took nothing for too long"));
            return NO_DEADLINE;
        }
        if (nowNanos >= idleDeadline()) {
            link.close(new EndedException(Cause.IDLE_TIMEOUT, "Nothing has passed for too long"));
            return NO_DEADLINE;
        }
        if (input.rest()) {
            noteHeld();
        }
        long next = link.waitsForPeer() ? context.timeouts.write(link.progressNanos()) : NO_DEADLINE;
        long rest = input.heldBytes() > 0 ? nowNanos + REST_NANOS : NO_DEADLINE;
        return Math.min(idleDeadline(), Math.min(next, rest));
    }

    /** Counts from what has come, what the application has written, and what the client has taken. */
    private long idleDeadline() {
        return Math.max(Math.max(inputNanos, outputNanos), link.progressNanos()) + idleNanos;
    }

    @Override
    public boolean endsInTurn() {
        return state == State.OPEN;
    }

    /** The application shall say goodbye by the rules of its protocol, and close. */
    @Override
    public void onServerStopping() {
        onInputEnd();
    }

    /** Only the application knows where its output is complete, and says so by closing. */
    @Override
    public boolean breaksOff(@Nullable IOException failure) {
        return state == State.OPEN;
    }

    @Override
    public void onClosed(@Nullable IOException failure) {
        assert link.isHeldByCaller();
        state = State.OVER;
        exchange.connectionClosed(failure, context.isStopping());
        Cause cause = failure != null
                ? EndedException.causeOf(failure)
                : context.isStopping() ? Cause.SERVER_STOP : Cause.CLOSED;
        context.closed(link, cause, failure);
    }
}
