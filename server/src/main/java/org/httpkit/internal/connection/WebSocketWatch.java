package org.httpkit.internal.connection;

import org.httpkit.http.CloseCode;
import org.httpkit.internal.channel.MessageChannel;
import org.httpkit.internal.context.Timeouts;
import org.httpkit.internal.exchange.EndedException;
import org.httpkit.internal.websocket.FrameEncoder;
import org.httpkit.internal.websocket.MessageInflater;
import org.httpkit.server.CloseReason;
import org.jspecify.annotations.Nullable;

/** Keeps the deadlines of a WebSocket connection, and sends its pings and pongs. Confined to its loop thread. */
abstract class WebSocketWatch extends WebSocketEnding {
    /** Unanswered pings after which the peer counts as dead. */
    private static final int MAX_UNANSWERED_PINGS = 2;

    private static final byte[] NO_BYTES = {};

    /** The answer to the latest ping, while the peer takes nothing. */
    byte @Nullable [] pongDue;

    long inputNanos;

    byte unansweredPings;

    WebSocketWatch(MessageChannel channel, @Nullable MessageInflater inflater) {
        super(channel, inflater);
    }

    @Override
    public long onDeadline(long nowNanos) {
        assert channel.link().isHeldByCaller();
        if (!tunnel().waitsForPeer()) {
            return ownDeadline(nowNanos);
        }
        long deadline = context().timeouts.write(tunnel().progressNanos());
        if (nowNanos < deadline) {
            return Math.min(deadline, ownDeadline(nowNanos));
        }
        tunnel().close(new EndedException(CloseReason.Cause.WRITE_TIMEOUT, "The client took nothing for too long"));
        return NO_DEADLINE;
    }

    long ownDeadline(long nowNanos) {
        return switch (state) {
            case OPEN -> Math.min(pingDeadline(nowNanos), messageDeadline(nowNanos));
            case FINISHING_CALLS -> {
                if (nowNanos >= closeDeadline()) {
                    callsFinished(); // even if they have not: the peer must not wait longer
                }
                yield closeDeadline();
            }
            case CLOSING -> {
                if (nowNanos >= closeDeadline()) {
                    perform(closing().timedOut(), CloseReason.Cause.PEER_CLOSED);
                    tunnel().close(null);
                }
                yield closeDeadline();
            }
            case OVER -> NO_DEADLINE;
        };
    }

    /** The deadline of a message, by the rules for the body of a request. */
    long messageDeadline(long nowNanos) {
        Unfinished message = unfinished;
        if (message == null || state != State.OPEN) {
            return NO_DEADLINE;
        }
        if (waiting != null) {
            message.inputNanos = nowNanos; // it is we who do not listen
            message.sinceNanos = nowNanos;
        }
        Timeouts timeouts = context().timeouts;
        message.sinceNanos = timeouts.rateSince(message.bytes, message.sinceNanos, nowNanos);
        long deadline = timeouts.body(message.inputNanos);
        if (nowNanos >= deadline || timeouts.isBodyTooSlow(message.bytes, message.sinceNanos, nowNanos)) {
            giveUp(CloseCode.POLICY_VIOLATION, "The message came too slowly", CloseReason.Cause.BODY_TIMEOUT);
            return closeDeadline();
        }
        return Math.min(deadline, nowNanos + Timeouts.RATE_GRACE_NANOS);
    }

    long pingDeadline(long nowNanos) {
        long deadline = context().timeouts.ping(inputNanos, unansweredPings);
        if (nowNanos < deadline || waiting != null) {
            return Math.max(deadline, nowNanos + 1); // it is we who do not listen
        }
        if (unansweredPings == MAX_UNANSWERED_PINGS) {
            tunnel().close(new EndedException(CloseReason.Cause.IDLE_TIMEOUT, "The client does not answer pings"));
            return NO_DEADLINE;
        }
        unansweredPings++;
        if (!tunnel().waitsForPeer()) {
            send(FrameEncoder.ping(NO_BYTES, 0, 0));
        }
        return context().timeouts.ping(inputNanos, unansweredPings);
    }

    /** Answers a ping; while the peer takes nothing, only the latest one, so that a flood of pings takes no memory. */
    void pong(byte[] payload) {
        if (!answersPings()) {
            return;
        }
        if (tunnel().waitsForPeer()) {
            pongDue = payload;
        } else {
            send(FrameEncoder.pong(payload, 0, payload.length));
        }
    }

    @Override
    public void onDrained() {
        if (pongDue != null && answersPings()) {
            byte[] payload = pongDue;
            pongDue = null;
            send(FrameEncoder.pong(payload, 0, payload.length));
        }
        if (state == State.OPEN) {
            channel.drained();
        }
    }
}
