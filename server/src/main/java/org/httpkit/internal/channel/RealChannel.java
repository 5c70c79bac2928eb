package org.httpkit.internal.channel;

import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.httpkit.http.CloseCode;
import org.httpkit.http.Headers;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.exchange.EndedException;
import org.httpkit.internal.exchange.Exchange;
import org.httpkit.internal.exchange.ExchangeChannel;
import org.httpkit.internal.exchange.ReceivedRequest;
import org.httpkit.internal.exchange.Responses;
import org.httpkit.internal.exchange.SavedRequest;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Outflow;
import org.httpkit.internal.net.Protocol;
import org.httpkit.internal.websocket.FrameEncoder;
import org.httpkit.internal.websocket.HandshakeViolation;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelCallbacks;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.CloseReason;
import org.httpkit.server.Event;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.SendListener;
import org.httpkit.server.SendResult;
import org.httpkit.server.WhenFull;
import org.jspecify.annotations.Nullable;

/**
 * The channel of one exchange: takes what the application sends to its {@link ChannelOutput}, and has the listener told what happens.
 * Safe from any thread.
 *
 * <p>No code of the application, and nothing that blocks or takes long, runs under the lock: the loop takes it, too.
 */
public final class RealChannel extends AsyncChannel
        implements ExchangeChannel, MessageChannel, ChannelCalls.Owner, StreamPump.Source {
    private static final Headers EVENT_STREAM =
            Headers.of("Content-Type", "text/event-stream", "Cache-Control", "no-cache");

    /** Stands behind what waits, so that the listener is called when that has left. */
    private enum DrainMark implements SendListener {
        MARK;

        @Override
        public void done(@Nullable Throwable failure) {
            throw new IllegalStateException("The mark is not the application's");
        }
    }

    private enum State {
        /** Nothing was sent yet, and the handler may still answer otherwise. */
        UNCLAIMED,
        /** The handshake, if there is one, has not been answered: nothing can be sent. */
        OPENING,
        /** Data can be sent. */
        OPEN,
        /** The last data was given, or the end was asked for; nothing more is taken. */
        ENDING,
        /** The listener has been told, or will be as soon as its turn comes. */
        CLOSED
    }

    private final ChannelListener listener;
    /** Null until a sender wants to know when its data has left. Confined to the loop. */
    private @Nullable SendCalls sendCalls;

    /** Also the lock: there may be many channels, and most of them idle. */
    private final ListenerCalls calls;

    // Guarded by the lock.
    /** Whether somebody who was refused waits to be told of room by a mark behind what waits. */
    private boolean drainMarked;

    /** Whether the handler has returned something else. */
    private volatile boolean notReturned;

    // Written under the lock, read by any thread.
    /** The exchange, until it has become a WebSocket. */
    private volatile ReceivedRequest request;

    private volatile ChannelOutput carrier;
    private volatile State state = State.UNCLAIMED;

    private volatile WhenFull whenFull;
    /** What later sends have to wait for; null while there is no such thing. */
    private volatile @Nullable StreamPump pull;

    private volatile @Nullable CloseReason closeReason;
    private volatile @Nullable String subprotocol;

    public RealChannel(Exchange exchange, ChannelOutput output, ChannelOptions options, ChannelListener listener) {
        this.request = exchange;
        this.listener = Objects.requireNonNull(listener, "listener");
        this.whenFull = options.whenFull();
        this.carrier = output;
        this.calls = new ListenerCalls(this);
    }

    // ---- opening

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

    // ---- opening step by step, for callbacks

    @Override
    public boolean isClaimed() {
        return state != State.UNCLAIMED;
    }

    @Override
    public boolean isOpening() {
        return state == State.OPENING;
    }

    /** Takes the exchange if it is still to be had. To be called under the lock. */
    private void claim() {
        claim(State.OPEN);
    }

    /** The same, with what comes then; whether it was still to be had. */
    private boolean claim(State next) {
        if (state != State.UNCLAIMED || !exchange().claim()) {
            return false;
        }
        state = next;
        return true;
    }

    @Override
    public void handedOver() {
        synchronized (calls) {
            claim();
        }
        beginCalls();
        noticePeerEnd();
    }

    /** The client may have ended its side before there was a channel for which that counts; see {@link Exchange#peerEnded}. */
    private void noticePeerEnd() {
        if (request.isCancelled() && isOpen() && !isWebSocket()) {
            out().closeSoon(new EndedException(CloseReason.Cause.PEER_CLOSED, "The client has ended the connection"));
        }
    }

    /**
     * The handler has returned something else, though it had the exchange left to this channel. What was sent on the channel counts; if
     * that is nothing, nobody may ever answer, so the client is answered now.
     */
    @Override
    public void notReturned() {
        synchronized (calls) {
            notReturned = true;
            if (!isUnanswered()) {
                return; // or will be judged once it is open
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

    /** Whether the exchange is this channel's, and waits for the beginning of its answer. Without the lock, a hint. */
    private boolean isUnanswered() {
        return state == State.OPEN && pull == null && carrier instanceof ResponseOutput http && http.isUnbegun();
    }

    @Override
    public long unansweredUntil() {
        return isUnanswered() && carrier instanceof ResponseOutput http ? http.answerDueNanos() : Protocol.NO_DEADLINE;
    }

    @Override
    public void answerIsDue(long nowNanos) {
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
        if (!isUnanswered()) {
            return;
        }
        Response answer = listener.onUnanswered(this, Responses.OVERLOADED);
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
            serverStopping(); // it may have come by before there was anything to stop
        }
    }

    @Override
    public boolean inTurn(Runnable task) {
        return calls.call(called -> task.run());
    }

    @Override
    public void setWhenFull(WhenFull policy) {
        whenFull = policy;
    }

    @Override
    public @Nullable ChannelCallbacks callbacks() {
        return listener instanceof ChannelCallbacks callbacks ? callbacks : null;
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
    public void sendHandshake(Map<String, ?> fields) {
        Headers answer = Headers.empty();
        for (Map.Entry<String, ?> field : fields.entrySet()) {
            answer = answer.plus(field.getKey(), String.valueOf(field.getValue()));
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

    // ---- sending

    @Override
    public SendResult trySend(@Nullable Object data, boolean closeAfterSend, @Nullable SendListener whenDone) {
        Object sendable = listener instanceof ChannelCallbacks binding ? binding.toSend(this, data) : data;
        ChannelData outgoing = ChannelData.of(sendable);
        boolean fansOut = !closeAfterSend && FanOut.includes(data, this);
        return submit(new Send(
                fansOut ? outgoing.fanningOut() : outgoing, whenDone, closeAfterSend ? Send.End.NORMAL : null));
    }

    @Override
    public boolean sendEvent(Event event) {
        ChannelData data = isWebSocket()
                ? ChannelData.of(event.data())
                : ChannelData.of(Response.text(event.encoded()).headers(EVENT_STREAM));
        SendResult result = submit(new Send(FanOut.includes(event, this) ? data.fanningOut() : data, null, null));
        return result == SendResult.SENT || result == SendResult.QUEUED;
    }

    @Override
    public boolean ping(byte[] payload) {
        return sendControl(FrameEncoder.ping(payload, 0, payload.length));
    }

    @Override
    public boolean pong(byte[] payload) {
        return sendControl(FrameEncoder.pong(payload, 0, payload.length));
    }

    private boolean sendControl(byte[] frame) {
        synchronized (calls) {
            if (!isOpen() || isFull() || !(carrier instanceof MessageOutput webSocket)) {
                return false;
            }
            webSocket.write(frame);
            return true;
        }
    }

    private SendResult submit(Send send) {
        SendResult result;
        do {
            result = offer(send);
        } while (result == SendResult.REJECTED && awaitRoom());
        SendListener whenDone = send.whenDone();
        if (result == SendResult.CLOSED) {
            discard(send);
            if (whenDone != null) {
                tell(whenDone, new IOException("The channel is closed"));
            }
        } else if (result == SendResult.REJECTED && whenDone != null) {
            tell(whenDone, new IOException("Too much waits for the client already"));
        }
        return result;
    }

    private SendResult offer(Send send) {
        boolean full;
        WhenFull policy = whenFull;
        StreamPump begun = null;
        synchronized (calls) {
            claim();
            if (state != State.OPEN || out().isClosed()) {
                return SendResult.CLOSED;
            }
            full = isFull();
            if (full && policy != WhenFull.CLOSE) {
                tellWhenDrained();
                return SendResult.REJECTED;
            }
            if (!full) {
                if (send.end() != null) {
                    state = State.ENDING;
                }
                if (pull != null) {
                    pull.add(send);
                    return SendResult.QUEUED;
                }
                begun = begin(send);
            }
        }
        if (full) {
            long queued = queuedBytes();
            if (drop(CloseReason.Cause.SLOW_CONSUMER)) {
                context().observer.slowConsumerClosed(request, queued);
            }
            return SendResult.CLOSED;
        }
        goOn(send, begun);
        return out().isDrained() && send.isWhole() ? SendResult.SENT : SendResult.QUEUED;
    }

    /** What one message brings is always accepted below the limit, so that a large one can pass. */
    private boolean isFull() {
        long most = context().options.maxQueuedBytes();
        if (queuedBytes() < most) {
            return false;
        }
        out().flushSoon(); // what waits for the loop is not the client's fault
        return queuedBytes() >= most;
    }

    @Override
    public boolean isLong(Send send) {
        return !send.isWhole() || (send.data() != null && !completes(send) && carrier.takesLong(send.data()));
    }

    /** The part of a send that is done under the lock; what is left to pull, if anything is. */
    private @Nullable StreamPump begin(Send send) {
        if (isLong(send)) {
            StreamPump begun = new StreamPump(this, send);
            pull = begun;
            return begun;
        }
        if (!completes(send)) {
            sendNow(send);
        }
        return null;
    }

    @Override
    public void sendNow(Send send) {
        if (send.data() != null) {
            carrier.send(send.data());
        }
        notifyWhenSent(send.whenDone(), null);
    }

    /** The part of a send that is done without it. */
    private void goOn(Send send, @Nullable StreamPump begun) {
        if (begun == null) {
            if (send.end() != null) {
                finish(send, send.end());
            }
        } else if (!send.isWhole()) {
            leaveToWorker(begun);
        } else {
            begun.runHere(send);
        }
    }

    @Override
    public void leaveToWorker(StreamPump begun) {
        if (!request.onOtherThread(begun)) {
            context().observer.listenerSaturated(request);
            drop(CloseReason.Cause.OVERLOAD);
            begun.refused();
        }
    }

    @Override
    public boolean completes(Send send) {
        return send.end() != null && send.data() != null && carrier.isUnbegun();
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
            closed(reasonOf(end)); // before the client can answer, which would be taken for its own end
            carrier.end(end.code(), end.reason());
        } else {
            carrier.end(end.code(), end.reason());
            closed(reasonOf(end));
        }
    }

    private CloseReason reasonOf(Send.End end) {
        CloseReason told = carrier.ownClose(end.code(), end.reason());
        CloseReason.Cause cause = carrier.isCut() ? CloseReason.Cause.HANDLER_ERROR : end.cause();
        return cause == null ? told : new CloseReason(told.code(), told.text(), cause);
    }

    private void tellEnding(Send.End end) {
        if (listener instanceof ChannelCallbacks binding && !isWebSocket()) {
            try {
                binding.onEnding(this, carrier.ownClose(end.code(), end.reason()));
            } catch (Throwable e) {
                context().observer.handlerFailed(request, e);
            }
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

    private void tellSoon(SendListener whenDone, @Nullable Throwable failure) {
        link().execute(() -> {
            if (whenDone instanceof DrainMark) {
                drained();
            } else {
                sendCalls().execute(() -> tell(whenDone, failure));
            }
        });
    }

    /** Loop thread. */
    private SendCalls sendCalls() {
        SendCalls known = sendCalls;
        if (known == null) {
            known = new SendCalls(this);
            known.open();
            sendCalls = known;
        }
        return known;
    }

    private void tell(SendListener whenDone, @Nullable Throwable failure) {
        try {
            whenDone.done(failure);
        } catch (Throwable e) {
            context().observer.handlerFailed(request, e);
        }
    }

    /** Waits if that is the policy and the thread may; true if it is worth another try. */
    private boolean awaitRoom() {
        if (whenFull != WhenFull.BLOCK || Link.isOnAnyLoop()) {
            return false;
        }
        try {
            synchronized (calls) {
                while (isFull() && pull != null && pull.heldBytes() > 0 && state == State.OPEN && !out().isClosed()) {
                    calls.wait();
                }
            }
            Thread.onSpinWait(); // while another thread is writing there is nothing to wait for
            out().awaitDrained();
            return true;
        } catch (IOException e) {
            return true; // closed meanwhile, as the next try will find
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Who was refused will be told: by the loop if that has to write the rest, else at the end of what waits now. */
    private void tellWhenDrained() {
        Send marker = new Send(null, DrainMark.MARK, null);
        if (pull != null) {
            if (!drainMarked) {
                drainMarked = true;
                pull.add(marker);
            }
        } else if (!drainMarked && !out().waitsForPeer()) {
            drainMarked = true;
            sendNow(marker);
        }
    }

    // ---- data that has to be pulled

    @Override
    public Object lock() {
        return calls;
    }

    @Override
    public ChannelOutput carrier() {
        return carrier;
    }

    @Override
    public boolean isOver() {
        return state == State.CLOSED;
    }

    @Override
    public void pulled() {
        pull = null;
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
    public void giveUp(Send send, Throwable failure) {
        discard(send);
        SendListener whenDone = send.whenDone();
        if (whenDone != null) {
            tellSoon(whenDone, failure);
        }
    }

    private static void discard(Send send) {
        if (send.data() != null) {
            send.data().discard();
        }
    }

    // ---- closing

    @Override
    public boolean close(int code, String reason) {
        Objects.requireNonNull(reason, "reason");
        if (!CloseCode.isSendable(code)) {
            throw new IllegalArgumentException(
                    "code is " + code + "; it must be from 1000 to 1003, 1007 to 1014 or 3000 to 4999");
        }
        return close(new Send.End(code, reason, null));
    }

    private boolean close(Send.End end) {
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
     * The server stops: a WebSocket gets a close frame behind what the listener's calls so far send; a stream is ended; a response
     * that has not begun may still come.
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
        if (inPieces) {
            out().closeSoon(new EndedException(CloseReason.Cause.HANDLER_ERROR, "The application failed"));
        } else {
            carrier.fail(failure);
        }
    }

    private CloseReason told(CloseReason.Cause cause) {
        CloseReason own = carrier.ownClose(CloseCode.INTERNAL_ERROR, "");
        return new CloseReason(own.code(), own.text(), cause);
    }

    /** Ends the channel without a word to the client, who would not hear it; false if it had ended before. */
    private boolean drop(CloseReason.Cause cause) {
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
            calls.notifyAll();
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
        StreamPump sending = pull;
        if (state == State.CLOSED
                && carrier instanceof MessageOutput webSocket
                && (sending == null || !sending.isEncoding())) {
            webSocket.release();
        }
    }

    @Override
    public void connectionClosed(@Nullable IOException failure, boolean stopping) {
        CloseReason.Cause cause = stopping ? CloseReason.Cause.SERVER_STOP : EndedException.causeOf(failure);
        if (!isWebSocket() && isFinishing()) {
            return;
        }
        int http = stopping ? CloseReason.SERVER_CLOSE : CloseReason.CLIENT_CLOSE;
        closed(new CloseReason(isWebSocket() ? CloseCode.ABNORMAL : http, "", cause));
    }

    /** Whether the sender of the last data is about to say that the channel is closed: it was before the connection was. */
    private boolean isFinishing() {
        synchronized (calls) {
            return state == State.ENDING && (pull == null || carrier.isComplete());
        }
    }

    // ---- the listener's calls

    /** Makes a call to the listener in its turn. False if the worker has no room for it. */
    boolean call(Consumer<ChannelListener> call) {
        return calls.call(call);
    }

    @Override
    public boolean give(Runnable call) {
        return calls.give(call);
    }

    @Override
    public void make(Consumer<ChannelListener> call) {
        calls.make(call);
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

    @Override
    public void afterCalls(Runnable task) {
        calls.afterCalls(task);
    }

    @Override
    public boolean answersPings() {
        return listener instanceof ChannelCallbacks callbacks && callbacks.answersPings();
    }

    @Override
    public int callsWaiting() {
        return calls.waiting();
    }

    // ---- facts

    @Override
    public ServerContext context() {
        return request.context;
    }

    @Override
    public int kindOfCalls() {
        return request.kindOfCalls();
    }

    @Override
    public Link link() {
        return request.link;
    }

    @Override
    public ChannelListener listener() {
        return listener;
    }

    @Override
    public boolean isEnding() {
        return switch (state) {
            case UNCLAIMED, OPENING, OPEN -> false;
            case ENDING, CLOSED -> true;
        };
    }

    @Override
    public @Nullable CloseReason closeReason() {
        return closeReason;
    }

    @Override
    public boolean isOpen() {
        State now = state;
        return (now == State.OPEN || now == State.UNCLAIMED) && !out().isClosed();
    }

    @Override
    public boolean isWebSocket() {
        return carrier.isWebSocket();
    }

    @Override
    public long queuedBytes() {
        StreamPump waitedFor = pull;
        return out().queuedBytes() + (waitedFor == null ? 0 : waitedFor.heldBytes());
    }

    @Override
    public @Nullable String subprotocol() {
        return subprotocol;
    }

    @Override
    public Request request() {
        return request;
    }

    @Override
    public Outflow out() {
        return carrier.outflow();
    }

    @Override
    public AsyncChannel handle() {
        return this;
    }

    private ResponseOutput http() {
        if (carrier instanceof ResponseOutput http) {
            return http;
        }
        throw SavedRequest.isWebSocket();
    }

    private Exchange exchange() {
        if (request instanceof Exchange exchange) {
            return exchange;
        }
        throw SavedRequest.isWebSocket();
    }

    @Override
    public String toString() {
        return link().localAddress() + "<->" + link().remoteAddress();
    }
}
