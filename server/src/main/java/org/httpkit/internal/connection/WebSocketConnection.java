package org.httpkit.internal.connection;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.httpkit.http.CloseCode;
import org.httpkit.internal.channel.MessageChannel;
import org.httpkit.internal.channel.MessageLink;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.context.Timeouts;
import org.httpkit.internal.dispatch.SerialExecutor;
import org.httpkit.internal.exchange.EndedException;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.NotifySegment;
import org.httpkit.internal.net.Protocol;
import org.httpkit.internal.net.Scratch;
import org.httpkit.internal.websocket.CloseMachine;
import org.httpkit.internal.websocket.ClosePayload;
import org.httpkit.internal.websocket.FrameEncoder;
import org.httpkit.internal.websocket.MessageDecoder;
import org.httpkit.internal.websocket.MessageInflater;
import org.httpkit.internal.websocket.ViolationException;
import org.httpkit.internal.websocket.WebSocketViolation;
import org.httpkit.server.AsyncChannel;
import org.httpkit.server.ChannelListener;
import org.httpkit.server.CloseReason;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket connection (RFC 6455): hands messages to the channel's listener, answers pings, ends as the {@link CloseMachine}
 * decides. Confined to its loop thread.
 */
public final class WebSocketConnection implements Protocol, MessageLink {
    private enum State {
        /** Messages go both ways. */
        OPEN,
        /** The peer has brought the end; the listener is still busy with what came before it. */
        FINISHING_CALLS,
        /** Our close frame is out; the peer's is awaited. */
        CLOSING,
        /** Another protocol has the link, or nobody any more. */
        OVER
    }

    /** Messages that wait for the listener before the peer is held back. */
    private static final int MAX_CALLS_WAITING = 64;

    /** Bytes of messages that wait for the listener, or are with it, before the peer is held back. */
    private static final int MAX_INPUT_WAITING_BYTES = 1 << 20;

    /** Output that waits for the peer before we stop reading its input: who does not take answers gets to ask no more. */
    private static final long MAX_OUTPUT_WAITING_BYTES = 1 << 20;

    /** Pings without a sign of life before the peer counts as dead. */
    private static final int MAX_UNANSWERED_PINGS = 2;

    private static final byte[] NO_BYTES = {};
    private static final VarHandle UNDELIVERED;

