package org.httpkit.internal.connection;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.httpkit.http.Method;
import org.httpkit.http.Status;
import org.httpkit.internal.http1.BodyFraming;
import org.httpkit.internal.http1.HeadScratch;
import org.httpkit.internal.http1.RequestDecoder;
import org.httpkit.internal.http1.RequestHead;
import org.httpkit.internal.http1.Violation;
import org.httpkit.internal.http1.ViolationException;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Protocol;
import org.httpkit.internal.net.Scratch;
import org.httpkit.internal.proxy.ProxyViolationException;
import org.httpkit.server.Cidr;
import org.httpkit.server.CloseReason.Cause;
import org.httpkit.server.FinishedExchange.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection: cuts the input into requests and runs one exchange at a time, in order (RFC 9112 section 9.3).
 * Confined to its loop thread.
 *
 * <p>The response of an exchange may be sent from any thread, without the loop. The loop learns of its end when it next has
 * input for this connection; if it already holds input, it asks the exchange to be told ({@link Exchange#tellLoop}).
 */
final class HttpConnection implements Protocol {
    private enum State {
        /** Between two requests. */
        IDLE,
        /** Within a head, or not one byte has come on a new connection. */
        RECEIVING_HEAD,
        /** The body is collected; the handler has not been called. */
        COLLECTING,
        /** The exchange runs and its request is complete; further input waits. */
        RESPONDING,
        /** The same, and its call is the loop's next: right after it the connection goes on. */
        CALLING,
        /** The exchange runs and reads its body as it arrives. */
        STREAMING,
        /** The exchange runs and is the last: what comes behind it can no longer be understood. */
        RESPONDING_LAST,
        /** The response is out, and the rest of the request's body is dropped. */
        DISCARDING,
        /** Another protocol has the link, or nobody any more. */
        OVER
    }

    /** Input kept while an exchange runs before the peer is held by its own full buffers. */
    private static final int MAX_WAITING_BYTES = 16 * 1024;

    /** What an exchange holds that has been handed over is not counted below this: most are small, and over at once. */
    private static final int SMALL_EXCHANGE_BYTES = 8 * 1024;

    /** Rest of a body dropped to keep a connection whose response did not need it. */
    private static final long MAX_DISCARDED_BYTES = 256 * 1024;

    /** How often a connection is looked at whose next step is somebody else's. */
    private static final long LOOK_NANOS = 5_000_000_000L;

    /** How soon after an exchange that ended elsewhere its request is let go of, if nothing else comes. */
    private static final long RELEASE_NANOS = 1_000_000_000L;

    /** Of the request that is read or answered, or of the last one. */
    private ServerContext context;

    private final Link link;
    private final HeadScratch scratch;
    /** Null while it has nothing to remember: most connections are idle most of the time. */
    private @Nullable RequestDecoder decoder;
    /** What the proxy said before; null without the PROXY protocol. */
    private final @Nullable Proxied proxied;

    private State state = State.RECEIVING_HEAD;
    private @Nullable Exchange exchange;
    private @Nullable BodyCollector collector;
    /** Why the connection ends, once that is decided. */
    private @Nullable Cause cause;
    /** Input that came while an exchange ran; what is behind its position is used up. */
    private @Nullable ByteBuffer waiting;

    /** When what is awaited now began: the connection, a head, a body, the rest. */
    private long sinceNanos;
    /** When input last came. */
    private long inputNanos;
    /** Bytes of the body dropped so far. */
    private int droppedBytes;

    HttpConnection(ServerContext context, Link link, HeadScratch scratch, @Nullable Proxied proxied, long openedNanos) {
        this.context = context;
        this.link = link;
        this.scratch = scratch;
        this.proxied = proxied;
        this.sinceNanos = openedNanos;
        this.inputNanos = link.nanos();
        link.checkBy(Math.min(context.timeouts.header(openedNanos), context.timeouts.idle(inputNanos)));
    }

    // ---- input

    @Override
    public void onInput(ByteBuffer input) {
        inputNanos = link.nanos();
        noticeEndOfExchange();
        if (waiting != null) {
            keep(input);
            decode(waiting);
        } else {
            decode(input);
        }
    }

    @Override
    public void onInputEnd() {
        noticeEndOfExchange();
        switch (state) {
            case IDLE -> finishIfOver();
            case RECEIVING_HEAD -> finish(Cause.PEER_CLOSED, false);
            case COLLECTING, DISCARDING -> close(Cause.PEER_CLOSED);
            case RESPONDING, CALLING, RESPONDING_LAST -> {
                if (exchange().peerEnded(waiting == null)) {
                    resumeAtEndOfExchange();
                } else {
                    close(Cause.PEER_CLOSED);
                }
            }
            case STREAMING -> {
                exchange().peerEnded(true);
                exchange().streamedBody().fail(new EOFException("The client ended the connection within the body"));
                state = State.RESPONDING_LAST;
                resumeAtEndOfExchange();
            }
            case OVER -> {}
        }
    }

    /** A channel was opened on an exchange whose client may have ended its side before. */
    void inputHasEnded() {
        if (link.isInputEnded()) {
            onInputEnd();
        }
    }

    private void decode(ByteBuffer input) {
        try {
            advance(input);
        } catch (ViolationException e) {
            refuse(e.violation());
        }
        switch (state) {
            case RESPONDING -> {
                if (input.hasRemaining()) {
                    keep(input);
                    resumeAtEndOfExchange();
                } else {
                    waiting = null;
                    if (link.isInputEnded()) {
                        resumeAtEndOfExchange(); // no input will come that could notice the end
                    }
                }
            }
            case CALLING -> {
                if (input.hasRemaining()) {
                    keep(input);
                } else {
                    waiting = null;
                }
            }
            case RESPONDING_LAST -> {
                waiting = null;
                link.pauseInput(); // nothing of it can be used
            }
            case IDLE -> {
                if (input.hasRemaining()) {
                    keep(input); // until the peer has taken the answers it already has to take
                } else {
                    waiting = null;
                }
            }
            case RECEIVING_HEAD, COLLECTING, STREAMING, DISCARDING, OVER -> waiting = null;
        }
        switch (state) {
            case IDLE, RECEIVING_HEAD -> returnDecoder();
            case COLLECTING, RESPONDING, CALLING, STREAMING, RESPONDING_LAST, DISCARDING, OVER -> {}
        }
        noteHeld();
    }

    /** Has what is held of the input until more comes, or somebody else is done, counted with that of others. */
    private void noteHeld() {
        long waits = waiting == null ? 0 : waiting.capacity();
        switch (state) {
            case IDLE -> link.holds(waits, true);
            case RECEIVING_HEAD -> link.holds(isInHead() ? decoder().heldBytes() : 0, true);
            case COLLECTING -> link.holds(decoder().heldBytes() + collector().heldBytes(), true);
            case STREAMING ->
                link.holds(decoder().heldBytes() + exchange().streamedBody().heldBytes(), true);
            case RESPONDING, CALLING, RESPONDING_LAST -> {
                long held = exchange == null ? 0 : exchange.heldBytes();
                link.holds(waits > 0 || held > SMALL_EXCHANGE_BYTES ? waits + held : 0, waits > 0);
            }
            case DISCARDING -> link.holds(decoder().heldBytes(), true);
            case OVER -> {}
        }
    }

    @Override
    public void onTooMuchHeld(long heldBytes) {
        context.inputShed(link, heldBytes);
        switch (state) {
            case RECEIVING_HEAD, COLLECTING, STREAMING, DISCARDING ->
                refuse(
                        Cause.OVERLOAD,
                        Status.SERVICE_UNAVAILABLE,
                        "The server holds too much of what its clients have sent (RFC 9110 section 15.6.4)");
            case IDLE, RESPONDING, CALLING, RESPONDING_LAST -> close(Cause.OVERLOAD);
            case OVER -> {}
        }
    }

    /** Asks the exchange to let the loop go on when it ends; if it has ended already, that is now. */
    private void resumeAtEndOfExchange() {
        if (!exchange().tellLoop()) {
            link.execute(this::resume);
        }
    }

    private void advance(ByteBuffer input) throws ViolationException {
        while (true) {
            switch (state) {
                case IDLE -> {
                    if (link.waitsForPeer()) {
                        return; // who does not read its answers gets no more of them
                    }
                }
                case RECEIVING_HEAD, COLLECTING, STREAMING, DISCARDING -> {}
                case RESPONDING, CALLING, RESPONDING_LAST, OVER -> {
                    return;
                }
            }
            if (isBetweenRequests()) {
                takeCurrentContext();
            }
            switch (decoder().advance(input)) {
                case NEED_INPUT -> {
                    awaitMore();
                    return;
                }
                case HEAD -> onHead(input);
                case BODY -> onBody();
                case END -> onEnd(input.hasRemaining());
            }
        }
    }

    /** A request begins: from its first byte to the end of its answer it goes by the options of this moment. */
    private void takeCurrentContext() {
        ServerContext current = context.current();
        if (current != context) {
            context = current;
            if (decoder != null) {
                decoder.setLimits(current.limits);
            }
        }
    }

    /** All input is used up. */
    private void awaitMore() {
        switch (state) {
            case IDLE -> {
                if (isInHead()) {
                    state = State.RECEIVING_HEAD;
                    sinceNanos = inputNanos;
                    link.checkBy(context.timeouts.header(sinceNanos));
                } else {
                    finishIfOver();
                }
            }
            case COLLECTING -> checkSize();
            case RECEIVING_HEAD, STREAMING, DISCARDING, RESPONDING, CALLING, RESPONDING_LAST, OVER -> {}
        }
    }

    private void onHead(ByteBuffer input) {
        RequestHead head = decoder().head();
        Exchange next = new Exchange(this, context, link, head, inputNanos);
        exchange = next;
        context.exchangeBegan();
        if (link.isInputEnded()) {
            next.peerEnded(false); // it has waited since before
        }
        if (!findSender(next, head)) {
            return;
        }
        if (head.method().equals(Method.CONNECT)) {
            refuse(Cause.PROTOCOL_ERROR, Status.METHOD_NOT_ALLOWED, "This server is no proxy (RFC 9110 section 9.3.6)");
        } else if (head.hasUnknownExpectation()) {
            refuse(
                    Cause.PROTOCOL_ERROR,
                    Status.EXPECTATION_FAILED,
                    "Only 100-continue can be expected (RFC 9110 section 10.1.1)");
        } else if (head.bodyFraming() == BodyFraming.NONE) {
            state = State.COLLECTING; // nothing: the end comes next
        } else if (next.streamsBody()) {
            beginStreaming(next);
        } else {
            beginCollecting(head, input);
        }
    }

    /** Finds out who sent the request, if it may be another than the peer; false if that was refused. */
    private boolean findSender(Exchange next, RequestHead head) {
        List<Cidr> trusted = context.options.trustedProxies();
        if (proxied != null || !trusted.isEmpty()) {
            try {
                next.sentBy(Sender.of(head, link, proxied, trusted));
            } catch (ProxyViolationException e) {
                refuse(Cause.PROTOCOL_ERROR, Status.BAD_REQUEST, String.valueOf(e.getMessage()));
                return false;
            }
        }
        return true;
    }

    private void beginCollecting(RequestHead head, ByteBuffer input) {
        state = State.COLLECTING;
        sinceNanos = inputNanos;
        if (!checkSize()) {
            return;
        }
        collector = new BodyCollector(head.contentLength(), input.remaining());
        if (head.expectsContinue() && !input.hasRemaining()) {
            sendContinue();
        }
        checkBody();
    }

    /** Compares what is announced, so that a body too large is refused before it is read. */
    private boolean checkSize() {
        if (decoder().announcedBodyBytes() <= context.options.maxBodyBytes()) {
            return true;
        }
        refuse(
                Cause.PROTOCOL_ERROR,
                Status.CONTENT_TOO_LARGE,
                "The body is larger than the " + context.options.maxBodyBytes()
                        + " bytes accepted here (RFC 9110 section 15.5.14)");
        return false;
    }

    private void beginStreaming(Exchange next) {
        state = State.STREAMING;
        sinceNanos = inputNanos;
        next.beginStreamedBody(decoder().head().expectsContinue());
        run(next);
        checkBody();
    }

    private void checkBody() {
        link.checkBy(Math.min(context.timeouts.body(inputNanos), inputNanos + Timeouts.RATE_GRACE_NANOS));
    }

    private void onBody() {
        switch (state) {
            case COLLECTING -> {
                bodyArrived();
                if (checkSize()) {
                    collector()
                            .append(
                                    decoder().bodyArray(),
                                    decoder().bodyOffset(),
                                    decoder().bodyLength());
                }
            }
            case STREAMING -> {
                bodyArrived();
                if (!exchange()
                        .streamedBody()
                        .offer(
                                decoder().bodyArray(),
                                decoder().bodyOffset(),
                                decoder().bodyLength())) {
                    link.pauseInput();
                }
            }
            case DISCARDING -> {
                droppedBytes += decoder().bodyLength();
                if (droppedBytes > MAX_DISCARDED_BYTES) {
                    finish(Cause.CLOSED, true);
                }
            }
            case IDLE, RECEIVING_HEAD, RESPONDING, CALLING, RESPONDING_LAST, OVER -> throw unexpected("body");
        }
    }

    private void bodyArrived() {
        if (decoder().bodyBytes() == decoder().bodyLength()) {
            sinceNanos = inputNanos; // its rate counts from its first byte on
        }
        exchange().arrived(decoder().bodyLength());
    }

    private void onEnd(boolean moreFollows) {
        if (link.isInputEnded() && !moreFollows && exchange != null) {
            exchange.beLast();
        }
        switch (state) {
            case COLLECTING -> {
                if (collector != null) {
                    exchange().collected(collector.bytes(), decoder().trailers());
                    collector = null;
                }
                state = State.RESPONDING;
                run(exchange());
            }
            case STREAMING -> {
                state = State.RESPONDING;
                exchange().streamedBody().end(decoder().trailers());
                noticeEndOfExchange();
            }
            case DISCARDING -> awaitNext(link.nanos());
            case IDLE, RECEIVING_HEAD, RESPONDING, CALLING, RESPONDING_LAST, OVER -> throw unexpected("end");
        }
    }

    private void run(Exchange next) {
        next.ready();
        if (context.inline && state == State.RESPONDING) {
            link.makeCall(next);
            noticeEndOfExchange();
            if (state == State.RESPONDING) {
                link.checkBy(inputNanos + RELEASE_NANOS);
            }
            return;
        }
        if (state == State.RESPONDING && next.willBeQuick() && link.callNext(next)) {
            state = State.CALLING;
            return;
        }
        link.flush(); // earlier answers must not wait for this one, nor be overtaken by it
        link.checkBy(inputNanos + RELEASE_NANOS);
        try {
            context.worker.execute(next);
        } catch (RejectedExecutionException e) {
            context.observer.workerSaturated(next);
            next.respond(Responses.OVERLOADED);
            noticeEndOfExchange();
        }
    }

    // ---- the end of an exchange

    /** Goes on to the next request if the response of this one has been sent meanwhile. */
    private void noticeEndOfExchange() {
        if (exchange == null || !exchange.isDone() || exchange.isAborted()) {
            return; // after an abort the close comes next, with its cause
        }
        switch (state) {
            case RESPONDING -> {
                if (exchange.keepsConnection()) {
                    awaitNext(exchange.endedNanos());
                } else {
                    // A client that has asked for the end itself sends nothing more: no need to wait for it.
                    finish(endOfExchange(), waiting != null || exchange.head().keepAlive());
                }
            }
            case RESPONDING_LAST -> finish(endOfExchange(), true);
            case STREAMING -> {
                exchange.streamedBody().discard();
                link.resumeInput();
                if (exchange.keepsConnection()) {
                    state = State.DISCARDING;
                    droppedBytes = 0;
                    exchange = null;
                } else {
                    finish(endOfExchange(), true);
                }
            }
            case IDLE, RECEIVING_HEAD, COLLECTING, CALLING, DISCARDING, OVER -> {}
        }
    }

    private Cause endOfExchange() {
        if (context.isStopping()) {
            return Cause.SERVER_STOP;
        }
        return link.isInputEnded() ? Cause.PEER_CLOSED : Cause.CLOSED;
    }

    /** The exchange has ended and the loop was asked to go on, or room came for more of a streamed body. */
    void resume() {
        if (state == State.OVER) {
            return;
        }
        link.batch(this::goOn);
    }

    /** The call has returned, or takes so long that the loop has gone on without it. */
    @Override
    public void onCalled() {
        if (state == State.CALLING) {
            state = State.RESPONDING;
            goOn();
        }
    }

    /** The loop is not needed before the exchange ends. */
    private void awaitEndOfExchange() {
        if (link.isInputEnded()) {
            resumeAtEndOfExchange(); // no input will come that could notice the end
        } else {
            link.checkBy(inputNanos + RELEASE_NANOS);
        }
    }

    private void goOn() {
        noticeEndOfExchange();
        link.resumeInput(); // before the input that waits is used: what comes of it may be enough for now
        if (waiting != null) {
            decode(waiting);
        } else if (state == State.RESPONDING) {
            awaitEndOfExchange();
        }
        lookForEndOfInput();
        finishIfOver();
    }

    /** What comes up only now may have missed that the client has ended its side. */
    void lookForEndOfInput() {
        if (link.isInputEnded()) {
            onInputEnd();
        }
    }

    /** The reader of a streamed body has taken enough for more to be read. */
    void wantMoreBody() {
        if (state == State.STREAMING) {
            inputNanos = link.nanos();
            resume();
        }
    }

    private void awaitNext(long nowNanos) {
        state = State.IDLE;
        exchange = null;
        link.holdsNothing();
        sinceNanos = nowNanos;
        decoder().release();
        returnDecoder();
    }

    /** Ends an idle connection on which no further request can come, or is wanted. */
    private void finishIfOver() {
        if (state == State.IDLE
                && waiting == null
                && isBetweenRequests()
                && (link.isInputEnded() || context.isStopping())) {
            finish(endOfExchange(), false);
        }
    }

    /**
     * Ends the connection once everything handed over has left.
     *
     * @param peerMaySend whether the peer may still be sending, so that it has to be given time to read our answer
     */
    private void finish(Cause why, boolean peerMaySend) {
        decide(why);
        if (!link.isDrained() && (exchange == null || !exchange.isReported())) {
            context.reportLeaving(link);
        }
        state = State.OVER;
        waiting = null;
        collector = null;
        exchange = null;
        Lingering.begin(context, link, cause == null ? why : cause, peerMaySend);
    }

    private void close(Cause why) {
        decide(why);
        link.close(null);
    }

    /** Only the first cause counts: the others follow from it. */
    private void decide(Cause why) {
        if (cause == null) {
            cause = why;
        }
    }

    // ---- refusals

    private void refuse(Violation violation) {
        refuse(Cause.PROTOCOL_ERROR, violation.status(), violation.reason() + " (" + violation.section() + ")");
    }

    /** Answers for the handler, which is not asked, and ends the connection. */
    private void refuse(Cause why, Status status, String reason) {
        decide(why);
        context.observer.refused(status.code(), reason);
        if (state == State.STREAMING) {
            // The handler is at work already: it finds the body broken, and its failure is answered with this status.
            exchange().beLast();
            exchange().streamedBody().fail(new RefusedBodyException(status, reason));
            state = State.RESPONDING_LAST;
            resumeAtEndOfExchange();
            return;
        }
        if (state == State.DISCARDING) {
            finish(why, true); // the request has its answer already
            return;
        }
        Scratch scratch = link.scratch();
        int bodyBytes =
                context.heads.writeRefusal(scratch.bytes, decoder != null && decoder.isHeadRequest(), status, reason);
        link.send(scratch);
        if (exchange != null) {
            exchange.sent(bodyBytes);
            exchange.refused(status.code());
        } else {
            context.responded(null, status.code());
            if (context.observer.wantsExchanges()) {
                Account account = new Account(context, link, null, inputNanos);
                account.sent(bodyBytes);
                account.finishWhenSent(status.code(), Outcome.REFUSED);
            }
        }
        finish(why, true);
    }

    void sendContinue() {
        Scratch scratch = link.scratch();
        context.heads.writeContinue(scratch.bytes);
        link.send(scratch);
    }

    /** Holds on to input that cannot be used yet. */
    private void keep(ByteBuffer input) {
        ByteBuffer kept = WaitingInput.join(waiting, input);
        waiting = kept;
        if (kept.remaining() >= MAX_WAITING_BYTES) {
            link.pauseInput();
        }
    }

    // ---- time

    @Override
    public long onDeadline(long nowNanos) {
        noticeEndOfExchange();
        if (state == State.OVER) {
            return nowNanos; // whoever has the link now is to look for itself
        }
        if (!link.waitsForPeer()) {
            return ownDeadline(nowNanos);
        }
        long deadline = context.timeouts.write(link.progressNanos());
        if (nowNanos < deadline) {
            return Math.min(deadline, ownDeadline(nowNanos));
        }
        decide(Cause.WRITE_TIMEOUT);
        link.close(new EndedException(Cause.WRITE_TIMEOUT, "The client took nothing of its answer for too long"));
        return NO_DEADLINE;
    }

    private long ownDeadline(long nowNanos) {
        return switch (state) {
            case IDLE -> {
                long deadline = context.current().timeouts.idle(Math.max(sinceNanos, link.progressNanos()));
                if (nowNanos >= deadline) {
                    finish(Cause.IDLE_TIMEOUT, false);
                }
                yield deadline;
            }
            case RECEIVING_HEAD -> {
                ServerContext valid = isBetweenRequests() ? context.current() : context;
                long deadline = valid.timeouts.header(sinceNanos);
                if (nowNanos >= deadline) {
                    headTookTooLong();
                }
                yield deadline;
            }
            case COLLECTING, STREAMING, DISCARDING -> bodyDeadline(nowNanos);
            case RESPONDING, RESPONDING_LAST -> answerDeadline(nowNanos);
            case CALLING -> nowNanos + LOOK_NANOS;
            case OVER -> NO_DEADLINE;
        };
    }

    /** Looks now and then anyhow, to let go of an exchange that has ended. */
    private long answerDeadline(long nowNanos) {
        if (nowNanos >= exchange().unansweredUntil()) {
            exchange().answerIsDue(nowNanos);
        }
        return Math.min(nowNanos + LOOK_NANOS, exchange().unansweredUntil());
    }

    private void headTookTooLong() {
        if (isInHead()) {
            refuse(
                    Cause.HEADER_TIMEOUT,
                    Status.REQUEST_TIMEOUT,
                    "The request head took too long (RFC 9110 section 15.5.9)");
        } else {
            finish(Cause.HEADER_TIMEOUT, false);
        }
    }

    private long bodyDeadline(long nowNanos) {
        if (state == State.STREAMING && !exchange().streamedBody().wantsMore()) {
            inputNanos = nowNanos; // we are the one who is slow
            sinceNanos = nowNanos;
        }
        long bodyBytes = decoder().bodyBytes();
        sinceNanos = context.timeouts.rateSince(bodyBytes, sinceNanos, nowNanos);
        // A body that has not begun may take that long to begin, whatever comes of its framing meanwhile.
        long deadline = context.timeouts.body(bodyBytes == 0 ? sinceNanos : inputNanos);
        if (nowNanos >= deadline || context.timeouts.isBodyTooSlow(bodyBytes, sinceNanos, nowNanos)) {
            refuse(
                    Cause.BODY_TIMEOUT,
                    Status.REQUEST_TIMEOUT,
                    "The request body came too slowly (RFC 9110 section 15.5.9)");
        }
        return Math.min(deadline, nowNanos + Timeouts.RATE_GRACE_NANOS);
    }

    // ---- the end

    @Override
    public void onDrained() {
        if (exchange != null) {
            exchange.drained();
        }
        if (state == State.IDLE && waiting != null) {
            resume();
        }
    }

    @Override
    public long idleSinceNanos() {
        noticeEndOfExchange();
        boolean idle = state == State.IDLE && waiting == null && isBetweenRequests() && link.isDrained();
        return idle ? Math.max(sinceNanos, link.progressNanos()) : NO_DEADLINE;
    }

    @Override
    public void giveUpIdle() {
        long since = idleSinceNanos();
        if (since != NO_DEADLINE) {
            context.connectionGivenUp(link, link.nanos() - since);
            finish(Cause.CONNECTION_LIMIT, false);
        }
    }

    @Override
    public boolean endsInTurn() {
        return state == State.RESPONDING && exchange().isOpenEnded();
    }

    @Override
    public void onServerStopping() {
        noticeEndOfExchange();
        switch (state) {
            case IDLE -> finishIfOver();
            case RECEIVING_HEAD -> {
                if (isBetweenRequests()) {
                    finish(Cause.SERVER_STOP, false);
                }
            }
            case RESPONDING -> {
                exchange().serverStopping();
                resumeAtEndOfExchange();
                link.checkBy(link.nanos());
            }
            case COLLECTING, CALLING, STREAMING, DISCARDING, RESPONDING_LAST, OVER -> {}
        }
    }

    /** The exchange has become a WebSocket: its protocol goes on with what came behind the handshake. */
    void upgrade(WebSocketConnection webSocket) {
        if (state == State.OVER) {
            return;
        }
        state = State.OVER;
        ByteBuffer behindHandshake = waiting;
        waiting = null;
        exchange = null;
        link.switchTo(webSocket);
        link.batch(() -> webSocket.begin(behindHandshake));
    }

    @Override
    public void onClosed(@Nullable IOException failure) {
        if (failure != null) {
            decide(EndedException.causeOf(failure));
        }
        decide(context.isStopping() ? Cause.SERVER_STOP : Cause.CLOSED);
        boolean uncalled = state == State.COLLECTING;
        state = State.OVER;
        waiting = null;
        if (exchange != null) {
            exchange.connectionClosed(failure, context.isStopping());
            if (uncalled) {
                exchange.endWithConnection(0);
            }
            exchange = null;
        }
        context.closed(link, cause == null ? Cause.CLOSED : cause, failure);
    }

    private RequestDecoder decoder() {
        RequestDecoder known = decoder;
        if (known == null) {
            known = scratch.borrowDecoder(context.limits);
            decoder = known;
        }
        return known;
    }

    private void returnDecoder() {
        if (decoder != null && decoder.isFresh()) {
            scratch.giveBack(decoder);
            decoder = null;
        }
    }

    private boolean isBetweenRequests() {
        return decoder == null || decoder.isIdle();
    }

    private boolean isInHead() {
        return decoder != null && decoder.inHead();
    }

    private Exchange exchange() {
        if (exchange == null) {
            throw unexpected("no exchange");
        }
        return exchange;
    }

    private BodyCollector collector() {
        if (collector == null) {
            throw unexpected("no collector");
        }
        return collector;
    }

    private IllegalStateException unexpected(String what) {
        return new IllegalStateException(what + " in state " + state);
    }
}
