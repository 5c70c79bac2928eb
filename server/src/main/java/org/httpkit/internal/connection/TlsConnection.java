package org.httpkit.internal.connection;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLException;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Protocol;
import org.httpkit.internal.net.Scratch;
import org.httpkit.internal.tls.Handshake;
import org.httpkit.server.CloseReason.Cause;
import org.jspecify.annotations.Nullable;

/**
 * Begins a TLS connection: feeds input to the {@link Handshake}, then wraps the link's transport in the TLS layer and
 * hands the link to HTTP. Long computations run on the {@link org.httpkit.internal.context.HandshakeThreads}; meanwhile
 * it reads nothing. Confined to its loop thread.
 *
 * <pre>
 *            first byte is TLS's   a task is due   it was run   the handshake is over   all has left   the end
 * SILENT     SHAKING               -               -            -                       -              OVER
 * SHAKING    -                     COMPUTING       -            LEAVING                 -              OVER
 * COMPUTING  -                     -               SHAKING      -                       -              OVER
 * LEAVING    -                     -               -            -                       OVER           OVER
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

    private final ServerContext context;
    private final Link link;
    private final Handshake handshake;
    private final Next next;
    private final long openedNanos;
    private State state = State.SILENT;
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
        if (state == State.SHAKING) {
            advance(input);
        } else {
            input.position(input.limit());
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
        Scratch scratch = link.scratch();
        Handshake.Step step;
        try {
            step = handshake.advance(input, scratch.bytes);
        } catch (SSLException e) {
            link.send(scratch);
            refuse(String.valueOf(e.getMessage()));
            linger();
            return;
        }
        link.send(scratch);
        switch (step) {
            case NEED_INPUT -> link.holds(handshake.heldBytes(), true);
            case NEED_TASK -> compute();
            case DONE -> {
                state = State.LEAVING;
                link.pauseInput();
                goOnWhenAllHasLeft();
            }
        }
    }

    private void compute() {
        state = State.COMPUTING;
        link.pauseInput();
        try {
            context.handshakeThreads().execute(this::runTasks);
        } catch (RuntimeException | Error e) { // there is no thread, or the server has ended
            context.observer().loopFailed(e);
            close(Cause.OVERLOAD);
        }
    }

    /** Runs on a thread for handshakes. */
    private void runTasks() {
        if (link.isClosed()) {
            return;
        }
        try {
            handshake.runTasks();
            link.execute(this::goOn);
        } catch (RuntimeException | Error e) { // thrown by a security provider, or for lack of memory
            link.closeSoon(new IOException("The TLS handshake failed", e));
            context.observer().loopFailed(e);
        }
    }

    private void goOn() {
        assert link.isHeldByCaller();
        if (state == State.COMPUTING && !link.isClosed()) {
            state = State.SHAKING;
            link.resumeInput();
            link.batch(() -> advance(NOTHING));
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
        context.closed(link, failure == null ? cause : Cause.PEER_RESET, failure);
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
