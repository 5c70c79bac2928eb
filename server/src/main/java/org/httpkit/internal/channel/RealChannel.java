package org.httpkit.internal.channel;

import java.util.Map;
import org.httpkit.http.CloseCode;
import org.httpkit.http.Headers;
import org.httpkit.internal.exchange.EndedException;
import org.httpkit.internal.exchange.Exchange;
import org.httpkit.internal.exchange.ReceivedRequest;
import org.httpkit.internal.net.Protocol;
import org.httpkit.internal.websocket.HandshakeViolation;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.CloseReason;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * The channel of one exchange: passes what the application sends to its {@link ChannelOutput}, and calls the listener
 * when something happens. Safe from any thread.
 *
 * <p>It comes in layers: {@link ChannelState} holds the state, {@link ChannelEnd} ends the channel, {@link
 * ChannelSender} sends, and this class opens it.
 */
public final class RealChannel extends ChannelSender {
    /** Whether the handler has returned a response instead of this channel. */
    private volatile boolean notReturned;

    public RealChannel(
            ReceivedRequest request, ChannelOutput output, ChannelOptions options, ChannelListener listener) {
        super(request, output, options, listener);
        if (output instanceof ResponseOutput http) {
            http.answerAtLast(options.unanswered());
        }
    }

    @Override
    public void open(ChannelOptions options) {
        synchronized (calls) {
            if (state == State.UNCLAIMED) {
                state = State.OPENING;
            }
        }
        try {
            listener.init(this);
            Response refusal = options.webSocketOnly() || request.isWebSocketUpgrade()
                    ? http().upgrade(options).perform(this)
                    : null;
            beginSending();
            if (refusal == null) {
                listener.onOpen(this);
            } else {
                listener.onHandshakeError(this, refusal);
            }
        } catch (Throwable e) {
            listenerFailed(e);
        }
        if (notReturned) {
            notReturned();
        }
        beginCalls();
        noticePeerEnd();
    }

    @Override
    public boolean upgrade(MessageOutput webSocket, ReceivedRequest kept, @Nullable String agreedSubprotocol) {
        synchronized (calls) {
            if (state == State.CLOSED) {
                webSocket.release();
                return false;
            }
            carrier = webSocket;
            request = kept;
            subprotocol = agreedSubprotocol;
            return true;
        }
    }

    private void beginSending() {
        synchronized (calls) {
            if (state == State.OPENING) {
                state = State.OPEN;
            }
        }
    }

    @Override
    public void handedOver() {
        synchronized (calls) {
            claim();
        }
        beginCalls();
        noticePeerEnd();
    }

    @Override
    public void peerEnded() {
        if (!request.isWebSocketUpgrade()) {
            tellLost(new CloseReason(CloseReason.CLIENT_CLOSE, "", CloseReason.Cause.PEER_CLOSED));
        }
    }

    @Override
    public void closeHandlerSet() {
        if (request.isCancelled() && state == State.UNCLAIMED) {
            peerEnded();
        }
    }

    /** Checks whether the client ended its side before the channel existed; see {@link Exchange#peerEnded}. */
    private void noticePeerEnd() {
        if (request.isCancelled() && isOpen() && !isWebSocket()) {
            out().closeSoon(new EndedException(CloseReason.Cause.PEER_CLOSED, "The client has ended the connection"));
        }
    }

    /**
     * Is called when the handler has returned a response although this channel had taken the exchange. Whatever was
     * sent on the channel counts. If nothing was sent, an answer might never come, so the server answers now.
     */
    @Override
    public void notReturned() {
        synchronized (calls) {
            notReturned = true;
            if (!isUnanswered()) {
                return; // or open() will decide
            }
            state = State.ENDING;
        }
        calls.mute();
        IllegalStateException fault =
                new IllegalStateException("The handler has made a channel, sent nothing on it, and not"
                        + " returned it; what asChannel gives has to be returned");
        context().observer.handlerFailed(request, fault);
        closed(told(CloseReason.Cause.HANDLER_ERROR));
        carrier.fail(fault);
    }