    static {
        try {
            UNDELIVERED =
                    MethodHandles.lookup().findVarHandle(WebSocketConnection.class, "undeliveredBytes", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final MessageChannel channel;
    private final @Nullable MessageInflater inflater;

    /** Bytes of messages that the listener has not finished with, each counted up to the limit. Any thread. */
    private volatile int undeliveredBytes;

    private State state = State.OPEN;
    /** Null between messages: most WebSockets are idle most of the time. */
    private @Nullable Unfinished unfinished;

    /** Input that cannot be used before the listener has caught up. */
    private @Nullable ByteBuffer waiting;
    /** The answer to the latest ping, while the peer takes nothing. */
    private byte @Nullable [] pongDue;

    /** Null until the end begins: most WebSockets are not there yet. */
    private @Nullable Ending ending;

    private long inputNanos;
    private byte unansweredPings;
    private boolean heldBack;
    /** Whether the worker has the decoder and the inflater. */
    private boolean inflating;

    /** A message that has begun to come, or a frame. */
    private static final class Unfinished {
        final MessageDecoder decoder;
        long sinceNanos;
        /** When something of it last came; a ping in between is not of it. */
        long inputNanos;

        long bytes;

        Unfinished(MessageDecoder decoder, long nowNanos) {
            this.decoder = decoder;
            this.sinceNanos = nowNanos;
            this.inputNanos = nowNanos;
        }
    }

    /** What is only needed for the end. */
    private static final class Ending {
        final CloseMachine machine = new CloseMachine();
        /** What to do once the listener has been called for everything that came before the end. */
        @Nullable
        Runnable afterCalls;

        long sinceNanos;
    }

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
                UNDELIVERED.getAndAdd(connection, -bytes);
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
        this.channel = channel;
        this.inflater = inflater;
    }

    public Link link() {
        return channel.link();
    }

    private ServerContext context() {
        return channel.context();
    }

    /** Takes over the link, with the input that came right behind the handshake. */
    void begin(@Nullable ByteBuffer behindHandshake) {
        inputNanos = link().nanos();
        link().resumeInput();
        link().checkBy(context().timeouts.ping(inputNanos, 0));
        if (behindHandshake != null && behindHandshake.hasRemaining()) {
            onInput(behindHandshake);
        }
        if (link().isInputEnded() && state != State.OVER) {
            onInputEnd();
        }
    }

    // ---- input

    @Override
    public void onInput(ByteBuffer input) {
        inputNanos = link().nanos();
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
            return; // it comes behind what waits
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

    /** Keeps the decoder if it has to remember something, and notes how far the message has come. */
    private void noteUnfinished(MessageDecoder decoder) {
        if (decoder.isBetweenMessages()) {
            unfinished = null;
            return;
        }
        Unfinished known = unfinished;
        if (known == null) {
            known = new Unfinished(decoder, inputNanos);
            unfinished = known;
            link().checkBy(Math.min(context().timeouts.body(inputNanos), inputNanos + Timeouts.RATE_GRACE_NANOS));
        }
        if (decoder.receivedBytes() > known.bytes) {
            known.bytes = decoder.receivedBytes();
            known.inputNanos = inputNanos;
        }
    }

    /** Has what is held until more comes, or the listener is done, counted with that of others. */
    private void noteHeld() {
        link().holds(heldBytes(), true);
    }

    private long heldBytes() {
        long held = waiting == null ? 0 : waiting.capacity();
        if (unfinished != null) {
            held += 1 + unfinished.decoder.heldBytes();
        }
        return heldBack ? held + undeliveredBytes : held;
    }

    @Override
    public void onTooMuchHeld(long heldBytes) {
        context().inputShed(link(), heldBytes);
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

    /** Has a piece inflated on the worker, and meanwhile reads nothing: what comes behind it stays behind it. */
    private void inflateElsewhere(MessageDecoder decoder, ByteBuffer behind) {
        waiting = WaitingInput.join(waiting, behind);
        link().pauseInput();
        // With what the next piece may take, so that nothing is inflated for which there is no room: it could not be
        // freed before the
        // worker has done with it.
        long held = heldBytes() + decoder.nextPieceBytes();
        if (!link().holds(held, true)) {
            return;
        }
        inflating = true;
        link().holds(held, false);
        if (!context().calls.giveToWorker(() -> inflate(decoder))) {
            inflating = false;
            context().observer.listenerSaturated(channel.request());
            giveUp(CloseCode.TRY_AGAIN_LATER, "", CloseReason.Cause.OVERLOAD);
        }
    }

    /** On the worker. */
    private void inflate(MessageDecoder decoder) {
        Throwable failure = null;
        try {
            decoder.inflateMore();
        } catch (Throwable e) { // there may be no memory for it
            failure = e;
        }
        Throwable thrown = failure;
        link().execute(() -> inflated(thrown));
    }

    private void inflated(@Nullable Throwable failure) {
        inflating = false;
        if (failure != null) {
            link().close(new IOException("A message could not be inflated", failure));
            context().observer.loopFailed(failure);
        }
        switch (state) {
            case OPEN, CLOSING -> link().batch(this::useWaiting);
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
        int bytes = Math.min(length, MAX_INPUT_WAITING_BYTES);
        UNDELIVERED.getAndAdd(this, bytes);
        boolean taken = channel.give(new Delivery(this, step, payload, bytes));
        if (!taken) {
            context().observer.listenerSaturated(channel.request());
            channel.closed(new CloseReason(CloseCode.TRY_AGAIN_LATER, "", CloseReason.Cause.OVERLOAD));
            closeRequested(CloseCode.TRY_AGAIN_LATER, "");
        }
    }

    /** While the peer takes nothing only the latest ping is answered, so that a flood of pings costs no memory. */
    private void pong(byte[] payload) {
        if (!isOpen()) {
            return;
        }
        if (link().waitsForPeer()) {
            pongDue = payload;
        } else {
            send(FrameEncoder.pong(payload, 0, payload.length));
        }
    }

    private boolean isHeldBack() {
        return channel.callsWaiting() >= MAX_CALLS_WAITING
                || undeliveredBytes >= MAX_INPUT_WAITING_BYTES
                || isOutputFull();
    }

    private boolean isOutputFull() {
        return link().queuedBytes() >= MAX_OUTPUT_WAITING_BYTES;
    }

    /** Keeps the rest of the input, stops reading, and has the listener's last call so far set it going again. */
    private void keep(ByteBuffer input) {
        waiting = WaitingInput.join(waiting, input);
        link().pauseInput();
        if (!heldBack) {
            heldBack = true;
            channel.afterCalls(() -> link().execute(this::goOn));
        }
    }

    private void goOn() {
        heldBack = false;
        if ((state != State.OPEN && state != State.CLOSING) || inflating) {
            return;
        }
        if (state == State.OPEN && isOutputFull()) {
            heldBack = true;
            link().send(new NotifySegment(failure -> link().execute(this::goOn)));
            return;
        }
        link().batch(this::useWaiting);
    }

    private void useWaiting() {
        ByteBuffer rest = waiting;
        if (rest != null) {
            decode(rest);
        }
        if (waiting == null) {
            link().resumeInput();
            if (link().isInputEnded()) {
                onInputEnd();
            }
        }
    }

    // ---- the end

    private Ending ending() {
        Ending known = ending;
        if (known == null) {
            known = new Ending();
            ending = known;
        }
        return known;
    }

    private CloseMachine closing() {
        return ending().machine;
    }

    /** Whether no close frame has passed either way. */
    private boolean isOpen() {
        return ending == null || ending.machine.isOpen();
    }

    @Override
    public void closeRequested(int code, String reason) {
        if (state == State.OPEN) {
            perform(closing().closeRequested(code, reason), CloseReason.Cause.CLOSED);
        } else {
            callsFinished(); // nothing will be sent any more that the peer's end would have to wait for
        }
    }

    private void violated(WebSocketViolation violation) {
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

    /** The peer is given up. */
    private void giveUp(int code, String reason, CloseReason.Cause cause) {
        switch (state) {
            case OPEN -> finishCallsThen(() -> perform(closing().givenUp(code, reason), cause));
            case CLOSING -> perform(closing().givenUp(code, reason), cause);
            case FINISHING_CALLS, OVER -> {}
        }
    }

    /** Lets the listener answer what came before the end; not for longer than the close timeout. */
    private void finishCallsThen(Runnable end) {
        state = State.FINISHING_CALLS;
        waiting = null;
        unfinished = null;
        link().holdsNothing();
        ending().sinceNanos = link().nanos();
        link().checkBy(closeDeadline());
        ending().afterCalls = end;
        link().pauseInput(); // nothing that still comes can be used
        channel.afterCalls(() -> link().execute(this::callsFinished));
    }

    private void callsFinished() {
        Runnable end = ending == null ? null : ending.afterCalls;
        if (state == State.FINISHING_CALLS && end != null) {
            ending().afterCalls = null;
            end.run();
        }
    }

    private void perform(CloseMachine.Action action, CloseReason.Cause cause) {
        switch (action) {
            case NOTHING -> {
                if (state == State.FINISHING_CALLS) {
                    endOutput();
                }
            }
            case SEND_CLOSE_AND_AWAIT -> {
                send(closing().closeFrame());
                state = State.CLOSING;
                ending().sinceNanos = link().nanos();
                link().checkBy(closeDeadline());
                if (waiting != null || heldBack) {
                    link().execute(this::goOn);
                }
                if (link().isInputEnded()) {
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

    private void tell(CloseReason.Cause cause) {
        CloseMachine.Outcome outcome = closing().outcome();
        if (outcome != null) {
            channel.closed(new CloseReason(outcome.code(), outcome.reason(), cause));
        }
    }

    private void endOutput() {
        channel.connectionClosed(null, context().isStopping()); // if it was not told of another end before
        CloseReason reason = channel.closeReason();
        release();
        Lingering.begin(context(), link(), reason == null ? CloseReason.Cause.CLOSED : reason.cause(), true);
    }

    private void release() {
        state = State.OVER;
        waiting = null;
        if (ending != null) {
            ending.afterCalls = null;
        }
        unfinished = null;
        if (inflater != null && !inflating) {
            inflater.release(); // or else when the worker has done with it
        }
    }

    private void send(byte[] frame) {
        Scratch scratch = link().scratch();
        scratch.bytes.append(frame);
        link().send(scratch);
    }

    // ---- time and the rest

    @Override
    public long onDeadline(long nowNanos) {
        if (!link().waitsForPeer()) {
            return ownDeadline(nowNanos);
        }
        long deadline = context().timeouts.write(link().progressNanos());
        if (nowNanos < deadline) {
            return Math.min(deadline, ownDeadline(nowNanos));
        }
        link().close(new EndedException(CloseReason.Cause.WRITE_TIMEOUT, "The client took nothing for too long"));
        return NO_DEADLINE;
    }

    private long ownDeadline(long nowNanos) {
        return switch (state) {
            case OPEN -> Math.min(pingDeadline(nowNanos), messageDeadline(nowNanos));
            case FINISHING_CALLS -> {
                if (nowNanos >= closeDeadline()) {
                    callsFinished(); // or not: the peer is not to wait for longer
                }
                yield closeDeadline();
            }
            case CLOSING -> {
                if (nowNanos >= closeDeadline()) {
                    perform(closing().timedOut(), CloseReason.Cause.PEER_CLOSED);
                    link().close(null);
                }
                yield closeDeadline();
            }
            case OVER -> NO_DEADLINE;
        };
    }

    /** As long as the peer takes what was sent before, it has not seen our close frame. */
    private long closeDeadline() {
        long began = ending().sinceNanos;
        long since = link().waitsForPeer() ? Math.max(began, link().progressNanos()) : began;
        return context().timeouts.close(since, context().isStopping());
    }

    /** What holds for the body of a request holds for a message. */
    private long messageDeadline(long nowNanos) {
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

    private long pingDeadline(long nowNanos) {
        long deadline = context().timeouts.ping(inputNanos, unansweredPings);
        if (nowNanos < deadline || waiting != null) {
            return Math.max(deadline, nowNanos + 1); // it is we who do not listen
        }
        if (unansweredPings == MAX_UNANSWERED_PINGS) {
            link().close(new EndedException(CloseReason.Cause.IDLE_TIMEOUT, "The client does not answer pings"));
            return NO_DEADLINE;
        }
        unansweredPings++;
        if (!link().waitsForPeer()) {
            send(FrameEncoder.ping(NO_BYTES, 0, 0));
        }
        return context().timeouts.ping(inputNanos, unansweredPings);
    }

    @Override
    public void onDrained() {
        if (pongDue != null && isOpen()) {
            byte[] payload = pongDue;
            pongDue = null;
            send(FrameEncoder.pong(payload, 0, payload.length));
        }
        if (state == State.OPEN) {
            channel.drained();
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
        context().closed(link(), reason == null ? CloseReason.Cause.CLOSED : reason.cause(), failure);
    }
}
