package org.httpkit.internal.connection;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLException;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.exchange.EndedException;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Protocol;
import org.httpkit.internal.net.Scratch;
import org.httpkit.internal.tls.Handshake;
import org.httpkit.server.CloseReason.Cause;
import org.jspecify.annotations.Nullable;

/**
 * Begins a TLS connection: feeds input to the {@link Handshake}, then wraps the link's transport in the TLS layer and
 * hands the link to HTTP. Confined to its loop thread, except for long computations: a thread of the {@link
 * org.httpkit.internal.context.HandshakeThreads} makes them and sends what comes of them. Usually it is the client's turn
 * then, and the loop learns of it only by the client's next bytes ({@link HandshakeHolder}).
 *
 * <pre>
 *            first byte is TLS's   a task is due   the loop has the handshake again   it is over   all has left   the end
 * SILENT     SHAKING               -               -                                  -            -              OVER
 * SHAKING    -                     COMPUTING       -                                  LEAVING      -              OVER
 * COMPUTING  -                     -               SHAKING                            -            -              OVER
 * LEAVING    -                     -               -                                  -            OVER           OVER
 * </pre>
 */
final class TlsConnection implements Protocol {
    private enum State {
        SILENT,
        SHAKING,
        COMPUTING,
        LEAVING,
        OVER
    }

    /** Makes the protocol that comes after the handshake. */
    interface Next {
        /**
         * Returns the protocol that goes on.
         *
         * @param applicationProtocol the protocol that ALPN chose; empty if none
         */
        Protocol after(String applicationProtocol);
    }

