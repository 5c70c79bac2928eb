package org.httpkit.internal.connection;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.httpkit.http.Status;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.exchange.ErrorAnswers;
import org.httpkit.internal.exchange.Exchange;
import org.httpkit.internal.exchange.ExchangeTimes;
import org.httpkit.internal.exchange.RefusedBodyException;
import org.httpkit.internal.exchange.Responses;
import org.httpkit.internal.http1.DecoderPool;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Protocol;
import org.httpkit.internal.net.Scratch;
import org.httpkit.server.CloseReason.Cause;
import org.httpkit.server.FinishedExchange.Outcome;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * Ends an HTTP/1.1 connection: with an answer by the server or without one, at once or when all output has left.
 * Confined to its loop thread.
 */
abstract class Http1Ending implements Protocol, Http1Stream.Owner {
    enum State {
        /** Requests follow one another. */
        OPEN,
        /** As OPEN, but the loop calls the handler next, and the connection goes on right after that call. */
        CALLING,
        /** A request was refused, and the application makes the page for the refusal; nothing more is read. */
        REFUSING,
        /** The running exchange is the last: the input behind it can no longer be understood. */
        LAST,
        /** Another protocol owns the link, or the link is closed. */
        OVER
    }

    /** The context of the request that is being read or answered, or of the last one. */
    ServerContext context;

    final Link link;

    final Http1Intake intake;

    final Http1Deadlines deadlines;

    State state = State.OPEN;

    /** The stream of the exchange whose head has come, until it is over; null between exchanges. */
    @Nullable
    Http1Stream stream;

    /** Why the connection ends; null before that is decided. */
    @Nullable
    Cause cause;

    /** Input that came while an exchange ran; the bytes before its position are used up. */
    @Nullable
    ByteBuffer waiting;

    Http1Ending(ServerContext context, Link link, DecoderPool decoders, long openedNanos) {
        this.context = context;
        this.link = link;
        this.intake = new Http1Intake(decoders);
        this.deadlines = new Http1Deadlines(openedNanos, link.nanos());
    }

    /** Asks the stream to resume the loop when the exchange ends; if it has ended already, resumes now. */
    void resumeAtEndOfExchange() {
        if (!stream().tellLoop()) {
            link.execute(this::resume);
        }
    }

    Cause endOfExchange() {
        if (context.isStopping()) {
            return Cause.SERVER_STOP;
        }
        return link.isInputEnded() ? Cause.PEER_CLOSED : Cause.CLOSED;
    }

    /**
     * Ends the connection once everything handed over has left.
     *
     * @param peerMaySend whether the peer may still be sending, so that it needs time to read our answer
     */
    void finish(Cause why, boolean peerMaySend) {
        assert link.isHeldByCaller();
        decide(why);
        if (!link.isDrained() && (stream == null || !exchange().isReported())) {
            context.reportLeaving(link);
        }
        boolean delimits = stream != null && stream.endsWithConnection();
        letGo();
        Lingering.begin(context, link, cause == null ? why : cause, peerMaySend, delimits);
    }

    @Override
    public boolean breaksOff(@Nullable IOException failure) {
        return stream != null && stream.wouldEndEarly(failure);
    }

    void letGo() {
        state = State.OVER;
        waiting = null;
        stream = null;
        intake.abandon();
    }

    void close(Cause why) {
        decide(why);
        link.close(null);
    }

    /** Sets the cause. Only the first one counts: the others follow from it. */
    void decide(Cause why) {
        if (cause == null) {
            cause = why;
        }
    }

    /** Answers without calling the handler, and ends the connection. */
    void refuse(Refusal refusal) {
        assert link.isHeldByCaller();
        decide(refusal.cause());
        context.observer.refused(refusal.status().code(), refusal.reason());
        Http1Intake.State reached = intake.state();
        if (reached == Http1Intake.State.STREAMING) {
            // The handler is at work already: it finds the body broken, and its failure is answered with this status.
            stream().beLast();
            intake.fail(new RefusedBodyException(refusal.status(), refusal.reason()));
            state = State.LAST;
            resumeAtEndOfExchange();
            return;
        }
        if (reached == Http1Intake.State.DISCARDING) {
            finish(refusal.cause(), true); // the request has its answer already
        } else if (!askForPage(refusal)) {
            answer(refusal, null);
        }
    }

    /** Lets the worker make the page; returns false if none is to be made, or the worker has no room. */
    private boolean askForPage(Refusal refusal) {
        if (context.options.errorPages() == null) {
            return false;
        }
        Exchange request = stream == null ? null : exchange();
        if (request != null && !request.claim()) {
            return false;
        }
        boolean given = context.calls.giveToWorker(() -> {
            Response plain = Responses.refusal(refusal.status());
            Response page = ErrorAnswers.inMemory(context, plain, refusal.reason(), request);
            link.execute(() -> refused(refusal, page == plain ? null : page));
        });
        if (given) {
            state = State.REFUSING;
            intake.refused(refusal);
            deadlines.rests(link.nanos());
            link.pauseInput();
            link.checkBy(deadlines.page());
        }
        return given;
    }

    /** Is called when the page has not come in time. */
    void giveUpPage() {
        refused(intake.refusal(), null);
    }

    private void refused(Refusal refusal, @Nullable Response page) {
        assert link.isHeldByCaller();
        if (state == State.REFUSING) {
            answer(refusal, page);
        }
    }

    /** Sends the page, or else plain text, and ends the connection. */
    private void answer(Refusal refusal, @Nullable Response page) {
        Scratch scratch = link.scratch();
        int bodyBytes = write(scratch, refusal, page);
        link.send(scratch);
        noteAnswer(refusal.status(), bodyBytes);
        finish(refusal.cause(), true);
    }

    private int write(Scratch scratch, Refusal refusal, @Nullable Response page) {
        boolean toHead = intake.isHeadRequest();
        byte[] content = page == null ? null : ErrorAnswers.contentOf(page);
        if (page != null && content != null) {
            try {
                return context.heads.writeRefusal(scratch.bytes, toHead, refusal.status(), page.headers(), content);
            } catch (RuntimeException e) {
                // A field cannot be written, and nothing has been: plain text it is.
            }
        }
        return context.heads.writeRefusal(scratch.bytes, toHead, refusal.status(), refusal.reason());
    }

    private void noteAnswer(Status status, int bodyBytes) {
        if (stream != null) {
            exchange().sent(bodyBytes);
            exchange().refused(status.code());
            return;
        }
        context.refused(status.code());
        if (context.observer.wantsExchanges()) {
            ExchangeTimes account = new ExchangeTimes(context, link, null, deadlines.inputNanos());
            account.sent(bodyBytes);
            account.finishWhenSent(link, status.code(), Outcome.REFUSED);
        }
    }

    Exchange exchange() {
        return stream().exchange();
    }

    Http1Stream stream() {
        if (stream == null) {
            throw new IllegalStateException("No exchange runs; " + state + ", " + intake.state());
        }
        return stream;
    }
}
