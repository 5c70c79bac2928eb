package org.httpkit.internal.connection;

import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.context.Timeouts;
import org.httpkit.internal.exchange.EndedException;
import org.httpkit.internal.http2.ErrorCode;
import org.httpkit.internal.http2.FrameEncoder;
import org.httpkit.internal.http2.Http2ViolationException;
import org.httpkit.internal.http2.OddFrames;
import org.httpkit.internal.net.Link;
import org.httpkit.server.CloseReason.Cause;

/**
 * Keeps the deadlines of an HTTP/2 connection, sends its pings, and has its odd frames weighed by the clock. Confined to
 * its loop thread.
 */
abstract class Http2Watch extends Http2Ending {
    /** How often the loop checks on a connection with open streams. */
    static final long LOOK_NANOS = 5_000_000_000L;

    /** How long the client has to learn that it may soon open no more streams. */
    private static final long WARNING_NANOS = 1_000_000_000L;

    /** Unanswered pings after which the peer counts as dead. */
    private static final int MAX_UNANSWERED_PINGS = 2;

    /** Payloads of our PINGs: one asks for a sign of life, the other one follows the warning. */
    private static final long ALIVE = 0x616c6976653fL;

    static final long WARNING = 0x7761726e696eL;

    long inputNanos;
    /** Since when the connection has rested, or has waited for its first request. */
    long restsSinceNanos;
    /** Since when a field block has been incomplete; {@link #NO_DEADLINE} if none is. */
    long blockSinceNanos = NO_DEADLINE;

    long warnedNanos = NO_DEADLINE;
    private byte unansweredPings;
    /** How many of our PINGs the client has not answered at all. */
    private int pingsOut;

    Http2Watch(ServerContext context, Link link, long openedNanos) {
        super(context, link);
        this.restsSinceNanos = openedNanos;
        this.inputNanos = link.nanos();
    }

    /** Forbids new streams, once the client knows of the stop, or could have known. */
    abstract void allowNoMore();

    /** Whether part of a request's head has come, and the rest is awaited. */
    abstract boolean isTakingRequest();

    /** Looks at the exchanges that have outlived their streams; returns when to look again. */
    abstract long orphansDeadline(long nowNanos);

    /** Schedules the first check. */
    void begin() {
        link.checkBy(Math.min(context.timeouts.header(restsSinceNanos), context.timeouts.idle(inputNanos)));
    }

    /** Notes input, a sign of life. */
    void noteInput() {
        inputNanos = link.nanos();
        unansweredPings = 0;
    }

    void note(OddFrames.Odd what) throws Http2ViolationException {
        synchronized (scheduler) {
            odd.note(what, inputNanos);
        }
    }

    void note(OddFrames.Waste what) throws Http2ViolationException {
        synchronized (scheduler) {
            odd.note(what, inputNanos);
        }
    }

    void ping(long payload) {
        pingsOut++;
        scheduler.control(out -> FrameEncoder.ping(out, payload));
    }

    /** Is called when the client answers a PING, which may never have been sent. */
    void pingAnswered(long payload) throws Http2ViolationException {
        if (pingsOut == 0 || (payload != ALIVE && payload != WARNING)) {
            note(OddFrames.Odd.PING_ACK);
            return;
        }
        pingsOut--;
        if (payload == WARNING) {
            allowNoMore();
        }
    }

    @Override
    public long onDeadline(long nowNanos) {
        assert link.isHeldByCaller();
        noticeEnds();
        finishIfOver();
        if (state == State.OVER) {
            return nowNanos; // the link's new protocol checks its own deadlines
        }
        if (link.waitsForPeer()) {
            long deadline = context.timeouts.write(link.progressNanos());
            if (nowNanos >= deadline) {
                link.close(new EndedException(Cause.WRITE_TIMEOUT, "The client took nothing for too long"));
                return NO_DEADLINE;
            }
            return Math.min(deadline, ownDeadline(nowNanos));
        }
        return ownDeadline(nowNanos);
    }

    private long ownDeadline(long nowNanos) {
        long next = state == State.WARNED ? warningDeadline(nowNanos) : NO_DEADLINE;
        if (blockSinceNanos != NO_DEADLINE) {
            next = Math.min(next, blockDeadline(nowNanos));
        }
        next = Math.min(next, Math.min(pagesDeadline(nowNanos), orphansDeadline(nowNanos)));
        if (state == State.OVER) {
            return nowNanos;
        }
        if (streams.size() == 0 && (isTakingRequest() || hasPendingPages())) {
            return Math.min(next, nowNanos + LOOK_NANOS);
        }
        if (streams.size() == 0) {
            return Math.min(next, restDeadline(nowNanos));
        }
        for (Http2Stream stream : streams) {
            next = Math.min(next, streamDeadline(stream, nowNanos));
        }
        noticeEnds();
        finishIfOver();
        if (state == State.OVER) {
            return nowNanos;
        }
        next = Math.min(next, pingDeadline(nowNanos));
        return Math.min(next, Math.min(nowNanos + LOOK_NANOS, context.timeouts.write(nowNanos)));
    }