    private static final byte[] PLAIN_TEXT = """
            HTTP/1.1 400 Bad Request
            Connection: close
            Content-Type: text/plain; charset=utf-8
            Content-Length: 32

            This port speaks HTTPS, not HTTP""".replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII);

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final byte[] NO_BYTES = {};

    private final ServerContext context;
    private final Link link;
    /** Used by its holder. */
    private final Handshake handshake;

    private final HandshakeHolder holder = new HandshakeHolder();
    private final Next next;
    private final long openedNanos;
    private State state = State.SILENT;
    /** How many bytes the handshake held when a thread got it. */
    private int heldBytes;
    /** What has come while a thread had it. */
    private byte[] early = NO_BYTES;

    private Cause cause = Cause.CLOSED;

    /** @param handshake with the certificates of this moment */
    TlsConnection(ServerContext context, Link link, Handshake handshake, long openedNanos, Next next) {
        this.context = context;
        this.link = link;
        this.handshake = handshake;
        this.next = next;
        this.openedNanos = openedNanos;
        link.checkBy(deadline());
    }

    @Override
    public void onInput(ByteBuffer input) {
        assert link.isHeldByCaller();
        if (state == State.SILENT) {
            begin(input);
        }
        if (state == State.COMPUTING && holder.tryTake()) {
            state = State.SHAKING;
        }
        switch (state) {
            case SHAKING -> advance(input);
            case COMPUTING -> keep(input);
            case SILENT, LEAVING, OVER -> input.position(input.limit());
        }
    }

    private void begin(ByteBuffer input) {
        switch (Handshake.beginningOf(input.get(input.position()))) {
            case TLS -> state = State.SHAKING;
            case PLAIN_HTTP -> {
                refuse("plain HTTP on a port for TLS");
                Scratch scratch = link.scratch();
                scratch.bytes.append(PLAIN_TEXT);
                link.send(scratch);
                linger();
            }
            case OTHER -> {
                refuse("neither TLS nor HTTP");
                close(Cause.TLS_ERROR);
            }
        }
    }

    private void advance(ByteBuffer input) {
        Handshake.Step step;
        try {
            step = advanceAndSend(input);
        } catch (SSLException e) {
            failed(e);
            return;
        }
        switch (step) {
            case NEED_INPUT -> link.holds(handshake.heldBytes(), true);
            case NEED_TASK -> giveToThread();
            case DONE -> {
                state = State.LEAVING;
                link.pauseInput();
                goOnWhenAllHasLeft();
            }
        }
    }

    /** The holder advances the handshake, and sends what it says. */
    private Handshake.Step advanceAndSend(ByteBuffer input) throws SSLException {
        Scratch scratch = link.scratch();
        try {
            return handshake.advance(input, scratch.bytes);
        } finally {
            link.send(scratch); // also the alert of a handshake that fails
        }
    }

    private void giveToThread() {
        state = State.COMPUTING;
        heldBytes = handshake.heldBytes();
        link.holds(heldBytes, true);
        link.flush(); // earlier output must not wait for what the thread sends, nor be overtaken by it
        holder.giveToThread();
        try {
            context.handshakeThreads().execute(this::compute);
        } catch (RuntimeException | Error e) { // there is no thread, or the server has ended
            context.observer().loopFailed(e);
            close(Cause.OVERLOAD);
        }
    }

    /** Runs on a thread for handshakes. */
    private void compute() {
        try {
            Handshake.Step step = Handshake.Step.NEED_TASK;
            while (step == Handshake.Step.NEED_TASK) {
                if (link.isClosed()) {
                    return;
                }
                handshake.runTasks();
                step = advanceAndSend(NOTHING);
            }
            boolean isClientsTurn = step == Handshake.Step.NEED_INPUT && heldBytes == 0;
            if (!isClientsTurn || !holder.tryGiveBack()) {
                link.execute(this::goOn);
            }
        } catch (SSLException e) {
            link.execute(() -> failed(e));
        } catch (RuntimeException | Error e) { // thrown by a security provider, or for lack of memory
            link.closeSoon(new EndedException(Cause.TLS_ERROR, "The TLS handshake failed", e));
            context.observer().loopFailed(e);
        }
    }

    /** Keeps what comes while a thread computes, and reads no more until the thread calls. */
    private void keep(ByteBuffer input) {
        assert early.length == 0 : "Reading pauses";
        link.pauseInput();
        early = new byte[input.remaining()];
        input.get(early);
        link.holds(heldBytes + early.length, true);
    }

    /** Is called when a thread has computed, and there is something to do for the loop. */
    private void goOn() {
        assert link.isHeldByCaller();
        if (state != State.COMPUTING) {
            return;
        }
        holder.take();
        state = State.SHAKING;
        ByteBuffer input = ByteBuffer.wrap(early);
        early = NO_BYTES;
        link.resumeInput();
        link.batch(() -> advance(input));
    }

    private void failed(SSLException why) {
        assert link.isHeldByCaller();
        if (state != State.OVER) {
            refuse(String.valueOf(why.getMessage()));
            linger();
        }
    }

    /** Waits for the handshake's output to leave, since it must not pass through the layer that comes now. */
    private void goOnWhenAllHasLeft() {
        link.flush();
        if (state != State.LEAVING || !link.isDrained()) {
            return;
        }
        state = State.OVER;
        context.handshakeDone(link, handshake.isResumed());
        link.wrapTransport(handshake::wrap);
        Protocol protocol = next.after(handshake.applicationProtocol());
        link.switchTo(protocol);
        link.resumeInput();
    }

    @Override
    public void onDrained() {
        goOnWhenAllHasLeft();
    }

    @Override
    public void onTooMuchHeld(long heldBytes) {
        context.inputShed(link, heldBytes);
        close(Cause.OVERLOAD);
    }

    @Override
    public void onInputEnd() {
        close(Cause.PEER_CLOSED);
    }

    @Override
    public long onDeadline(long nowNanos) {
        if (nowNanos >= deadline()) {
            refuse("the handshake took too long");
            close(Cause.HANDSHAKE_TIMEOUT);
            return NO_DEADLINE;
        }
        return deadline();
    }

    private long deadline() {
        return context.current().timeouts.handshake(openedNanos);
    }

    @Override
    public void onServerStopping() {
        close(Cause.SERVER_STOP);
    }

    @Override
    public void onClosed(@Nullable IOException failure) {
        state = State.OVER;
        context.closed(link, failure == null ? cause : EndedException.causeOf(failure), failure);
    }

    private void refuse(String why) {
        context.handshakeFailed(link, why);
    }

    private void linger() {
        state = State.OVER;
        Lingering.begin(context, link, Cause.TLS_ERROR, true);
    }

    private void close(Cause why) {
        state = State.OVER;
        cause = why;
        link.close(null);
    }
}
