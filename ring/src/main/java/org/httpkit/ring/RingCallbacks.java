package org.httpkit.ring;

import clojure.lang.IFn;
import clojure.lang.IPersistentMap;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelBinding;
import org.httpkit.server.ChannelCallbacks;
import org.httpkit.server.CloseReason;
import org.jspecify.annotations.Nullable;

/**
 * The callbacks of one channel, which are Clojure functions, and the order in which they take effect. Safe from any
 * thread.
 *
 * <p>{@code as-channel} sets them between {@link #holdCalls} and {@link #releaseCalls}: no callback gets a message
 * before. Without it, the calls begin when the handler returns, or with {@code on-receive} on a WebSocket; messages
 * that come before {@code on-receive} is set are kept, up to {@value #MAX_KEPT}.
 *
 * <p>The very call that ends a response reports the end, as programs for http-kit expect, unless another thread holds
 * the calls; every other end is reported in its turn.
 */
public final class RingCallbacks implements ChannelCallbacks {
    private static final int MAX_KEPT = 64;
    private static final long MAX_KEPT_BYTES = 64 * 1024;

    private final RingSettings settings;
    private final RingCalls calls;

    // Guarded by this object's monitor.
    private final Map<Occasion, IFn> callbacks = new EnumMap<>(Occasion.class);
    private @Nullable ArrayDeque<Object> kept;
    private long keptBytes;
    /** The thread that holds the calls. */
    private @Nullable Thread holder;
    /** The thread that runs a callback other than the one for the end. */
    private @Nullable Thread calling;

    private boolean callInterrupted;
    private boolean isWebSocket;

    private boolean complete;
    private @Nullable CloseReason ended;

    private volatile boolean answersPings;
    /** Calls of {@code send!} that were accepted, or read what they are to send. */
    private final AtomicLong sends = new AtomicLong();

    private volatile @Nullable IFn drained;
    private volatile @Nullable IPersistentMap handshakeFields;

    RingCallbacks(RingSettings settings) {
        this.settings = settings;
        this.calls = settings.calls();
    }

    // ---- for the namespace

    /** The settings of the channel's server. */
    public RingSettings settings() {
        return settings;
    }

    /** Sets a function of the channel to call when the client has taken everything that waited. */
    public void setDrainHandler(@Nullable IFn callback) {
        drained = callback;
    }

    /** Makes no calls until {@link #releaseCalls}. */
    public synchronized void holdCalls() {
        holder = Thread.currentThread();
    }

    /** Begins with the calls. Messages without a callback by now are no longer kept. */
    public void releaseCalls(AsyncChannel channel) {
        synchronized (this) {
            holder = null;
            complete = true;
        }
        ChannelBinding.of(channel).beginCalls();
    }

    /** Leaves pings to the callback to answer. */
    public void answerPings() {
        answersPings = true;
    }

    /** Fields to send with the WebSocket handshake besides the necessary ones; null for none. */
    public @Nullable IPersistentMap handshakeFields() {
        return handshakeFields;
    }

    public void setHandshakeFields(@Nullable IPersistentMap fields) {
        handshakeFields = fields;
    }

    // ---- for the channel

    @Override
    public void set(AsyncChannel channel, Occasion occasion, @Nullable Object callback) {
        if (callback == null) {
            return;
        }
        if (!(callback instanceof IFn function)) {
            throw new IllegalArgumentException(callback.getClass().getName() + " is no function");
        }
        CloseReason endedBefore;
        boolean begins;
        synchronized (this) {
            if (callbacks.putIfAbsent(occasion, function) != null) {
                throw new IllegalStateException("There is a handler for " + occasion + " already");
            }
            endedBefore = ended;
            if (endedBefore == null && isForEnd(occasion)) {
                calls.closeHandlerSet();
            } else if (endedBefore == null) {
                calls.listens(this);
            }
            begins = occasion == Occasion.RECEIVE && holder == null;
        }
        if (endedBefore != null) {
            tellEnd(occasion, function, endedBefore);
        } else if (begins && channel.isWebSocket()) {
            ChannelBinding binding = ChannelBinding.of(channel);
            binding.beginCalls();
            binding.inTurn(() -> tellKept(channel));
        }
    }

    private static boolean isForEnd(Occasion occasion) {
        return switch (occasion) {
            case CLOSE, CLOSE_WITH_REASON -> true;
            case RECEIVE, PING, PONG -> false;
        };
    }

    @Override
    public synchronized boolean hasCloseHandler() {
        return callbacks.containsKey(Occasion.CLOSE) || callbacks.containsKey(Occasion.CLOSE_WITH_REASON);
    }

    @Override
    public @Nullable Object toSend(AsyncChannel channel, @Nullable Object data) {
        boolean isFirst = sends.getAndIncrement() == 0;
        try {
            return RingSends.converted(channel, settings, data, isFirst);
        } catch (Throwable e) { // Clojure throws checked ones, too
            sends.decrementAndGet();
            throw e;
        }
    }

    /** Is called when the handler has returned the channel, which is a WebSocket. */
    synchronized void becameWebSocket() {
        if (ended == null && !isWebSocket) {
            isWebSocket = true;
            calls.webSocketBegun();
        }
    }

