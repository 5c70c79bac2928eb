package org.httpkit.internal.connection;

import java.nio.ByteBuffer;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.exchange.EndedException;
import org.httpkit.internal.http1.DecoderPool;
import org.httpkit.internal.net.Link;
import org.httpkit.server.CloseReason.Cause;
import org.jspecify.annotations.Nullable;

/** Moves an HTTP/1.1 connection from one exchange to the next, or waits for the next. Confined to its loop thread. */
abstract class Http1Turns extends Http1Ending {
    /** How often the loop checks on a connection whose next step is up to another thread. */
    static final long LOOK_NANOS = 5_000_000_000L;

    /** How soon the loop releases the request of an exchange that ended on another thread, if nothing else comes. */
    static final long RELEASE_NANOS = 1_000_000_000L;

    Http1Turns(ServerContext context, Link link, DecoderPool decoders, long openedNanos) {
        super(context, link, decoders, openedNanos);
    }

    /** Uses as much of the input as can be used now. */
    abstract void decode(ByteBuffer input);

    /** Reports to the input budget what this connection holds until more comes, or until another thread is done. */
    @Override
    public abstract void noteHeld();

    /** Goes on to the next request if the response of this one has been sent meanwhile. */
    void noticeEndOfExchange() {
        assert link.isHeldByCaller();
        switch (state) {
            case OPEN -> {
                Http1Stream ended = ended();
                if (ended != null) {
                    goOnBehind(ended);
                }
            }
            case LAST -> {
                if (ended() != null) {
                    finish(endOfExchange(), true);
                }
            }
            case CALLING, REFUSING, OVER -> {}
        }
    }

    /** Returns the stream if its exchange is over. After an abort the close comes next, with its cause. */
    private @Nullable Http1Stream ended() {
        Http1Stream last = stream;
        return last != null && last.isOver() && !last.isAborted() ? last : null;
    }

    private void goOnBehind(Http1Stream ended) {
        switch (intake.state()) {
            case DONE -> {
                if (ended.keepsConnection()) {
                    awaitNext(ended.endedNanos());
                } else {
                    // A client that asked for the close sends nothing more: no need to wait for it.
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

    @Override
    public void resume() {
        if (state != State.OVER) {
            link.batch(this::goOn);
        }
    }

    /** Is called when the call has returned, or takes so long that the loop has gone on without it. */
    @Override
    public void onCalled() {
        if (state == State.CALLING) {
            state = State.OPEN;
            goOn();
        }
    }

    void goOn() {
        assert link.isHeldByCaller();
        noticeEndOfExchange();
        link.resumeInput(); // before using the input that waits, which may be enough for now
        if (waiting != null) {
            deadlines.input(link.nanos()); // until now it could not be used, for which the client is not to blame
            decode(waiting);
        } else if (isResponding()) {
            link.checkBy(deadlines.inputNanos() + RELEASE_NANOS); // the loop is not needed before the exchange ends
            noteHeld();
        }
        recheckInputEnd();
        finishIfOver();
    }

    @Override
    public void recheckInputEnd() {
        if (link.isInputEnded()) {
            onInputEnd();
        }
    }

    @Override
    public void wantMoreBody() {
        assert link.isHeldByCaller();
        if (state == State.OPEN && intake.state() == Http1Intake.State.STREAMING) {
            deadlines.input(link.nanos());
            resume();
        }
    }

    void awaitNext(long nowNanos) {
        stream = null;
        link.holdsNothing();
        deadlines.rests(nowNanos);
        intake.next();
    }

    /** Ends an idle connection if no further request can come, or none is wanted. */
    void finishIfOver() {
        if (isIdle() && (link.isInputEnded() || context.isStopping())) {
            finish(endOfExchange(), false);
        }
    }

    /** Whether no byte of a request has come. */
    boolean isIdle() {
        return state == State.OPEN
                && intake.state() == Http1Intake.State.IDLE
                && waiting == null
                && intake.isBetweenRequests();
    }

    boolean isResponding() {
        return state == State.OPEN && intake.state() == Http1Intake.State.DONE;
    }

    @Override
    public long onDeadline(long nowNanos) {
        noticeEndOfExchange();
        if (state == State.OVER) {
            return nowNanos; // the link's new protocol checks its own deadlines
        }
        if (!link.waitsForPeer()) {
            return ownDeadline(nowNanos);
        }
        long deadline = context.timeouts.write(link.progressNanos());
        if (nowNanos < deadline) {
            return Math.min(deadline, ownDeadline(nowNanos));
        }
        link.close(new EndedException(Cause.WRITE_TIMEOUT, "The client took nothing of its answer for too long"));
        return NO_DEADLINE;
    }

    long ownDeadline(long nowNanos) {
        if (state == State.CALLING) {
            return nowNanos + LOOK_NANOS;
        }
        if (state == State.REFUSING) {
            long due = deadlines.page();
            if (nowNanos >= due) {
                giveUpPage();
            }
            return due;
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

    /** Schedules checks in any case, to release an exchange that has ended. */
    long answerDeadline(long nowNanos) {
        if (nowNanos >= exchange().unansweredUntil()) {
            exchange().answerIsDue(nowNanos);
        }
        return Math.min(nowNanos + LOOK_NANOS, exchange().unansweredUntil());
    }

    void headTookTooLong() {
        if (intake.isInHead()) {
            refuse(Refusal.HEAD_TOO_SLOW);
        } else {
            finish(Cause.HEADER_TIMEOUT, false);
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
}
