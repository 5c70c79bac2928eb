package org.httpkit.internal.channel;

import java.io.IOException;
import java.util.Objects;
import org.httpkit.http.CloseCode;
import org.httpkit.internal.exchange.EndedException;
import org.httpkit.internal.exchange.ReceivedRequest;
import org.httpkit.server.ChannelCallbacks;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.CloseReason;
import org.httpkit.server.SendListener;
import org.jspecify.annotations.Nullable;

/**
 * Ends a channel: for the application, after a failure, with the server, or with its connection. Safe from any thread.
 */
abstract class ChannelEnd extends ChannelState {
    ChannelEnd(ReceivedRequest request, ChannelOutput output, ChannelOptions options, ChannelListener listener) {
        super(request, output, options, listener);
    }

    @Override
    public boolean close(int code, String reason) {
        Objects.requireNonNull(reason, "reason");
        if (!CloseCode.isSendable(code)) {
            throw new IllegalArgumentException(
                    "code is " + code + "; it must be from 1000 to 1003, 1007 to 1014 or 3000 to 4999");
        }
        return close(new Send.End(code, reason, null));
    }

    boolean close(Send.End end) {
        Send send = new Send(null, null, end);
        synchronized (calls) {
            claim();
            if (state != State.OPEN) {
                return false;
            }
            state = State.ENDING;
            if (pull != null) {
                pull.add(send);
                return true;
            }
        }
        finish(send, end);
        return true;
    }

    @Override
    public void finish(Send send, Send.End end) {
        if (end.cause() == null) {
            tellEnding(end);
        }
        if (send.data() != null && completes(send)) {
            SendListener whenDone = send.whenDone();
            carrier.complete(send.data(), whenDone == null ? null : failure -> notifyWhenSent(whenDone, failure));
            closed(reasonOf(end));
        } else if (isWebSocket()) {
            closed(reasonOf(end)); // first: else the client's answer would pass for a close that it began
            carrier.end(end.code(), end.reason());
        } else {
            carrier.end(end.code(), end.reason());
            closed(reasonOf(end));
        }
    }

    @Override
    public boolean completes(Send send) {
        return send.end() != null && send.data() != null && carrier.isUnbegun();
    }

    CloseReason reasonOf(Send.End end) {
        CloseReason told = carrier.ownClose(end.code(), end.reason());
        CloseReason.Cause cause = carrier.isCut() ? CloseReason.Cause.HANDLER_ERROR : end.cause();
        return cause == null ? told : new CloseReason(told.code(), told.text(), cause);
    }

    void tellEnding(Send.End end) {
        if (listener instanceof ChannelCallbacks binding && !isWebSocket()) {
            try {
                binding.onEnding(this, carrier.ownClose(end.code(), end.reason()));
            } catch (Throwable e) {
                context().observer.handlerFailed(request, e);
            }
        }
    }

    @Override
    public boolean isStream() {
        synchronized (calls) {
            return state == State.OPEN && !carrier.isUnbegun();
        }
    }

    @Override
    public int begunStatus() {
        synchronized (calls) {
            return carrier instanceof ResponseOutput http ? http.begunStatus() : 0;
        }
    }

    /**
     * Is called when the server stops. A WebSocket sends a close frame after everything that the listener's calls so
     * far send; a stream ends; a response that has not begun may still come.
     */
    @Override
    public void serverStopping() {
        if (!isStream()) {
            return;
        }
        Send.End end = new Send.End(CloseCode.GOING_AWAY, "", CloseReason.Cause.SERVER_STOP);
        if (isWebSocket() && !calls.isIdle()) {
            calls.afterCalls(() -> close(end));
        } else {
            close(end);
        }
    }

    @Override
    public void listenerFailed(Throwable failure) {
        context().observer.handlerFailed(request, failure);
        failed(failure);
    }

    @Override
    public void failed(Throwable failure) {
        calls.mute();
        boolean inPieces;
        synchronized (calls) {
            if (state != State.OPEN && state != State.OPENING) {
                return;
            }
            state = State.ENDING;
            inPieces = pull != null;
        }
        closed(told(CloseReason.Cause.HANDLER_ERROR));
        if (inPieces && !isWebSocket()) {
            out().closeSoon(new EndedException(CloseReason.Cause.HANDLER_ERROR, "The application failed"));
        } else {
            carrier.fail(failure);
        }
    }

    CloseReason told(CloseReason.Cause cause) {
        CloseReason own = carrier.ownClose(CloseCode.INTERNAL_ERROR, "");
        return new CloseReason(own.code(), own.text(), cause);
    }

