package org.httpkit.internal.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection's life between its {@link Transport} and its {@link Protocol}: reading, sending, deadlines, closing.
 * It belongs to one loop for life; each method states its thread.
 */
public final class Link extends LinkInput implements InputBudget.Holder, Tunnel {
    /** How often to try a full socket: the system reports room only when a third of its buffer is free. */
    private static final long TRY_NANOS = 2_000_000_000L;

    // Confined to the loop thread.
    private @Nullable Protocol protocol;
    /** The client's count, or the held input that refers to it; null if neither. */
    private ClientCounts.@Nullable Counted counted;

    /** Whether it is practically closed. A hint, which other threads may see late. */
    private boolean closing;

    public Link(Loop loop, Transport wire) {
        super(loop, wire);
    }

    /** Sets the protocol that takes the input, and begins to read. Loop thread, once. */
    public void start(Protocol protocol) {
        assert loop.isHeldByCaller();
        this.protocol = protocol;
        startOutput();
    }

    // ---- any thread

    public @Nullable SocketAddress localAddress() {
        return wire.localAddress();
    }

    public @Nullable SocketAddress remoteAddress() {
        return wire.remoteAddress();
    }

    boolean isClosing() {
        return closing || isClosed();
    }

    @Override
    public void closeSoon(@Nullable IOException cause) {
        closing = true;
        loop.execute(() -> close(cause));
    }

    @Override
    public void closeSoonUnless(BooleanSupplier unwanted, IOException cause) {
        loop.execute(() -> {
            if (!unwanted.getAsBoolean()) {
                close(cause);
            }
        });
    }

    @Override
    public void shed(ShedException cause) {
        closing = true;
        executeFirst(() -> close(cause));
    }

    @Override
    public void executeFirst(Runnable command) {
        loop.executeFirst(command);
    }

    /** Informs the protocol at the loop's next turn that the server stops. */
    public void stopSoon() {
        loop.execute(this::stopping);
    }

    // ---- loop thread

    /** Counts this link for a client other than its peer from now on. If false, the client has too many: close. */
    public boolean countFor(InetAddress client) {
        return loop.countFor(client, this);
    }

    @Override
    public ClientCounts.@Nullable Count clientCount() {
        ClientCounts.Counted now = counted; // read once: senders ask from any thread, while the loop may change it
        return now == null ? null : now.client();
    }

    private InputBudget.@Nullable Holding holding() {
        return counted instanceof InputBudget.Holding known ? known : null;
    }

    void clientCount(ClientCounts.@Nullable Count count) {
        assert loop.isHeldByCaller();
        holdsNothing();
        counted = count;
    }

    /** Hands the link to another protocol, which must not hold input yet. */
    public void switchTo(Protocol protocol) {
        assert loop.isHeldByCaller();
        this.protocol = protocol;
        holdsNothing();
    }

    /**
     * Reports how much received input is held now. To be called after the work on a read, and at each change.
     *
     * @param bytes the size of the arrays that hold it
     * @param canBeLetGo whether {@link Protocol#onTooMuchHeld} would free it at once
     * @return false if it must be dropped, for which {@link Protocol#onTooMuchHeld} follows: hold no more until then
     */
    @Override
    public boolean holds(long bytes, boolean canBeLetGo) {
        assert loop.isHeldByCaller();
        if (bytes == 0) {
            holdsNothing();
            return true;
        }
        InputBudget.Holding known = holding();
        if (known == null) {
            if (isClosed()) {
                return false;
            }
            known = loop.inputBudget().begin(this);
            counted = known;
        }
        return loop.inputBudget().change(known, bytes, canBeLetGo);
    }

    @Override
    public boolean tryKeep() {
        assert loop.isHeldByCaller();
        InputBudget.Holding known = holding();
        return known == null ? !isClosed() : loop.inputBudget().tryKeep(known);
    }

    /** Reports that no received input is held any more. */
    @Override
    public void holdsNothing() {
        assert loop.isHeldByCaller();
        InputBudget.Holding known = holding();
        if (known != null) {
            counted = known.client();
            loop.inputBudget().end(known);
        }
    }

    /** See {@link InputBudget.Holder#letGoOfInput}. For the input's budget. */
    @SuppressWarnings("ReferenceEquality") // another may have begun meanwhile
    @Override
    public void letGoOfInput(InputBudget.Holding worst, long heldBytes) {
        assert loop.isHeldByCaller();
        if (counted == worst && !isClosed()) {
            try {
                protocol().onTooMuchHeld(heldBytes);
            } catch (Throwable e) {
                failed(e);
            }
        }
    }

