package org.httpkit.internal.connection;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.httpkit.http.CloseCode;
import org.httpkit.http.Headers;
import org.httpkit.internal.dispatch.SerialExecutor;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.NotifySegment;
import org.httpkit.server.AsyncChannel;
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
 * The channel of one exchange: takes what the application sends to its {@link Carrier}, and tells the listener what happens,
 * one call at a time. Safe from any thread.
 */
final class RealChannel extends AsyncChannel {
    private static final Headers EVENT_STREAM =
            Headers.of("Content-Type", "text/event-stream", "Cache-Control", "no-cache");

    private enum State {
        /** Data can be sent. */
        OPEN,
        /** The last data was sent, or the end was asked for; nothing more is taken. */
        ENDING,
        /** The listener has been told, or will be as soon as its turn comes. */
        CLOSED
    }

    /** Something sent while an earlier send is still pulled from its source. */
    private record Behind(
            Outgoing data, boolean last, @Nullable SendListener whenDone) {}

    private final Exchange exchange;
    private final ServerContext context;
    private final Link link;
    private final ChannelListener listener;
    private final WhenFull whenFull;
    private final SerialExecutor calls;
    private final Object lock = new Object();

    // Guarded by the lock.
    /** Sends that wait until the pieces of an earlier one are out; null while there is no such one. */
    private @Nullable ArrayDeque<Behind> behind;
    /** Calls that wait for onOpen to return; null from then on. */
    private @Nullable List<Runnable> beforeOpen = new ArrayList<>(0);

    // Written under the lock, read by any thread.
    private volatile Carrier carrier;
    private volatile State state = State.OPEN;
    private volatile @Nullable String subprotocol;
    private volatile boolean failed;

    RealChannel(Exchange exchange, ServerContext context, Link link, ChannelOptions options, ChannelListener listener) {
        this.exchange = exchange;
        this.context = context;
        this.link = link;
        this.listener = listener;
        this.whenFull = options.whenFull();
        this.carrier = new HttpCarrier(exchange, new ResponseWriter(exchange, context, link));
        this.calls = new SerialExecutor(context.inline ? Runnable::run : context.worker, this::listenerFailed);
    }

    // ---- sending

    @Override
    public SendResult trySend(@Nullable Object data, boolean closeAfterSend, @Nullable SendListener whenDone) {
        return submit(Outgoing.of(data), closeAfterSend, whenDone);
    }

    @Override
    public boolean sendEvent(Event event) {
        Outgoing data = isWebSocket()
                ? Outgoing.of(event.data())
                : Outgoing.of(Response.text(event.encoded()).headers(EVENT_STREAM));
        SendResult result = submit(data, false, null);
        return result == SendResult.SENT || result == SendResult.QUEUED;
    }

    private SendResult submit(Outgoing data, boolean last, @Nullable SendListener whenDone) {
        SendResult result;
        do {
            synchronized (lock) {
                result = isFull() ? refusal() : accept(data, last, whenDone);
            }
        } while (result == SendResult.REJECTED && awaitRoom());
        if (whenDone != null && (result == SendResult.REJECTED || result == SendResult.CLOSED)) {
            whenDone.done(
                    new IOException(result == SendResult.CLOSED ? "The channel is closed" : "Too much waits already"));
        }
        return result;
    }

    /** What one message brings is always accepted below the limit, so that a large one can pass. */
    private boolean isFull() {
        return state == State.OPEN && link.queuedBytes() >= context.options.maxQueuedBytes();
    }

    private SendResult refusal() {
        if (whenFull != WhenFull.CLOSE) {
            return SendResult.REJECTED;
        }
        drop(CloseReason.Cause.SLOW_CONSUMER);
        return SendResult.CLOSED;
    }