    /** Whether this channel has taken the exchange and not begun its answer. Without the lock, only a hint. */
    private boolean isUnanswered() {
        return state == State.OPEN && pull == null && carrier instanceof ResponseOutput http && http.isUnbegun();
    }

    @Override
    public long unansweredUntil() {
        assert link().isHeldByCaller();
        return isUnanswered() && carrier instanceof ResponseOutput http ? http.answerDueNanos() : Protocol.NO_DEADLINE;
    }

    @Override
    public void answerIsDue(long nowNanos) {
        assert link().isHeldByCaller();
        if (carrier instanceof ResponseOutput http) {
            http.answerIsDue(nowNanos);
        }
        CloseReason.Cause cause = context().isStopping() ? CloseReason.Cause.SERVER_STOP : null;
        if (!call(listener -> answerInstead(listener, cause))) {
            context().observer.listenerSaturated(request);
            drop(CloseReason.Cause.OVERLOAD);
        }
    }

    private void answerInstead(ChannelListener listener, CloseReason.@Nullable Cause cause) {
        if (!isUnanswered() || !(carrier instanceof ResponseOutput http)) {
            return;
        }
        Response answer = listener.onUnanswered(this, http.unanswered());
        if (answer == null) {
            return;
        }
        Send send = new Send(ChannelData.of(answer), null, new Send.End(CloseCode.NORMAL, "", cause));
        StreamPump begun;
        synchronized (calls) {
            if (!isUnanswered()) {
                discard(send);
                return;
            }
            state = State.ENDING;
            begun = begin(send);
        }
        goOn(send, begun);
    }

    @Override
    public void answeredOtherwise() {
        closed(new CloseReason(CloseReason.SERVER_CLOSE, "", CloseReason.Cause.CLOSED));
        calls.open();
    }

    @Override
    public void beginCalls() {
        calls.open();
        if (request instanceof Exchange exchange) {
            exchange.channelOpened();
        }
        if (context().isStopping() && state == State.OPEN) {
            serverStopping(); // the server's call may have come before there was anything to stop
        }
    }

    @Override
    public boolean allowsOrigin(ChannelOptions options) {
        boolean allowed = http().upgrade(options).allowsOrigin();
        if (!allowed) {
            HandshakeViolation violation = HandshakeViolation.ORIGIN_NOT_ALLOWED;
            context().observer.refused(violation.status().code(), violation.text() + " (" + violation.rule() + ")");
        }
        return allowed;
    }

    @Override
    @SuppressWarnings("deprecation") // only for applications in Java
    public void sendHandshake(Map<String, ?> fields) {
        Headers answer = Headers.empty();
        for (Map.Entry<String, ?> field : fields.entrySet()) {
            answer = plus(answer, field.getKey(), field.getValue());
        }
        ChannelUpgrade upgrade = http().upgrade(ChannelOptions.DEFAULT);
        synchronized (calls) {
            boolean first = claim(State.OPENING);
            if (!first && (state != State.OPEN || !carrier.isUnbegun() || pull != null)) {
                throw new IllegalStateException(
                        "The channel is closed or a WebSocket already, or has begun a response");
            }
            state = State.OPENING;
        }
        try {
            upgrade.accept(this, answer, answer.first("Sec-WebSocket-Protocol"));
        } finally {
            beginSending();
            noticePeerEnd();
        }
    }

    /** As in a Ring response: nothing for null, a line for each value of several. */
    private static Headers plus(Headers fields, String name, @Nullable Object value) {
        Headers all = fields;
        if (value instanceof Iterable<?> several) {
            for (Object one : several) {
                all = plus(all, name, one);
            }
        } else if (value != null) {
            all = all.plus(name, value.toString());
        }
        return all;
    }
}
