package org.httpkit.internal.connection;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.httpkit.internal.channel.MessageChannel;
import org.httpkit.internal.channel.MessageLink;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.net.Scratch;
import org.httpkit.internal.net.Tunnel;
import org.httpkit.internal.websocket.CloseMachine;
import org.httpkit.internal.websocket.MessageDecoder;
import org.httpkit.internal.websocket.MessageInflater;
import org.httpkit.internal.websocket.WebSocketViolation;
import org.httpkit.server.CloseReason;
import org.jspecify.annotations.Nullable;

/**
 * Ends a WebSocket connection (RFC 6455 section 7) as the {@link CloseMachine} decides. Confined to its loop thread.
 */
abstract class WebSocketEnding implements UpgradedProtocol, MessageLink {
    enum State {
        /** Messages go both ways. */
        OPEN,
        /** The peer has caused the end; the listener is still busy with the input before it. */
        FINISHING_CALLS,
        /** Our close frame is out; the peer's has not come. */
        CLOSING,
        /** Another protocol owns the link, or the link is closed. */
        OVER
    }

    final MessageChannel channel;

    final @Nullable MessageInflater inflater;

    State state = State.OPEN;

    /** Null between messages: most WebSockets are idle most of the time. */
    @Nullable
    Unfinished unfinished;

    /** Input that cannot be used before the listener has caught up. */
    @Nullable
    ByteBuffer waiting;

    /** Null until the end begins: most WebSockets are far from it. */
    @Nullable
    Ending ending;

    boolean heldBack;

    /** Whether the worker has the decoder and the inflater. */
    boolean inflating;

    /** A message or frame that has begun to come. */
    static final class Unfinished {
        final MessageDecoder decoder;
        long sinceNanos;
        /** When a part of it last came; a ping in between is no part of it. */
        long inputNanos;

        long bytes;

        Unfinished(MessageDecoder decoder, long nowNanos) {
            this.decoder = decoder;
            this.sinceNanos = nowNanos;
            this.inputNanos = nowNanos;
        }
    }

    /** State that only the end needs. */
    static final class Ending {
        final CloseMachine machine = new CloseMachine();
        /** The task for when the listener has been called for everything that came before the end. */
        @Nullable
        Runnable afterCalls;

        long sinceNanos;
    }

    WebSocketEnding(MessageChannel channel, @Nullable MessageInflater inflater) {
        this.channel = channel;
        this.inflater = inflater;
    }

    /** Goes on with the input that has waited. */
    abstract void goOn();

    @Override
    public Tunnel tunnel() {
        return channel.link();
    }

    /** Lets the output leave, and ends our side; further input is unwanted. */
    void leave(CloseReason.Cause cause) {
        Lingering.begin(context(), channel.link(), cause, true);
    }

    /** Reports that the connection under the WebSocket is closed. */
    void closed(CloseReason.Cause cause, @Nullable IOException failure) {
        context().closed(channel.link(), cause, failure);
    }

    ServerContext context() {
        return channel.context();
    }

    Ending ending() {
        Ending known = ending;
        if (known == null) {
            known = new Ending();
            ending = known;
        }
        return known;
    }

    CloseMachine closing() {
        return ending().machine;
    }

    boolean answersPings() {
        return ending == null || ending.machine.answersPings();
    }

    @Override
    public void closeRequested(int code, String reason) {
        assert channel.link().isHeldByCaller();
        if (state == State.OPEN) {
            perform(closing().closeRequested(code, reason), CloseReason.Cause.CLOSED);
        } else {
            callsFinished(); // the listener sends nothing more for which the peer's close would have to wait
        }
    }

    void violated(WebSocketViolation violation) {
        context()
                .observer
                .webSocketRefused(
                        channel.request(), violation.closeCode(), violation.reason() + " (" + violation.rule() + ")");
        if (state == State.CLOSING) {
            perform(closing().violated(violation), CloseReason.Cause.PROTOCOL_ERROR);
        } else {
            finishCallsThen(() -> perform(closing().violated(violation), CloseReason.Cause.PROTOCOL_ERROR));
        }
    }

    /** Gives up the peer. */
    void giveUp(int code, String reason, CloseReason.Cause cause) {
        switch (state) {
            case OPEN -> finishCallsThen(() -> perform(closing().givenUp(code, reason), cause));
            case CLOSING -> perform(closing().givenUp(code, reason), cause);
            case FINISHING_CALLS, OVER -> {}
        }
    }

    /** Lets the listener answer what came before the end, for the close timeout at most. */
    void finishCallsThen(Runnable end) {
        state = State.FINISHING_CALLS;
        waiting = null;
        unfinished = null;
        tunnel().holdsNothing();
        ending().sinceNanos = tunnel().nanos();
        tunnel().checkBy(closeDeadline());
        ending().afterCalls = end;
        tunnel().pauseInput(); // further input cannot be used
        channel.afterCalls(() -> tunnel().execute(this::callsFinished));
    }

    void callsFinished() {
        assert channel.link().isHeldByCaller();
        Runnable end = ending == null ? null : ending.afterCalls;
        if (state == State.FINISHING_CALLS && end != null) {
            ending().afterCalls = null;
            end.run();
        }
    }

    void perform(CloseMachine.Action action, CloseReason.Cause cause) {
        assert channel.link().isHeldByCaller();
        switch (action) {
            case NOTHING -> {
                if (state == State.FINISHING_CALLS) {
                    endOutput();
                }
            }
            case SEND_CLOSE_AND_AWAIT -> {
                send(closing().closeFrame());
                state = State.CLOSING;
                ending().sinceNanos = tunnel().nanos();
                tunnel().checkBy(closeDeadline());
                if (waiting != null || heldBack) {
                    tunnel().execute(this::goOn);
                }
                if (tunnel().isInputEnded()) {
                    perform(closing().connectionLost(), cause);
                }
            }
            case SEND_CLOSE_AND_DROP -> {
                tell(cause); // first: no message may follow the close frame (RFC 6455 section 5.5.1)
                send(closing().closeFrame());
                endOutput();
            }
            case DROP -> {
                tell(cause);
                endOutput();
            }
        }
    }

    void tell(CloseReason.Cause cause) {
        CloseMachine.Outcome outcome = closing().outcome();
        if (outcome != null) {
            channel.closed(new CloseReason(outcome.code(), outcome.reason(), cause));
        }
    }

    void endOutput() {
        channel.connectionClosed(null, context().isStopping()); // unless another end was reported before
        CloseReason reason = channel.closeReason();
        release();
        leave(reason == null ? CloseReason.Cause.CLOSED : reason.cause());
    }

    void release() {
        state = State.OVER;
        waiting = null;
        if (ending != null) {
            ending.afterCalls = null;
        }
        unfinished = null;
        if (inflater != null && !inflating) {
            inflater.release(); // otherwise it is released when the worker is done with it
        }
    }

    void send(byte[] frame) {
        Scratch scratch = tunnel().scratch();
        scratch.bytes.append(frame);
        tunnel().send(scratch);
    }

    /** The deadline: a peer that still takes what was sent before has not seen our close frame. */
    long closeDeadline() {
        long began = ending().sinceNanos;
        long since = tunnel().waitsForPeer() ? Math.max(began, tunnel().progressNanos()) : began;
        return context().timeouts.close(since, context().isStopping());
    }
}
