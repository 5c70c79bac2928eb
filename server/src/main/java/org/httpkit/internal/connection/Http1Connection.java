package org.httpkit.internal.connection;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.httpkit.http.Method;
import org.httpkit.http.Status;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.exchange.EndedException;
import org.httpkit.internal.exchange.Exchange;
import org.httpkit.internal.exchange.ExchangeTimes;
import org.httpkit.internal.exchange.ProxyPreface;
import org.httpkit.internal.exchange.RefusedBodyException;
import org.httpkit.internal.exchange.RequestOrigin;
import org.httpkit.internal.exchange.Responses;
import org.httpkit.internal.http1.BodyFraming;
import org.httpkit.internal.http1.DecoderPool;
import org.httpkit.internal.http1.RequestHead;
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
 * One HTTP/1.1 connection: runs one exchange at a time, in order (RFC 9112 section 9.3). Confined to its loop thread.
 *
 * <p>Three machines share the work: {@link Http1Intake} takes the requests in, {@link Http1Stream} sends the response of the one that
 * runs, and this one decides whether the connection goes on:
 *
 * <pre>
 *            the call is the loop's next    the call was made    what follows is useless    the end
 * OPEN       CALLING                        -                    LAST                       OVER
 * CALLING    -                              OPEN                 -                          OVER
 * LAST       -                              -                    -                          OVER
 * </pre>
 *
 * <p>The response may be sent from any thread, without the loop. The loop learns of its end when it next has input for this
 * connection; if it already holds input, it asks the stream to be told ({@link Http1Stream#tellLoop}).
 */
final class Http1Connection implements Protocol {
    private enum State {
        /** Requests follow one another. */
        OPEN,
        /** The same, and the call of the handler is the loop's next: right after it the connection goes on. */
        CALLING,
        /** The exchange that runs is the last: what comes behind it can no longer be understood. */
        LAST,
        /** Another protocol has the link, or nobody any more. */
        OVER
    }

    /** Input kept while an exchange runs before the peer is held by its own full buffers. */
    private static final int MAX_WAITING_BYTES = 16 * 1024;

    /** What an exchange holds that has been handed over is not counted below this: most are small, and over at once. */
    private static final int SMALL_EXCHANGE_BYTES = 8 * 1024;

    /** How often a connection is looked at whose next step is somebody else's. */
    private static final long LOOK_NANOS = 5_000_000_000L;

    /** How soon after an exchange that ended elsewhere its request is let go of, if nothing else comes. */
    private static final long RELEASE_NANOS = 1_000_000_000L;

    /** Of the request that is read or answered, or of the last one. */
    private ServerContext context;

    private final Link link;
    /** What the proxy said before; null without the PROXY protocol. */
    private final @Nullable ProxyPreface proxied;

    private final Http1Intake intake;
    private final Http1Deadlines deadlines;

    private State state = State.OPEN;
    /** Of the exchange whose head has come, until it is over; null between two. */
    private @Nullable Http1Stream stream;
    /** Why the connection ends, once that is decided. */
    private @Nullable Cause cause;
    /** Input that came while an exchange ran; what is behind its position is used up. */
    private @Nullable ByteBuffer waiting;

    Http1Connection(
            ServerContext context, Link link, DecoderPool scratch, @Nullable ProxyPreface proxied, long openedNanos) {
        this.context = context;
        this.link = link;
        this.proxied = proxied;
        this.intake = new Http1Intake(scratch);
        this.deadlines = new Http1Deadlines(openedNanos, link.nanos());
        link.checkBy(deadlines.first(context.timeouts));
    }

    // ---- input

    @Override
    public void onInput(ByteBuffer input) {
        deadlines.input(link.nanos());
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
        if (state == State.OVER) {
            return;
        }
        switch (intake.state()) {
            case IDLE -> finishIfOver();
            case HEAD -> finish(Cause.PEER_CLOSED, false);
            case COLLECTING, DISCARDING -> close(Cause.PEER_CLOSED);
            case DONE -> {
                stream().endOfInput(waiting == null);
                if (exchange().peerEnded()) {
                    resumeAtEndOfExchange();
                } else {
                    close(Cause.PEER_CLOSED);
                }
            }
            case STREAMING -> {
                stream().endOfInput(true);
                exchange().peerEnded();
                intake.fail(new EOFException("The client ended the connection within the body"));
                state = State.LAST;
                resumeAtEndOfExchange();
            }
        }
    }

    private void decode(ByteBuffer input) {
        try {
            advance(input);
        } catch (ViolationException e) {
            refuse(Refusal.of(e.violation()));
        }
        boolean mayFollow = state == State.OPEN || state == State.CALLING;
        if (mayFollow && intake.state() == Http1Intake.State.DONE && state == State.OPEN) {
            if (input.hasRemaining() || link.isInputEnded()) {
                resumeAtEndOfExchange(); // no input may come that could notice the end
            }
        }
        boolean isWaiting = intake.state() == Http1Intake.State.DONE || intake.state() == Http1Intake.State.IDLE;
        if (mayFollow && isWaiting && input.hasRemaining()) {
            keep(input); // until the exchange is over, or the peer has taken the answers it already has to take
        } else {
            waiting = null;
        }
        if (state == State.LAST) {
            link.pauseInput(); // nothing of it can be used
        }
        if (state != State.OVER) {
            intake.rest();
            noteHeld();
        }
    }

    /** Has what is held of the input until more comes, or somebody else is done, counted with that of others. */
    private void noteHeld() {
        long waits = waiting == null ? 0 : waiting.capacity();
        switch (intake.state()) {
            case IDLE -> link.holds(waits, true);
            case HEAD, COLLECTING, STREAMING, DISCARDING -> link.holds(intake.heldBytes(), true);
            case DONE -> {
                long held = stream == null ? 0 : exchange().heldBytes();
                link.holds(waits > 0 || held > SMALL_EXCHANGE_BYTES ? waits + held : 0, waits > 0);
            }
        }
    }

    @Override
    public void onTooMuchHeld(long heldBytes) {
        context.inputShed(link, heldBytes);
        if (state == State.OVER) {
            return;
        }
        switch (intake.state()) {
            case HEAD, COLLECTING, STREAMING, DISCARDING -> refuse(Refusal.TOO_MUCH_HELD);
            case IDLE, DONE -> close(Cause.OVERLOAD);
        }
    }

    private void advance(ByteBuffer input) throws ViolationException {
        while (state == State.OPEN && intake.state() != Http1Intake.State.DONE) {
            if (intake.state() == Http1Intake.State.IDLE && link.waitsForPeer()) {
                return; // who does not read its answers gets no more of them
            }
            if (intake.isBetweenRequests()) {
                takeCurrentContext();
            }
            switch (intake.advance(input, context.limits)) {
                case NEED_INPUT -> {
                    finishIfOver();
                    return;
                }
                case HEAD_BEGUN -> {
                    deadlines.begins();
                    link.checkBy(deadlines.head(context.timeouts));
                    return;
                }
                case HEAD -> onHead(input);
                case BODY -> bodyArrived();
                case BODY_ENOUGH -> {
                    bodyArrived();
                    link.pauseInput();
                }
                case TOO_LARGE -> refuse(Refusal.bodyLargerThan(context.options.maxBodyBytes()));
                case DROPPED -> {}
                case DROPPED_TOO_MUCH -> finish(Cause.CLOSED, true);
                case COMPLETE -> onComplete(input.hasRemaining());
                case DISCARDED -> awaitNext(link.nanos());
            }
        }
    }

    /** A request begins: from its first byte to the end of its answer it goes by the options of this moment. */
    private void takeCurrentContext() {
        ServerContext current = context.current();
        if (current != context) {
            context = current;
            intake.setLimits(current.limits);
        }
    }

    private void onHead(ByteBuffer input) {
        RequestHead head = intake.head();
        Http1Stream next = new Http1Stream(this, context, link, head, deadlines.inputNanos());
        stream = next;
        context.exchangeBegan();
        if (link.isInputEnded()) {
            next.exchange().peerEnded(); // it has waited since before
        }
        if (!findSender(next.exchange(), head)) {
            return;
        }
        if (head.method().equals(Method.CONNECT)) {
            refuse(Refusal.TUNNEL);
        } else if (head.hasUnknownExpectation()) {
            refuse(Refusal.UNKNOWN_EXPECTATION);
        } else if (head.bodyFraming() == BodyFraming.NONE) {
            intake.expectNoBody();
        } else if (next.exchange().streamsBody()) {
            beginStreaming(next.exchange(), head);
        } else {
            beginCollecting(head, input);
        }
    }

    /** Finds out who sent the request, if it may be another than the peer; false if that was refused. */
    private boolean findSender(Exchange next, RequestHead head) {
        List<Cidr> trusted = context.options.trustedProxies();
        if (proxied != null || !trusted.isEmpty()) {
            try {
                next.sentBy(RequestOrigin.of(head, link, proxied, trusted));
            } catch (ProxyViolationException e) {
                refuse(Refusal.contradiction(String.valueOf(e.getMessage())));
                return false;
            }
        }
        return true;
    }

    private void beginCollecting(RequestHead head, ByteBuffer input) {
        deadlines.begins();
        if (!intake.collect(context.options.maxBodyBytes(), input.remaining())) {
            refuse(Refusal.bodyLargerThan(context.options.maxBodyBytes()));
            return;
        }
        if (head.expectsContinue() && !input.hasRemaining()) {
            Scratch scratch = link.scratch();
            context.heads.writeContinue(scratch.bytes);
            link.send(scratch);
        }
        link.checkBy(deadlines.bodyBegun(context.timeouts));
    }

    private void beginStreaming(Exchange next, RequestHead head) {
        deadlines.begins();
        intake.stream(next.beginStreamedBody(head.expectsContinue()));
        run(next);
        link.checkBy(deadlines.bodyBegun(context.timeouts));
    }

    private void bodyArrived() {
        if (intake.isFirstPiece()) {
            deadlines.begins(); // its rate counts from its first byte on
        }
        exchange().arrived(intake.pieceBytes());
    }

    private void onComplete(boolean moreFollows) {
        if (link.isInputEnded() && !moreFollows) {
            stream().beLast();
        }
        Exchange complete = exchange();
        if (complete.isStreamed()) {
            noticeEndOfExchange();
            return;
        }
        byte[] body = intake.takeBody();
        if (body != null) {
            complete.collected(body, intake.trailers());
        }
        run(complete);
    }

    /** Has the handler called where this server calls it; on this loop only if the request is complete. */
    private void run(Exchange next) {
        next.ready();
        if (intake.state() == Http1Intake.State.DONE) {
            next.call().identify();
            switch (context.calls.place(link, next.call())) {
                case HERE -> {
                    noticeEndOfExchange();
                    if (state == State.OPEN && stream != null) {
                        link.checkBy(deadlines.inputNanos() + RELEASE_NANOS);
                    }
                }
                case NEXT_ON_LOOP -> state = State.CALLING;
                case WORKER -> giveToWorker(next);
            }
        } else {
            giveToWorker(next); // it may wait for the body
        }
    }

    private void giveToWorker(Exchange next) {
        link.flush(); // earlier answers must not wait for this one, nor be overtaken by it
        link.checkBy(deadlines.inputNanos() + RELEASE_NANOS);
        if (!context.calls.giveToWorker(next.call())) {
            context.observer.workerSaturated(next);
            next.respond(Responses.OVERLOADED);
            noticeEndOfExchange();
        }
    }

    /** Holds on to input that cannot be used yet. */
    private void keep(ByteBuffer input) {
        ByteBuffer kept = WaitingInput.join(waiting, input);
        waiting = kept;
        if (kept.remaining() >= MAX_WAITING_BYTES) {
            link.pauseInput();
        }
    }

    // ---- the end of an exchange

    /** Asks the stream to let the loop go on when the exchange ends; if it has ended already, that is now. */
    private void resumeAtEndOfExchange() {
        if (!stream().tellLoop()) {
            link.execute(this::resume);
        }
    }

    /** Goes on to the next request if the response of this one has been sent meanwhile. */
    private void noticeEndOfExchange() {
        Http1Stream ended = stream;
        if (ended == null || !ended.isOver() || ended.isAborted()) {
            return; // after an abort the close comes next, with its cause
        }
        switch (state) {
            case OPEN -> {
                switch (intake.state()) {
                    case DONE -> {
                        if (ended.keepsConnection()) {
                            awaitNext(ended.endedNanos());
                        } else {
                            // A client that has asked for the end itself sends nothing more: no need to wait for it.
                            finish(
                                    endOfExchange(),
                                    waiting != null || ended.exchange().head().keepAlive());
                        }
                    }
                    case STREAMING -> {
                        intake.discard();
                        link.resumeInput();
                        if (ended.keepsConnection()) {
                            stream = null;
                        } else {
                            finish(endOfExchange(), true);
                        }
                    }
                    case IDLE, HEAD, COLLECTING, DISCARDING -> {}
                }
            }
            case LAST -> finish(endOfExchange(), true);
            case CALLING, OVER -> {}
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
        if (state != State.OVER) {
            link.batch(this::goOn);
        }
    }

    /** The call has returned, or takes so long that the loop has gone on without it. */
    @Override
    public void onCalled() {
        if (state == State.CALLING) {
            state = State.OPEN;
            goOn();
        }
    }

    private void goOn() {
        noticeEndOfExchange();
        link.resumeInput(); // before the input that waits is used: what comes of it may be enough for now
        if (waiting != null) {
            decode(waiting);
        } else if (state == State.OPEN && intake.state() == Http1Intake.State.DONE) {
            awaitEndOfExchange();
        }
        recheckInputEnd();
        finishIfOver();
    }

    /** The loop is not needed before the exchange ends. */
    private void awaitEndOfExchange() {
        if (link.isInputEnded()) {
            resumeAtEndOfExchange(); // no input will come that could notice the end
        } else {
            link.checkBy(deadlines.inputNanos() + RELEASE_NANOS);
        }
    }

    /** What comes up only now may have missed that the client has ended its side. */
    void recheckInputEnd() {
        if (link.isInputEnded()) {
            onInputEnd();
        }
    }

    /** The reader of a streamed body has taken enough for more to be read. */
    void wantMoreBody() {
        if (state == State.OPEN && intake.state() == Http1Intake.State.STREAMING) {
            deadlines.input(link.nanos());
            resume();
        }
    }

    private void awaitNext(long nowNanos) {
        stream = null;
        link.holdsNothing();
        deadlines.rests(nowNanos);
        intake.next();
    }

    /** Ends an idle connection on which no further request can come, or is wanted. */
    private void finishIfOver() {
        if (isIdle() && (link.isInputEnded() || context.isStopping())) {
            finish(endOfExchange(), false);
        }
    }

    /** Whether nothing of a request is there. */
    private boolean isIdle() {
        return state == State.OPEN
                && intake.state() == Http1Intake.State.IDLE
                && waiting == null
                && intake.isBetweenRequests();
    }

    /**
     * Ends the connection once everything handed over has left.
     *
     * @param peerMaySend whether the peer may still be sending, so that it has to be given time to read our answer
     */
    private void finish(Cause why, boolean peerMaySend) {
        decide(why);
        if (!link.isDrained() && (stream == null || !exchange().isReported())) {
            context.reportLeaving(link);
        }
        letGo();
        Lingering.begin(context, link, cause == null ? why : cause, peerMaySend);
    }

    private void letGo() {
        state = State.OVER;
        waiting = null;
        stream = null;
        intake.abandon();
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

    /** Answers for the handler, which is not asked, and ends the connection. */
    private void refuse(Refusal refusal) {
        decide(refusal.cause());
        context.observer.refused(refusal.status().code(), refusal.reason());
        switch (intake.state()) {
            case STREAMING -> {
                // The handler is at work already: it finds the body broken, and its failure is answered with this
                // status.
                stream().beLast();
                intake.fail(new RefusedBodyException(refusal.status(), refusal.reason()));
                state = State.LAST;
                resumeAtEndOfExchange();
            }
            case DISCARDING -> finish(refusal.cause(), true); // the request has its answer already
            case IDLE, HEAD, COLLECTING, DONE -> {
                answer(refusal.status(), refusal.reason());
                finish(refusal.cause(), true);
            }
        }
    }

    private void answer(Status status, String reason) {
        Scratch scratch = link.scratch();
        int bodyBytes = context.heads.writeRefusal(scratch.bytes, intake.isHeadRequest(), status, reason);
        link.send(scratch);
        if (stream != null) {
            exchange().sent(bodyBytes);
            exchange().refused(status.code());
            return;
        }
        context.responded(null, status.code());
        if (context.observer.wantsExchanges()) {
            ExchangeTimes account = new ExchangeTimes(context, link, null, deadlines.inputNanos());
            account.sent(bodyBytes);
            account.finishWhenSent(link, status.code(), Outcome.REFUSED);
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
        if (state == State.CALLING) {
            return nowNanos + LOOK_NANOS;
        }
        return switch (intake.state()) {
            case IDLE -> {
                long deadline = context.current().timeouts.idle(deadlines.restsSince(link.progressNanos()));
                if (nowNanos >= deadline) {
                    finish(Cause.IDLE_TIMEOUT, false);
                }
                yield deadline;
            }
            case HEAD -> {
                ServerContext valid = intake.isBetweenRequests() ? context.current() : context;
                long deadline = deadlines.head(valid.timeouts);
                if (nowNanos >= deadline) {
                    headTookTooLong();
                }
                yield deadline;
            }
            case COLLECTING, STREAMING, DISCARDING -> {
                boolean readerIsSlow = intake.state() == Http1Intake.State.STREAMING && !intake.isReaderWaiting();
                long next = deadlines.body(context.timeouts, intake.bodyBytes(), readerIsSlow, nowNanos);
                if (nowNanos >= next) {
                    refuse(Refusal.BODY_TOO_SLOW);
                }
                yield next;
            }
            case DONE -> answerDeadline(nowNanos);
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
        if (intake.isInHead()) {
            refuse(Refusal.HEAD_TOO_SLOW);
        } else {
            finish(Cause.HEADER_TIMEOUT, false);
        }
    }

    // ---- the end

    @Override
    public void onDrained() {
        if (stream != null) {
            exchange().drained();
        }
        if (state == State.OPEN && intake.state() == Http1Intake.State.IDLE && waiting != null) {
            resume();
        }
    }

    @Override
    public long idleSinceNanos() {
        noticeEndOfExchange();
        return isIdle() && link.isDrained() ? deadlines.restsSince(link.progressNanos()) : NO_DEADLINE;
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
        return isResponding() && exchange().isOpenEnded();
    }

    private boolean isResponding() {
        return state == State.OPEN && intake.state() == Http1Intake.State.DONE;
    }

    @Override
    public void onServerStopping() {
        noticeEndOfExchange();
        if (state != State.OPEN) {
            return;
        }
        switch (intake.state()) {
            case IDLE -> finishIfOver();
            case HEAD -> {
                if (intake.isBetweenRequests()) {
                    finish(Cause.SERVER_STOP, false);
                }
            }
            case DONE -> {
                exchange().serverStopping();
                resumeAtEndOfExchange();
                link.checkBy(link.nanos());
            }
            case COLLECTING, STREAMING, DISCARDING -> {}
        }
    }

    /** The exchange has become a WebSocket: its protocol goes on with what came behind the handshake. */
    void upgrade(WebSocketConnection webSocket) {
        if (state == State.OVER) {
            return;
        }
        ByteBuffer behindHandshake = waiting;
        letGo();
        link.switchTo(webSocket);
        link.batch(() -> webSocket.begin(behindHandshake));
    }

    @Override
    public void onClosed(@Nullable IOException failure) {
        if (failure != null) {
            decide(EndedException.causeOf(failure));
        }
        decide(context.isStopping() ? Cause.SERVER_STOP : Cause.CLOSED);
        Http1Stream ended = stream;
        boolean uncalled = state != State.OVER && intake.state() == Http1Intake.State.COLLECTING;
        letGo();
        if (ended != null) {
            ended.exchange().connectionClosed(failure, context.isStopping());
            if (uncalled) {
                ended.exchange().endWithConnection(0);
            }
        }
        context.closed(link, cause == null ? Cause.CLOSED : cause, failure);
    }

    private Exchange exchange() {
        return stream().exchange();
    }

    private Http1Stream stream() {
        if (stream == null) {
            throw new IllegalStateException("No exchange runs; " + state + ", " + intake.state());
        }
        return stream;
    }
}