    /** Waits if that is the policy and the thread may; true if it is worth another try. */
    private boolean awaitRoom() {
        if (whenFull != WhenFull.BLOCK || link.isOnAnyLoop()) {
            return false;
        }
        try {
            link.awaitDrained();
            return true;
        } catch (IOException e) {
            return true; // closed meanwhile, as the next try will find
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private SendResult accept(Outgoing data, boolean last, @Nullable SendListener whenDone) {
        if (state != State.OPEN || link.isClosed()) {
            return SendResult.CLOSED;
        }
        if (last) {
            state = State.ENDING;
        }
        if (behind != null) {
            behind.add(new Behind(data, last, whenDone));
            return SendResult.QUEUED;
        }
        sendInOrder(data, last, whenDone);
        return link.isDrained() && behind == null ? SendResult.SENT : SendResult.QUEUED;
    }

    private void sendInOrder(Outgoing data, boolean last, @Nullable SendListener whenDone) {
        if (last && carrier.sendLast(data)) {
            notifyWhenSent(whenDone);
            closed(carrier.ownClose(CloseCode.NORMAL, ""));
        } else if (data.isWhole()) {
            carrier.send(data);
            notifyWhenSent(whenDone);
            if (last) {
                endCarrier(CloseCode.NORMAL, "");
            }
        } else {
            pull(data, last, whenDone);
        }
    }

    private void endCarrier(int code, String reason) {
        carrier.end(code, reason);
        closed(carrier.ownClose(code, reason));
    }

    private void notifyWhenSent(@Nullable SendListener whenDone) {
        if (whenDone != null) {
            link.send(new NotifySegment(whenDone::done));
        }
    }

    // ---- data that has to be pulled

    private void pull(Outgoing data, boolean last, @Nullable SendListener whenDone) {
        behind = new ArrayDeque<>();
        carrier.beginPieces(data);
        try {
            context.worker.execute(() -> runPull(data, last, whenDone));
        } catch (RejectedExecutionException e) {
            drop(CloseReason.Cause.OVERLOAD);
        }
    }

    private void runPull(Outgoing data, boolean last, @Nullable SendListener whenDone) {
        try {
            BodySource.pull(data.body(), (bytes, offset, count) -> {
                synchronized (lock) {
                    carrier.sendPiece(bytes, offset, count);
                }
                link.awaitDrained();
            });
        } catch (Exception | Error e) {
            if (!link.isClosed()) {
                context.observer.handlerFailed(exchange, e);
                synchronized (lock) {
                    carrier.abort(e);
                }
            }
            closed(new CloseReason(CloseCode.INTERNAL_ERROR, "", CloseReason.Cause.HANDLER_ERROR));
            if (whenDone != null) {
                whenDone.done(e);
            }
            return;
        }
        synchronized (lock) {
            carrier.endPieces();
            notifyWhenSent(whenDone);
            if (last) {
                endCarrier(CloseCode.NORMAL, "");
            }
            sendBehind();
        }
    }

    private void sendBehind() {
        ArrayDeque<Behind> waiting = behind;
        behind = null;
        while (waiting != null && !waiting.isEmpty()) {
            Behind next = waiting.poll();
            sendInOrder(next.data, next.last, next.whenDone);
            if (behind != null) {
                behind.addAll(waiting); // another one that is pulled: the rest waits for it
                return;
            }
        }
    }

    // ---- closing

    @Override
    public boolean close(int code, String reason) {
        return close(code, reason, null);
    }

    private boolean close(int code, String reason, CloseReason.@Nullable Cause cause) {
        if (!CloseCode.isSendable(code)) {
            throw new IllegalArgumentException(
                    "code is " + code + "; it must be from 1000 to 1003, 1007 to 1014 or 3000 to 4999");
        }
        synchronized (lock) {
            if (state != State.OPEN) {
                return false;
            }
            state = State.ENDING;
            CloseReason told = carrier.ownClose(code, reason);
            if (behind != null && cause == null) {
                behind.add(new Behind(Outgoing.of(null), true, null));
                return true;
            }
            carrier.end(code, reason);
            closed(cause == null ? told : new CloseReason(told.code(), told.text(), cause));
            return true;
        }
    }

    /** The server stops: a WebSocket is told to go, a stream is ended; a response that has not begun may still come. */
    void serverStopping() {
        synchronized (lock) {
            if (carrier instanceof HttpCarrier http && http.isUnstarted()) {
                return;
            }
        }
        close(CloseCode.GOING_AWAY, "", CloseReason.Cause.SERVER_STOP);
    }

    /** Ends the channel without a word to the client, who would not hear it. */
    private void drop(CloseReason.Cause cause) {
        closed(new CloseReason(isWebSocket() ? CloseCode.ABNORMAL : CloseReason.SERVER_CLOSE, "", cause));
        link.closeSoon(new IOException(cause.toString()));
    }

    /** The connection is gone, or its WebSocket has ended: only the first reason counts. */
    void closed(CloseReason reason) {
        synchronized (lock) {
            if (state == State.CLOSED) {
                return;
            }
            state = State.CLOSED;
            if (carrier instanceof WebSocketCarrier webSocket) {
                webSocket.release();
            }
        }
        Runnable onClose = () -> listener.onClose(this, reason);
        if (context.inline) {
            link.execute(() -> afterCalls(onClose)); // not here: the caller may hold the lock
        } else {
            afterCalls(onClose);
        }
    }

    /** The connection is closed under the channel. */
    void connectionClosed(@Nullable IOException failure, boolean stopping) {
        CloseReason.Cause cause = stopping
                ? CloseReason.Cause.SERVER_STOP
                : failure == null
                        ? CloseReason.Cause.PEER_CLOSED
                        : failure instanceof TimedOutException timedOut
                                ? timedOut.cause()
                                : CloseReason.Cause.PEER_RESET;
        int http = stopping ? CloseReason.SERVER_CLOSE : CloseReason.CLIENT_CLOSE;
        closed(new CloseReason(isWebSocket() ? CloseCode.ABNORMAL : http, "", cause));
    }

    // ---- the listener's calls

    /** Opens the channel: what happens from now on is told after the listener's onOpen. */
    void open() {
        try {
            listener.onOpen(this);
        } catch (RuntimeException | Error e) {
            listenerFailed(e);
        }
        while (true) {
            List<Runnable> early;
            synchronized (lock) {
                early = beforeOpen;
                beforeOpen = early == null || early.isEmpty() ? null : new ArrayList<>();
            }
            if (early == null || early.isEmpty()) {
                return;
            }
            for (Runnable call : early) {
                if (!runInOrder(call)) {
                    ForkJoinPool.commonPool().execute(call);
                }
            }
        }
    }

    /** Runs a call to the listener in its turn. False if the worker has no room for it. */
    boolean call(Consumer<ChannelListener> call) {
        return callInOrder(() -> {
            if (!failed) {
                call.accept(listener);
            }
        });
    }

    /** Runs something after all calls made so far, even if the worker takes nothing any more. */
    void afterCalls(Runnable task) {
        if (!callInOrder(task)) {
            ForkJoinPool.commonPool().execute(task);
        }
    }

    /** How many calls have not been made yet. */
    int callsWaiting() {
        return calls.waiting();
    }

    private boolean callInOrder(Runnable call) {
        synchronized (lock) {
            if (beforeOpen != null) {
                beforeOpen.add(call);
                return true;
            }
        }
        return runInOrder(call);
    }

    private boolean runInOrder(Runnable call) {
        try {
            calls.execute(call);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    private void listenerFailed(Throwable failure) {
        failed = true;
        context.observer.handlerFailed(exchange, failure);
        close(CloseCode.INTERNAL_ERROR, "", CloseReason.Cause.HANDLER_ERROR);
    }

    // ---- facts

    /** The client's handshake was accepted: from now on data goes out as WebSocket messages. */
    void upgrade(WebSocketCarrier webSocket, @Nullable String agreedSubprotocol) {
        synchronized (lock) {
            carrier = webSocket;
            subprotocol = agreedSubprotocol;
        }
    }

    @Override
    public boolean isOpen() {
        return state == State.OPEN && !link.isClosed();
    }

    @Override
    public boolean isWebSocket() {
        return carrier.isWebSocket();
    }

    @Override
    public long queuedBytes() {
        return link.queuedBytes();
    }

    @Override
    public @Nullable String subprotocol() {
        return subprotocol;
    }

    @Override
    public Request request() {
        return exchange;
    }

    @Override
    public String toString() {
        return link.localAddress() + "<->" + link.remoteAddress();
    }
}