    /**
     * Makes the call as soon as the work on the input has returned. Then the protocol receives one call: when the call
     * is over, or when it takes so long that the loop has continued without it.
     *
     * @return false if the call cannot be made here
     */
    public boolean callNext(LoopCall call) {
        assert loop.isHeldByCaller();
        return loop.turn().isOf(outbound) && loop.callNext(this, call);
    }

    /** Runs work that may answer, as if input had come: its output leaves in one write at the end. */
    @Override
    public void batch(Runnable work) {
        assert loop.isHeldByCaller();
        if (loop.turn().isOf(outbound)) {
            work.run();
            return;
        }
        loop.turn().begin(outbound);
        try {
            work.run();
        } catch (Throwable e) {
            failed(e);
        }
        endTurn();
    }

    /** Continues the work after the call was made, or continues without the loop. For the loop. */
    public void called() {
        assert loop.isHeldByCaller();
        try {
            if (!isClosed()) {
                protocol().onCalled();
            }
        } catch (Throwable e) {
            failed(e);
        }
        endTurn();
    }

    /** Sends the answers, unless a call comes first whose answer may leave with them. */
    private void endTurn() {
        if (!loop.hasCall()) {
            try {
                protocol().onTurnEnd();
                flush();
            } catch (Throwable e) {
                failed(e);
            } finally {
                loop.turn().end();
            }
        }
    }

    /** Closes at once; unwritten segments receive the cause. Idempotent. */
    @Override
    public void close(@Nullable IOException cause) {
        assert loop.isHeldByCaller();
        if (!isClosed()) {
            if (protocol != null && protocol.breaksOff(cause)) {
                wire.cut();
            } else {
                outbound.farewell(loop.scratch(), cause == null);
            }
        }
        if (!endOutput()) {
            return;
        }
        try {
            holdsNothing();
            loop.wheel().remove(this);
            outbound.abandon(cause != null ? cause : new ClosedException(), loop.scratch());
            loop.backlog().closed(this);
        } finally { // whatever fails, usually for lack of memory
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

    @Override
    protected long check(long nowNanos) {
        assert loop.isHeldByCaller();
        if (isClosed() || protocol == null) {
            return Protocol.NO_DEADLINE;
        }
        try {
            tryToWrite(nowNanos);
            long next = isClosed() ? Protocol.NO_DEADLINE : protocol().onDeadline(nowNanos);
            return awaitsRoom() && !isClosed() ? Math.min(next, nowNanos + TRY_NANOS) : next;
        } catch (Throwable e) {
            failed(e);
            return Protocol.NO_DEADLINE;
        }
    }

    /** See {@link Protocol#idleSinceNanos}. For the loop. */
    long idleSinceNanos() {
        assert loop.isHeldByCaller();
        return isClosed() || protocol == null ? Protocol.NO_DEADLINE : protocol.idleSinceNanos();
    }

    /** Is called when a new connection finds no room. For the loop. */
    void giveUpIdle() {
        tell(Protocol::giveUpIdle);
    }

    boolean endsInTurn() {
        assert loop.isHeldByCaller();
        return !isClosed() && protocol != null && protocol.endsInTurn();
    }

    /** Is called when the server stops. For the loop. */
    public void stopping() {
        tell(Protocol::onServerStopping);
    }

    private void tell(Consumer<Protocol> word) {
        assert loop.isHeldByCaller();
        if (!isClosed() && protocol != null) {
            try {
                word.accept(protocol);
            } catch (Throwable e) {
                failed(e);
            }
        }
    }

    @Override
    void take(ByteBuffer input) {
        if (counted instanceof InputBudget.Holding holding) {
            holding.received(input.remaining(), loop.nanos());
        }
        loop.turn().begin(outbound);
        try {
            protocol().onInput(input);
        } catch (Throwable e) {
            failed(e);
        }
        endTurn();
    }

    @Override
    void readSoon() {
        loop.readSoon(this);
    }

    @Override
    void inputOver() {
        protocol().onInputEnd();
    }

    /** The current protocol. Loop thread. */
    public Protocol protocol() {
        if (protocol == null) {
            throw new IllegalStateException("Input before start");
        }
        return protocol;
    }

    @Override
    void onDrained() {
        protocol().onDrained();
    }

    /** After a bug or lack of memory, closes this connection; the loop lives. Reports last, as that may fail. */
    @Override
    void failed(Throwable fault) {
        if (loop.turn().isOf(outbound)) {
            loop.scratch().bytes.clear();
        }
        try {
            close(ClosedException.INTERNAL_ERROR);
            flush(); // releases the write claim, if it was taken
        } catch (Throwable e) {
            loop.report(e);
        }
        loop.report(fault);
    }
}
