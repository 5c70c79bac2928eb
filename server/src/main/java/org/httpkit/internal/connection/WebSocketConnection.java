package org.httpkit.internal.connection;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.httpkit.http.CloseCode;
import org.httpkit.internal.channel.MessageChannel;
import org.httpkit.internal.context.Timeouts;
import org.httpkit.internal.dispatch.SerialExecutor;
import org.httpkit.internal.websocket.CloseMachine;
import org.httpkit.internal.websocket.ClosePayload;
import org.httpkit.internal.websocket.MessageDecoder;
import org.httpkit.internal.websocket.MessageInflater;
import org.httpkit.internal.websocket.ViolationException;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.CloseReason;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket connection (RFC 6455): hands messages to the channel's listener, answers pings, and ends as the {@link
 * CloseMachine} decides. Confined to its loop thread.
 */
public class WebSocketConnection extends WebSocketWatch {
    /** Messages that wait for the listener before the peer is held back. */
    private static final int MAX_CALLS_WAITING = 64;

    /** Bytes of messages that wait for the listener, or are with it, before the peer is held back. */
    private static final int MAX_INPUT_WAITING_BYTES = 1 << 20;
    /** Messages up to this size together are not counted while the listener has them: most are gone in a moment. */
    private static final int SMALL_UNDELIVERED_BYTES = 8 * 1024;

    /**
     * Bytes of output that wait for the peer before we stop reading: a peer that does not take answers must not ask for
     * more.
     */
    private static final long MAX_OUTPUT_WAITING_BYTES = 1 << 20;

    private static final VarHandle UNDELIVERED;