    private long warningDeadline(long nowNanos) {
        if (nowNanos >= warnedNanos + WARNING_NANOS) {
            allowNoMore();
        }
        return warnedNanos + WARNING_NANOS;
    }

    private long blockDeadline(long nowNanos) {
        long deadline = context.timeouts.header(blockSinceNanos);
        if (nowNanos >= deadline) {
            end(Cause.HEADER_TIMEOUT, ErrorCode.NO_ERROR, "A field block took too long");
        }
        return deadline;
    }

    private long restDeadline(long nowNanos) {
        boolean used = ids.openedCount() > 0;
        Timeouts timeouts = context.current().timeouts;
        long since = Math.max(restsSinceNanos, link.progressNanos());
        long deadline = used ? timeouts.idle(since) : Math.min(timeouts.header(restsSinceNanos), timeouts.idle(since));
        if (nowNanos >= deadline) {
            end(used ? Cause.IDLE_TIMEOUT : Cause.HEADER_TIMEOUT, ErrorCode.NO_ERROR, "");
        }
        return deadline;
    }

    private long streamDeadline(Http2Stream stream, long nowNanos) {
        long next = Math.min(bodyDeadline(stream, nowNanos), tunnelDeadline(stream, nowNanos));
        long due = stream.exchange().unansweredUntil();
        if (nowNanos >= due) {
            stream.exchange().answerIsDue(nowNanos);
            due = stream.exchange().unansweredUntil();
        }
        long taken = context.timeouts.write(scheduler.heldBackSince(stream, nowNanos));
        if (nowNanos >= taken) {
            reset(
                    stream,
                    ErrorCode.CANCEL,
                    new EndedException(Cause.WRITE_TIMEOUT, "The client took nothing of its answer for too long"));
        }
        return Math.min(next, Math.min(due, taken));
    }

    private long tunnelDeadline(Http2Stream stream, long nowNanos) {
        Http2Tunnel tunnel = stream.tunnel;
        if (tunnel == null || tunnel.protocol() == null) {
            return NO_DEADLINE;
        }
        if (stream.leftNanos == NO_DEADLINE) {
            return tunnel.onDeadline(nowNanos);
        }
        long deadline = context.timeouts.close(leftSince(stream, nowNanos), context.isStopping());
        if (nowNanos >= deadline) {
            reset(stream, ErrorCode.CANCEL, new EndedException(Cause.CLOSED, "The client has not ended the stream"));
        }
        return deadline;
    }

    /** When to count from: a client cannot have seen an end that has not left. Until it has, the write timeout counts. */
    private long leftSince(Http2Stream stream, long nowNanos) {
        boolean waits = stream.waitsForPeer() || link.waitsForPeer();
        if (waits || stream.endWaited) {
            stream.leftNanos = nowNanos;
        }
        stream.endWaited = waits;
        return stream.leftNanos;
    }

    /** A collected body has to come in time; the reader of a streamed one may wait for as long as the client lives. */
    private long bodyDeadline(Http2Stream stream, long nowNanos) {
        Http2Body body = stream.body;
        if (body == null || body.state() != Http2Body.State.COLLECTING) {
            return NO_DEADLINE;
        }
        Timeouts timeouts = stream.exchange().context.timeouts;
        long bytes = body.receivedBytes();
        body.sinceNanos = timeouts.rateSince(bytes, body.sinceNanos, nowNanos);
        long deadline = timeouts.body(bytes == 0 ? body.sinceNanos : body.inputNanos);
        if (nowNanos >= deadline || timeouts.isBodyTooSlow(bytes, body.sinceNanos, nowNanos)) {
            refuse(stream, Refusal.BODY_TOO_SLOW, ErrorCode.NO_ERROR);
            return NO_DEADLINE;
        }
        return Math.min(deadline, nowNanos + Timeouts.RATE_GRACE_NANOS);
    }

    /** A client that has ended its side cannot answer; what it does not take is due by the timeouts for output. */
    private long pingDeadline(long nowNanos) {
        if (link.isInputEnded()) {
            return NO_DEADLINE;
        }
        long deadline = context.timeouts.ping(inputNanos, unansweredPings);
        if (nowNanos < deadline) {
            return deadline;
        }
        if (unansweredPings == MAX_UNANSWERED_PINGS) {
            link.close(new EndedException(Cause.IDLE_TIMEOUT, "The client does not answer pings"));
            return NO_DEADLINE;
        }
        unansweredPings++;
        ping(ALIVE);
        return context.timeouts.ping(inputNanos, unansweredPings);
    }
}
