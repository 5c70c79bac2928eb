package org.httpkit.internal.channel;

import java.util.Objects;
import java.util.function.Consumer;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.exchange.Exchange;
import org.httpkit.internal.exchange.ExchangeChannel;
import org.httpkit.internal.exchange.ReceivedRequest;
import org.httpkit.internal.exchange.SavedRequest;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Outflow;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelBinding;
import org.httpkit.server.ChannelCallbacks;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.CloseReason;
import org.httpkit.server.Request;
import org.httpkit.server.SendListener;
import org.httpkit.server.WhenFull;
import org.jspecify.annotations.Nullable;

/**
 * The state of a channel, and all that follows from the state alone. Safe from any thread.
 *
 * <p>Neither the application's code nor anything that blocks or takes long runs under the lock, because the loop takes
 * it too.
 */
abstract class ChannelState extends AsyncChannel
        implements ChannelBinding, ExchangeChannel, MessageChannel, ChannelCalls.Owner, StreamPump.Source {
    /** Stands behind the data that waits, so that the listener is called when the data has left. */
    enum DrainMark implements SendListener {
        MARK;

        @Override
        public void done(@Nullable Throwable failure) {
            throw new IllegalStateException("The mark is not the application's");
        }
    }

    enum State {
        /** Nothing was sent yet; the handler may still return a response instead. */
        UNCLAIMED,
        /** The handshake, if there is one, is unanswered: nothing can be sent. */
        OPENING,
        /** Data can be sent. */
        OPEN,
        /** The application gave the last data or asked for the end; the channel takes nothing more. */
        ENDING,
        /** The listener's last call was made, or waits for its turn. */
        CLOSED
    }

    final ChannelListener listener;

    /** Null until a sender wants to know when its data has left. Confined to the loop. */
    @Nullable
    SendCalls sendCalls;

    /** Also serves as the lock, to save memory: there may be many channels, most of them idle. */
    final ListenerCalls calls;

    // Guarded by the lock.
    /** Whether a mark stands behind the data that waits, because a send was refused and its sender waits for room. */
    boolean drainMarked;

    // Written under the lock, read by any thread.
    /** The exchange, until it has become a WebSocket. */
    volatile ReceivedRequest request;

    volatile ChannelOutput carrier;

    volatile State state = State.UNCLAIMED;

    volatile WhenFull whenFull;

    /** The pump that later sends have to wait for; null if they need not wait. */
    volatile @Nullable StreamPump pull;

    volatile @Nullable CloseReason closeReason;

    volatile @Nullable String subprotocol;

    ChannelState(ReceivedRequest request, ChannelOutput output, ChannelOptions options, ChannelListener listener) {
        this.request = request;
        this.listener = Objects.requireNonNull(listener, "listener");
        this.whenFull = options.whenFull();
        this.carrier = output;
        this.calls = new ListenerCalls(this);
    }

    @Override
    public boolean isClaimed() {
        return state != State.UNCLAIMED;
    }

    @Override
    public boolean isOpening() {
        return state == State.OPENING;
    }

    /** Takes the exchange if it is still free. To be called under the lock. */
    void claim() {
        claim(State.OPEN);
    }

    /** Takes the exchange and moves to the next state; returns whether the exchange was still free. */
    boolean claim(State next) {
        assert Thread.holdsLock(calls);
        if (state != State.UNCLAIMED || !exchange().claim()) {
            return false;
        }
        state = next;
        return true;
    }

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
        assert Thread.holdsLock(calls);
        pull = null;
    }

    /** Makes a call to the listener in its turn. Returns false if the worker has no room for it. */
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
    public void afterCalls(Runnable task) {
        calls.afterCalls(task);
    }

    @Override
    public boolean inTurn(Runnable task) {
        return calls.call(called -> task.run());
    }

    @Override
    public int callsWaiting() {
        return calls.waiting();
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
    public boolean answersPings() {
        return listener instanceof ChannelCallbacks callbacks && callbacks.answersPings();
    }

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
    public Request request() {
        return request;
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
    public Outflow out() {
        return carrier.outflow();
    }

    @Override
    public AsyncChannel handle() {
        return this;
    }

    ResponseOutput http() {
        if (carrier instanceof ResponseOutput http) {
            return http;
        }
        throw SavedRequest.isWebSocket();
    }

    Exchange exchange() {
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
