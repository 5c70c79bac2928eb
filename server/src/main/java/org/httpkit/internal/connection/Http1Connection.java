package org.httpkit.internal.connection;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.httpkit.http.Method;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.exchange.EndedException;
import org.httpkit.internal.exchange.Exchange;
import org.httpkit.internal.exchange.ProxyPreface;
import org.httpkit.internal.exchange.RequestOrigin;
import org.httpkit.internal.exchange.Responses;
import org.httpkit.internal.fields.BodyFraming;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.fields.ViolationException;
import org.httpkit.internal.http1.DecoderPool;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Scratch;
import org.httpkit.internal.proxy.ProxyViolationException;
import org.httpkit.server.Cidr;
import org.httpkit.server.CloseReason.Cause;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection: runs one exchange at a time, in order (RFC 9112 section 9.3). Confined to its loop thread.
 *
 * <p>Three machines share the work: {@link Http1Intake} takes in requests, {@link Http1Stream} sends the response of
 * the running exchange, and this class decides whether the connection goes on:
 *
 * <pre>
 *            the call is the loop's next    the call was made    what follows is useless    a page is made    the end
 * OPEN       CALLING                        -                    LAST                       REFUSING          OVER
 * CALLING    -                              OPEN                 -                          -                 OVER
 * LAST       -                              -                    -                          -                 OVER
 * REFUSING   -                              -                    -                          -                 OVER
 * </pre>
 *
 * <p>Its layers: {@link Http1Ending} ends the connection, {@link Http1Turns} moves from one exchange to the next, and
 * this class handles input.
 *
 * <p>Any thread may send the response, without the loop. The loop notices its end when it next has input for this
 * connection; if it already holds input, it asks the stream for a call ({@link Http1Stream#tellLoop}).
 */
final class Http1Connection extends Http1Turns {
    /** Bytes of input kept while an exchange runs; the peer's own full buffers hold back more. */
    private static final int MAX_WAITING_BYTES = 16 * 1024;

    /** Bytes up to which an exchange that has been handed over is not counted: most are small, and over at once. */
    private static final int SMALL_EXCHANGE_BYTES = 8 * 1024;

    /** What the proxy sent ahead of the connection's bytes; null without the PROXY protocol. */
    private final @Nullable ProxyPreface proxied;

    Http1Connection(
            ServerContext context, Link link, DecoderPool scratch, @Nullable ProxyPreface proxied, long openedNanos) {
        super(context, link, scratch, openedNanos);
        this.proxied = proxied;
        link.checkBy(deadlines.first(context.timeouts));
    }

    /** When the first bytes of the first request must have come. */
    long firstDeadline() {
        return deadlines.first(context.current().timeouts);
    }

    @Override
    public void onInput(ByteBuffer input) {
        assert link.isHeldByCaller();
        deadlines.input(link.nanos());
        noticeEndOfExchange();
        if (waiting != null) {
            waiting = WaitingInput.join(waiting, input);
            decode(waiting); // which pauses the input if too much is left: all of it may be usable by now
        } else {
            decode(input);
        }
    }

    @Override
    public void onInputEnd() {
        assert link.isHeldByCaller();
        noticeEndOfExchange();
        if (state == State.OVER || state == State.REFUSING) {
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

    @Override
    void decode(ByteBuffer input) {
        try {
            advance(input);
        } catch (ViolationException e) {
            refuse(Refusal.of(e.violation()));
        }
        boolean mayFollow = state == State.OPEN || state == State.CALLING;
        if (isResponding() && (input.hasRemaining() || link.isInputEnded())) {
            resumeAtEndOfExchange(); // perhaps no input comes at which the loop could notice the end
        }
        boolean isWaiting = intake.state() == Http1Intake.State.DONE || intake.state() == Http1Intake.State.IDLE;
        if (mayFollow && isWaiting && input.hasRemaining()) {
            keep(input); // until the exchange is over, or the peer has taken the answers that wait for it
        } else {
            waiting = null;
        }
        if (state == State.LAST || state == State.REFUSING) {
            link.pauseInput(); // none of it can be used
        }
        if (state != State.OVER) {
            intake.rest();
        }
        if (state != State.OVER && state != State.CALLING) {
            noteHeld(); // a call comes at once, and goOn counts what it leaves
        }
    }

    @Override
    public void noteHeld() {
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
        if (state == State.REFUSING) {
            giveUpPage();
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
                return; // a client that does not read its answers gets no more of them
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

    /**
     * Is called when a request begins: the options of this moment govern it from its first byte to the end of its
     * answer.
     */
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
            next.exchange().peerEnded(); // the end came while this request waited
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

    /** Finds out who sent the request, if the peer may not have; returns false if it was refused. */
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

    /** Calls the handler on the thread where this server calls it; on this loop only if the request is complete. */
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

    /** Keeps input that cannot be used yet. */
    private void keep(ByteBuffer input) {
        ByteBuffer kept = WaitingInput.join(waiting, input);
        waiting = kept;
        if (kept.remaining() >= MAX_WAITING_BYTES) {
            link.pauseInput();
        }
    }

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
    public void upgrade(UpgradedProtocol next) {
        assert link.isHeldByCaller();
        if (state == State.OVER) {
            return;
        }
        ByteBuffer behindRequest = waiting;
        letGo();
        link.switchTo(next);
        link.batch(() -> next.begin(behindRequest));
    }

    @Override
    public void onClosed(@Nullable IOException failure) {
        assert link.isHeldByCaller();
        if (failure != null) {
            decide(EndedException.causeOf(failure));
        }
        decide(context.isStopping() ? Cause.SERVER_STOP : Cause.CLOSED);
        Http1Stream ended = stream;
        boolean uncalled =
                state == State.REFUSING || (state != State.OVER && intake.state() == Http1Intake.State.COLLECTING);
        letGo();
        if (ended != null) {
            ended.exchange().connectionClosed(failure, context.isStopping());
            if (uncalled) {
                ended.exchange().endWithConnection(0);
            }
        }
        context.closed(link, cause == null ? Cause.CLOSED : cause, failure);
    }
}