    static {
        try {
            UNDELIVERED =
                    MethodHandles.lookup().findVarHandle(WebSocketConnection.class, "undeliveredBytes", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Bytes of messages that the listener has not finished with, each counted up to the limit. Any thread. */
    private volatile int undeliveredBytes;
    /** Whether the input budget knows of them. Written by the loop. */
    private volatile boolean countsUndelivered;

    /** A message, ping or pong on its way to the listener. */
    private static final class Delivery extends SerialExecutor.Task implements Consumer<ChannelListener> {
        private final WebSocketConnection connection;
        private final MessageDecoder.Step step;
        private final Object payload;
        private final int bytes;

        Delivery(WebSocketConnection connection, MessageDecoder.Step step, Object payload, int bytes) {
            this.connection = connection;
            this.step = step;
            this.payload = payload;
            this.bytes = bytes;
        }

        @Override
        public void run() {
            try {
                connection.channel.make(this);
            } finally {
                connection.delivered(bytes);
            }
        }

        @Override
        public void accept(ChannelListener listener) {
            AsyncChannel channel = connection.channel.handle();
            switch (step) {
                case TEXT -> listener.onText(channel, (String) payload);
                case BINARY -> listener.onBinary(channel, (byte[]) payload);
                case PING -> listener.onPing(channel, (byte[]) payload);
                case PONG -> listener.onPong(channel, (byte[]) payload);
                case CLOSE, NEED_INPUT, INFLATE -> {}
            }
        }
    }

    WebSocketConnection(MessageChannel channel, @Nullable MessageInflater inflater) {
        super(channel, inflater);
    }

    @Override
    public void begin(@Nullable ByteBuffer behindHandshake) {
        assert channel.link().isHeldByCaller();
        inputNanos = tunnel().nanos();
        tunnel().resumeInput();
        tunnel().checkBy(context().timeouts.ping(inputNanos, 0));
        if (behindHandshake != null && behindHandshake.hasRemaining()) {
            onInput(behindHandshake);
        }
        if (tunnel().isInputEnded() && state != State.OVER) {
            onInputEnd();
        }
    }

    @Override
    public void onInput(ByteBuffer input) {
        assert channel.link().isHeldByCaller();
        inputNanos = tunnel().nanos();
        unansweredPings = 0;
        switch (state) {
            case OPEN, CLOSING -> {
                if (waiting == null) {
                    decode(input);
                } else {
                    keep(input);
                }
            }
            case FINISHING_CALLS, OVER -> {}
        }
    }

    @Override
    public void onInputEnd() {
        if (waiting != null) {
            return; // the end comes behind the input that waits
        }
        switch (state) {
            case OPEN -> finishCallsThen(() -> perform(closing().connectionLost(), CloseReason.Cause.PEER_CLOSED));
            case FINISHING_CALLS -> {}
            case CLOSING -> perform(closing().connectionLost(), CloseReason.Cause.PEER_CLOSED);
            case OVER -> {}
        }
    }

    private void decode(ByteBuffer input) {
        MessageDecoder decoder = unfinished == null
                ? MessageDecoder.forLoop(context().options.maxMessageBytes(), inflater)
                : unfinished.decoder;
        try {
            while (state == State.OPEN || state == State.CLOSING) {
                if (state == State.OPEN && isHeldBack()) {
                    noteUnfinished(decoder);
                    keep(input);
                    noteHeld();
                    return;
                }
                MessageDecoder.Step step = decoder.advance(input);
                if (step == MessageDecoder.Step.NEED_INPUT) {
                    waiting = null;
                    noteUnfinished(decoder);
                    noteHeld();
                    return;
                }
                if (step == MessageDecoder.Step.INFLATE) {
                    noteUnfinished(decoder);
                    inflateElsewhere(decoder, input);
                    return;
                }
                take(step, decoder);
            }
        } catch (ViolationException e) {
            violated(e.violation());
        }
        waiting = null;
        noteHeld();
    }

    /** Keeps the decoder if it has something to remember, and notes how far the message has come. */
    private void noteUnfinished(MessageDecoder decoder) {
        if (decoder.isBetweenMessages()) {
            unfinished = null;
            return;
        }
        Unfinished known = unfinished;
        if (known == null) {
            known = new Unfinished(decoder, inputNanos);
            unfinished = known;
            tunnel().checkBy(Math.min(context().timeouts.body(inputNanos), inputNanos + Timeouts.RATE_GRACE_NANOS));
        }
        if (decoder.receivedBytes() > known.bytes) {
            known.bytes = decoder.receivedBytes();
            known.inputNanos = inputNanos;
        }
    }

    /** Reports to the input budget what is held until more comes, or until the listener is done. */
    private void noteHeld() {
        tunnel().holds(heldBytes(), waiting != null || unfinished != null || heldBack);
    }

    private long heldBytes() {
        long held = waiting == null ? 0 : waiting.capacity();
        if (unfinished != null) {
            held += 1 + unfinished.decoder.heldBytes();
        }
        boolean counts = heldBack || undeliveredBytes > SMALL_UNDELIVERED_BYTES;
        if (countsUndelivered != counts) {
            countsUndelivered = counts; // ahead of the sum: a call that ends behind it has them counted again
        }
        return counts ? held + undeliveredBytes : held;
    }

    /** The listener's call with a message is over. Any thread. */
    private void delivered(int bytes) {
        int left = (int) UNDELIVERED.getAndAdd(this, -bytes) - bytes;
        if (countsUndelivered && left <= SMALL_UNDELIVERED_BYTES) {
            tunnel().execute(this::noteDelivered);
        }
    }

    private void noteDelivered() {
        assert channel.link().isHeldByCaller();
        if ((state == State.OPEN || state == State.CLOSING) && countsUndelivered && !inflating) {
            noteHeld();
        }
    }

    @Override
    public void onTooMuchHeld(long heldBytes) {
        context().inputShed(channel.link(), heldBytes);
        giveUp(CloseCode.TRY_AGAIN_LATER, "", CloseReason.Cause.OVERLOAD);
    }

    private void take(MessageDecoder.Step step, MessageDecoder decoder) {
        switch (step) {
            case TEXT -> {
                unfinished = null;
                deliver(step, decoder.payloadLength(), decoder.text());
            }
            case BINARY -> {
                unfinished = null;
                deliver(step, decoder.bytes());
            }
            case PONG -> deliver(step, decoder.bytes());
            case PING -> {
                byte[] payload = decoder.bytes();
                if (!channel.answersPings()) {
                    pong(payload);
                }
                deliver(step, payload);
            }
            case CLOSE -> {
                ClosePayload close = decoder.close();
                if (state == State.CLOSING) {
                    perform(closing().closeReceived(close), CloseReason.Cause.PEER_CLOSED);
                } else {
                    finishCallsThen(() -> perform(closing().closeReceived(close), CloseReason.Cause.PEER_CLOSED));
                }
            }
            case NEED_INPUT, INFLATE -> {}
        }
    }

    /** Inflates a piece on the worker, and reads nothing meanwhile, so that later input stays behind it. */
    private void inflateElsewhere(MessageDecoder decoder, ByteBuffer behind) {
        waiting = WaitingInput.join(waiting, behind);
        tunnel().pauseInput();
        // Counts what the next piece may take, too, so that nothing is inflated without room for it: its memory could
        // not be freed before the worker is done.
        if (!tunnel().holds(heldBytes() + decoder.nextPieceBytes(), true) || !tunnel().tryKeep()) {
            return;
        }
        inflating = true;
        if (!context().calls.giveToWorker(() -> inflate(decoder))) {
            inflating = false;
            context().observer.listenerSaturated(channel.request());
            giveUp(CloseCode.TRY_AGAIN_LATER, "", CloseReason.Cause.OVERLOAD);
        }
    }

    /** Runs on the worker. */
    private void inflate(MessageDecoder decoder) {
        Throwable failure = null;
        try {
            decoder.inflateMore();
        } catch (Throwable e) { // memory may be lacking
            failure = e;
        }
        Throwable thrown = failure;
        tunnel().execute(() -> inflated(thrown));
    }

    private void inflated(@Nullable Throwable failure) {
        assert channel.link().isHeldByCaller();
        inflating = false;
        if (failure != null) {
            tunnel().close(new IOException("A message could not be inflated", failure));
            context().observer.loopFailed(failure);
        }
        switch (state) {
            case OPEN, CLOSING -> tunnel().batch(this::useWaiting);
            case FINISHING_CALLS -> {}
            case OVER -> release();
        }
    }

    private void deliver(MessageDecoder.Step step, byte[] payload) {
        deliver(step, payload.length, payload);
    }

    private void deliver(MessageDecoder.Step step, int length, Object payload) {
        if (state != State.OPEN || channel.isEnding()) {
            return;
        }
        int bytes = Math.min(length, 1 << 30); // so that no sum overflows
        UNDELIVERED.getAndAdd(this, bytes);
        boolean taken = channel.give(new Delivery(this, step, payload, bytes));
        if (!taken) {
            context().observer.listenerSaturated(channel.request());
            channel.closed(new CloseReason(CloseCode.TRY_AGAIN_LATER, "", CloseReason.Cause.OVERLOAD));
            closeRequested(CloseCode.TRY_AGAIN_LATER, "");
        }
    }

    private boolean isHeldBack() {
        return channel.callsWaiting() >= MAX_CALLS_WAITING
                || undeliveredBytes >= MAX_INPUT_WAITING_BYTES
                || isOutputFull();
    }

    private boolean isOutputFull() {
        return tunnel().queuedBytes() >= MAX_OUTPUT_WAITING_BYTES;
    }

    /** Keeps the rest of the input and stops reading; reading resumes after the listener's last call so far. */
    private void keep(ByteBuffer input) {
        waiting = WaitingInput.join(waiting, input);
        tunnel().pauseInput();
        if (!heldBack) {
            heldBack = true;
            channel.afterCalls(() -> tunnel().execute(this::goOn));
        }
    }

    @Override
    void goOn() {
        assert channel.link().isHeldByCaller();
        heldBack = false;
        if ((state != State.OPEN && state != State.CLOSING) || inflating) {
            return;
        }
        if (state == State.OPEN && isOutputFull()) {
            heldBack = true;
            tunnel().whenSent(failure -> tunnel().execute(this::goOn));
            return;
        }
        tunnel().batch(this::useWaiting);
    }

    private void useWaiting() {
        ByteBuffer rest = waiting;
        if (rest != null) {
            inputNanos = tunnel().nanos(); // until now it could not be used, for which the client is not to blame
            decode(rest);
        }
        if (waiting == null) {
            tunnel().resumeInput();
            if (tunnel().isInputEnded()) {
                onInputEnd();
            }
        }
    }

    @Override
    public boolean endsInTurn() {
        return state == State.OPEN;
    }

    @Override
    public void onServerStopping() {
        channel.serverStopping();
    }

    @Override
    public void onClosed(@Nullable IOException failure) {
        release();
        channel.connectionClosed(failure, context().isStopping());
        CloseReason reason = channel.closeReason();
        closed(reason == null ? CloseReason.Cause.CLOSED : reason.cause(), failure);
    }
}