    /** Whether nothing has been sent yet, and nobody is about to. */
    boolean isUnbegun() {
        return sends.get() == 0;
    }

    @Override
    public boolean answersPings() {
        return answersPings;
    }

    private synchronized @Nullable IFn callback(Occasion occasion) {
        return callbacks.get(occasion);
    }

    // ---- calls, one at a time

    @Override
    public void onMessage(AsyncChannel channel, Object message) {
        if (!keep(message)) {
            tellKept(channel);
            tell(channel, callback(Occasion.RECEIVE), message);
        }
    }

    private synchronized boolean keep(Object message) {
        if (complete || callbacks.containsKey(Occasion.RECEIVE)) {
            return false;
        }
        ArrayDeque<Object> messages = kept == null ? new ArrayDeque<>() : kept;
        kept = messages;
        keptBytes += message instanceof byte[] bytes
                ? bytes.length
                : 2L * message.toString().length();
        if (messages.size() < MAX_KEPT && keptBytes <= MAX_KEPT_BYTES) {
            messages.add(message);
        }
        return true;
    }

    private void tellKept(AsyncChannel channel) {
        IFn receive = callback(Occasion.RECEIVE);
        while (receive != null) {
            Object message;
            synchronized (this) {
                message = kept == null ? null : kept.poll();
                if (message == null) {
                    kept = null;
                    return;
                }
            }
            tell(channel, receive, message);
        }
    }

    @Override
    public void onPing(AsyncChannel channel, byte[] payload) {
        tell(channel, callback(Occasion.PING), payload);
    }

    @Override
    public void onPong(AsyncChannel channel, byte[] payload) {
        tell(channel, callback(Occasion.PONG), payload);
    }

    @Override
    public void onDrain(AsyncChannel channel) {
        tell(channel, drained, channel);
    }

    private void tell(AsyncChannel channel, @Nullable IFn callback, Object what) {
        if (callback == null) {
            return;
        }
        RingCalls before = calls.enterCallback();
        callBegins();
        try {
            callback.invoke(what);
        } catch (Throwable e) { // Clojure throws checked ones, too
            if (settings.closesOnFailure() && !wasCallInterrupted()) {
                throw e;
            }
            settings.observer().handlerFailed(channel.request(), e);
        } finally {
            callEnds();
            calls.leaveCallback(before);
        }
    }

    private synchronized void callBegins() {
        calling = Thread.currentThread();
        callInterrupted = false;
    }

    /** Clears an interrupt that the callback has not noticed, so that it does not reach its thread's next task. */
    private synchronized void callEnds() {
        calling = null;
        if (ended != null) {
            calls.listensNoMore(this);
        }
        if (callInterrupted) {
            boolean unused = Thread.interrupted();
        }
    }

    /** Whether the stop interrupted the call: then the stop closes the channel, not the callback's exception. */
    private synchronized boolean wasCallInterrupted() {
        return callInterrupted;
    }

    /** Interrupts the callback that runs, if one does, once. */
    synchronized void interruptCall() {
        if (calling != null && !callInterrupted) {
            callInterrupted = true;
            calling.interrupt();
        }
    }

    @Override
    public void onEnding(AsyncChannel channel, CloseReason reason) {
        synchronized (this) {
            if (holder != null && holder != Thread.currentThread()) {
                return;
            }
        }
        onClose(channel, reason);
    }

    /** As http-kit does it: a function that runs on may wait for nothing else. */
    @Override
    public void onLost(AsyncChannel channel, CloseReason reason) {
        onClose(channel, reason);
    }

    /** Reports the first end only. */
    @Override
    public void onClose(AsyncChannel channel, CloseReason reason) {
        IFn close;
        IFn withReason;
        synchronized (this) {
            if (ended != null) {
                return;
            }
            ended = reason;
            kept = null;
            if (calling == null) {
                calls.listensNoMore(this);
            }
            if (isWebSocket) {
                calls.webSocketEnded();
            }
            close = callbacks.get(Occasion.CLOSE);
            withReason = callbacks.get(Occasion.CLOSE_WITH_REASON);
        }
        calls.closed(channel);
        tellFirstEnd(Occasion.CLOSE, close, reason);
        tellFirstEnd(Occasion.CLOSE_WITH_REASON, withReason, reason);
    }

    /**
     * Reports the first end. The callback's exception goes to the log, since the call that closes the channel could not
     * handle it.
     */
    private void tellFirstEnd(Occasion occasion, @Nullable IFn callback, CloseReason reason) {
        if (callback == null) {
            return;
        }
        try {
            tellEnd(occasion, callback, reason);
        } catch (Throwable e) { // Clojure throws checked ones, too
            settings.observer().closeCallbackFailed(e);
        } finally {
            calls.closeHandlerCalled();
        }
    }

    private void tellEnd(Occasion occasion, IFn callback, CloseReason reason) {
        RingCalls before = calls.enter();
        try {
            switch (occasion) {
                case CLOSE -> callback.invoke(CloseStatus.of(reason));
                case CLOSE_WITH_REASON -> callback.invoke((long) CloseStatus.code(reason), reason.text());
                case RECEIVE, PING, PONG -> {}
            }
        } finally {
            calls.leave(before);
        }
    }
}