    /**
     * Ends the channel without sending anything, because the client would not receive it. Returns false if the channel
     * had ended before.
     */
    boolean drop(CloseReason.Cause cause) {
        boolean first =
                closed(new CloseReason(isWebSocket() ? CloseCode.ABNORMAL : CloseReason.SERVER_CLOSE, "", cause));
        out().closeSoon(new EndedException(cause, "The channel was dropped"));
        return first;
    }

    @Override
    public boolean closed(CloseReason reason) {
        synchronized (calls) {
            if (state == State.CLOSED) {
                return false;
            }
            state = State.CLOSED;
            closeReason = reason;
            if (pull != null) {
                pull.channelClosed();
            }
            releaseIfOver();
        }
        if (isWebSocket()) {
            context().webSocketClosed(request, reason);
        }
        calls.callLast(() -> listener.onClose(this, reason));
        return true;
    }

    @Override
    public void releaseIfOver() {
        assert Thread.holdsLock(calls);
        StreamPump sending = pull;
        if (state == State.CLOSED && (sending == null || !sending.isEncoding())) {
            carrier.release();
        }
    }

    @Override
    public void connectionClosed(@Nullable IOException failure, boolean stopping) {
        CloseReason.Cause cause = stopping ? CloseReason.Cause.SERVER_STOP : EndedException.causeOf(failure);
        if (!isWebSocket() && isFinishing()) {
            return;
        }
        int http = stopping ? CloseReason.SERVER_CLOSE : CloseReason.CLIENT_CLOSE;
        CloseReason reason = new CloseReason(isWebSocket() ? CloseCode.ABNORMAL : http, "", cause);
        tellLost(reason);
        closed(reason);
    }

    /**
     * Reports an end that the application did not bring about while no calls can be made yet: what it does now may go
     * on for as long as the client is there.
     */
    void tellLost(CloseReason reason) {
        if (listener instanceof ChannelCallbacks binding && binding.hasCloseHandler() && calls.isHeldEmpty()) {
            boolean unused = context().calls.giveToWorker(() -> {
                try {
                    binding.onLost(this, reason);
                } catch (Throwable e) {
                    context().observer.handlerFailed(request, e);
                }
            });
        }
    }

    /**
     * Whether the sender of the last data is about to report that the channel closed, which happened before the
     * connection closed.
     */
    boolean isFinishing() {
        synchronized (calls) {
            return state == State.ENDING && (pull == null || carrier.isComplete());
        }
    }

    @Override
    public void pullFailed(Throwable failure) {
        if (state != State.CLOSED && !out().isClosed()) {
            context().observer.handlerFailed(request, failure);
            closed(told(CloseReason.Cause.HANDLER_ERROR));
            carrier.fail(failure);
        }
    }

    @Override
    public void notifyWhenSent(@Nullable SendListener whenDone, @Nullable Throwable failure) {
        if (whenDone == null) {
            return;
        }
        if (failure != null) {
            tellSoon(whenDone, failure);
        } else {
            out().whenSent(prevented -> tellSoon(whenDone, prevented));
        }
    }

    void tellSoon(SendListener whenDone, @Nullable Throwable failure) {
        link().execute(() -> {
            if (whenDone instanceof DrainMark) {
                drained();
            } else {
                sendCalls().execute(() -> tell(whenDone, failure));
            }
        });
    }

    /** Loop thread. */
    SendCalls sendCalls() {
        assert link().isHeldByCaller();
        SendCalls known = sendCalls;
        if (known == null) {
            known = new SendCalls(this);
            known.open();
            sendCalls = known;
        }
        return known;
    }

    void tell(SendListener whenDone, @Nullable Throwable failure) {
        try {
            whenDone.done(failure);
        } catch (Throwable e) {
            context().observer.handlerFailed(request, e);
        }
    }

    @Override
    public void giveUp(Send send, Throwable failure) {
        discard(send);
        SendListener whenDone = send.whenDone();
        if (whenDone != null) {
            tellSoon(whenDone, failure);
        }
    }

    static void discard(Send send) {
        if (send.data() != null) {
            send.data().discard();
        }
    }

    @Override
    public void drained() {
        synchronized (calls) {
            drainMarked = false;
        }
        if (isOpen() && !call(listener -> listener.onDrain(this))) {
            context().observer.listenerSaturated(request);
            drop(CloseReason.Cause.OVERLOAD);
        }
    }
}
