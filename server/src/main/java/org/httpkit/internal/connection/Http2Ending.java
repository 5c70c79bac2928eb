package org.httpkit.internal.connection;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.httpkit.http.Headers;
import org.httpkit.http.Method;
import org.httpkit.http.Status;
import org.httpkit.internal.bytes.ByteQueue;
import org.httpkit.internal.context.ResponseHeads;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.exchange.EndedException;
import org.httpkit.internal.exchange.ErrorAnswers;
import org.httpkit.internal.exchange.ExchangeTimes;
import org.httpkit.internal.exchange.RefusedBodyException;
import org.httpkit.internal.http2.ErrorCode;
import org.httpkit.internal.http2.FrameEncoder;
import org.httpkit.internal.http2.HpackEncoder;
import org.httpkit.internal.http2.Http2Violation;
import org.httpkit.internal.http2.OddFrames;
import org.httpkit.internal.http2.Settings;
import org.httpkit.internal.http2.StreamIds;
import org.httpkit.internal.http2.StreamState;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Protocol;
import org.httpkit.server.CloseReason.Cause;
import org.httpkit.server.FinishedExchange.Outcome;
import org.httpkit.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * Ends HTTP/2 streams and their connection: with an answer by the server or without one, at once or when all output has
 * left. Confined to its loop thread.
 */
abstract class Http2Ending implements Protocol, Http2Stream.Owner, StreamScheduler.Owner {
    enum State {
        /** The client may open streams. */
        OPEN,
        /** As OPEN, but the client has received the warning that it soon may not (RFC 9113 section 6.8). */
        WARNED,
        /** The open streams are the last. */
        LAST,
        /** Another protocol owns the link, or the link is closed. */
        OVER
    }

    private static final int REFUSAL_BYTES = 160;

    /** The context of the connection, and of requests that begin now. */
    ServerContext context;

    final Link link;

    final StreamTable streams = new StreamTable();

    final StreamIds ids = new StreamIds();

    final Settings settings = new Settings();

    final HpackEncoder hpack = new HpackEncoder();

    final OddFrames odd;

    final StreamScheduler scheduler;

    State state = State.OPEN;

    /** The last stream that we take, as announced to the client. */
    private int lastTaken = Integer.MAX_VALUE;

    /** Made for the first malformed request, if there are pages. */
    private @Nullable PendingPages pages;

    /** Why the connection ends; null before that is decided. */
    @Nullable
    Cause cause;

    Http2Ending(ServerContext context, Link link) {
        this.context = context;
        this.link = link;
        this.odd = new OddFrames(link.nanos());
        this.scheduler = new StreamScheduler(link, this, odd);
    }

    /** Sets the cause. Only the first one counts: the others follow from it. */
    void decide(Cause why) {
        if (cause == null) {
            cause = why;
        }
    }

    void close(Cause why) {
        decide(why);
        link.close(null);
    }

    // ---- streams

    /** Releases the streams that have ended meanwhile. */
    void noticeEnds() {
        assert link.isHeldByCaller();
        StreamOutput first = scheduler.takeEnded();
        for (StreamOutput ended = first; ended != null; ended = ended.nextEnded) {
            if (ended instanceof Http2Stream stream && streams.get(stream.id) == stream) {
                streams.remove(stream.id);
                if (state != State.OVER) { // otherwise all were counted
                    context.streamsEnded(1);
                }
                StreamState last = scheduler.stateOf(stream);
                ids.close(stream.id, last);
                letGo(stream, last);
            }
        }
        if (first != null) {
            noteHeld();
        }
    }

    /** Whether a malformed request waits for its answer. */
    boolean hasPendingPages() {
        return pages != null && !pages.isEmpty();
    }

    /** Answers the malformed requests whose pages are late; returns when the next one is due. */
    long pagesDeadline(long nowNanos) {
        return pages == null ? NO_DEADLINE : pages.giveUpLate(nowNanos);
    }

    /** Releases a stream that has ended; its exchange may go on without it. */
    abstract void letGo(Http2Stream stream, StreamState last);

    /** Ends the exchange of a stream that the client has reset, or the server resets. */
    void endExchange(Http2Stream stream, @Nullable IOException failure, boolean interrupt) {
        Http2Body body = stream.body;
        stream.body = null;
        if (body != null) {
            body.fail(failure == null ? new StreamException("The stream is closed") : failure);
        }
        Http2Tunnel tunnel = stream.tunnel;
        stream.tunnel = null;
        if (tunnel != null) {
            tunnel.closed(failure);
        }
        stream.exchange().connectionClosed(failure, interrupt);
        if (!stream.called) {
            stream.called = true;
            stream.beOver();
            stream.exchange().endWithConnection(0);
        }
    }

    @Override
    public void reset(Http2Stream stream, @Nullable IOException cause) {
        if (state == State.OVER || stream.isClosed()) {
            return;
        }
        IOException why = cause == null ? new StreamException("The stream is closed") : cause;
        reset(stream, codeOf(why), why);
        noticeEnds();
        finishIfOver();
    }

    private static ErrorCode codeOf(IOException cause) {
        return switch (EndedException.causeOf(cause)) {
            case HANDLER_ERROR -> ErrorCode.INTERNAL_ERROR;
            case SERVER_STOP, OVERLOAD, SLOW_CONSUMER -> ErrorCode.ENHANCE_YOUR_CALM;
            default -> ErrorCode.CANCEL;
        };
    }

    /** Resets the stream; returns false if it has ended meanwhile, so that the client receives no reset. */
    boolean reset(Http2Stream stream, ErrorCode code, IOException cause) {
        assert link.isHeldByCaller();
        boolean told = scheduler.close(stream, code, cause);
        if (told) {
            context.streamReset(stream.exchange(), false, code.name());
        }
        endExchange(stream, cause, false);
        return told;
    }

    @Override
    public void streamsStuck() {
        assert Thread.holdsLock(scheduler);
        link.execute(() -> link.batch(this::resetStuckStreams));
    }

    /** Resets the streams that wait for a window: a client that has ended its side can open none. */
    void resetStuckStreams() {
        if (state == State.OVER) {
            return;
        }
        scheduler.tellStuckStreams();
        for (Http2Stream stream : streams) {
            if (scheduler.holdsBack(stream)) {
                reset(
                        stream,
                        ErrorCode.CANCEL,
                        new EndedException(
                                Cause.PEER_CLOSED, "The client has ended the connection, so it takes no more"));
            }
        }
        noticeEnds();
        finishIfOver();
    }

    /** Answers without calling the handler. */
    void refuse(Http2Stream stream, Refusal refusal, ErrorCode code) {
        refuse(stream, refusal.status(), refusal.reason(), code);
    }

    void refuse(Http2Stream stream, Status status, String reason, ErrorCode code) {
        assert link.isHeldByCaller();
        context.observer.refused(status.code(), reason);
        Http2Body body = stream.body;
        stream.body = null;
        if (stream.called) {
            // The handler is at work already: it finds the body broken, and its failure is answered with this status.
            if (body != null) {
                body.fail(new RefusedBodyException(status, reason));
            }
            return;
        }
        stream.called = true;
        stream.codeOfRefusal = code;
        if (stream.exchange().refuseByPage(status, reason)) {
            noteReset(stream, code);
            return;
        }
        byte[] content = contentOf(stream, reason);
        scheduler.refuse(stream.id, stream, refusal(status, ResponseHeads.refusalFields(status)), content, 0, code);
        noteReset(stream, code);
        stream.exchange().sent(content.length);
        stream.exchange().refused(status.code());
        stream.beOver();
    }

    private void noteReset(Http2Stream stream, ErrorCode code) {
        if (code != ErrorCode.NO_ERROR) {
            context.streamReset(stream.exchange(), false, code.name());
        }
    }

    private static byte[] contentOf(Http2Stream stream, String reason) {
        boolean toHead = stream.exchange().method().equals(Method.HEAD);
        return toHead ? new byte[0] : reason.getBytes(StandardCharsets.UTF_8);
    }

    /** Answers a request that cannot be understood, without making a stream for it. */
    void refuse(PendingPages.Malformed request) {
        context.observer.refused(request.violation().status(), request.reason());
        ids.close(request.id(), StreamState.RESET_BY_SERVER);
        context.streamReset(null, false, request.violation().errorCode().name());
        if (context.options.errorPages() != null && pages == null) {
            pages = new PendingPages(link, this::answer);
        }
        if (pages == null) {
            answer(request, null);
        } else {
            pages.answer(context, request);
        }
    }

    /** Sends the page, or else plain text. */
    private void answer(PendingPages.Malformed request, @Nullable Response page) {
        byte[] shaped = page == null ? null : ErrorAnswers.contentOf(page);
        Headers fields =
                page == null || shaped == null ? ResponseHeads.refusalFields(request.status()) : page.headers();
        byte[] whole = shaped == null ? request.reason().getBytes(StandardCharsets.UTF_8) : shaped;
        byte[] content = request.toHead() ? new byte[0] : whole;
        scheduler.refuse(
                request.id(),
                null,
                refusal(request.status(), fields),
                content,
                settings.initialWindowBytes(),
                request.violation().errorCode());
        context.refused(request.status().code());
        if (context.observer.wantsExchanges()) {
            ExchangeTimes account = new ExchangeTimes(context, link, null, request.receivedNanos());
            account.sent(content.length);
            account.finishWhenSent(link, request.status().code(), Outcome.REFUSED);
        }
        finishIfOver();
    }

    /** Makes the head of a refusal: without Content-Length, because the windows may have no room for the content. */
    private ByteQueue refusal(Status status, Headers fields) {
        ByteQueue head = new ByteQueue(REFUSAL_BYTES);
        FrameEncoder.beginHeaders(head);
        try {
            context.blocks.write(hpack, head, status, fields, -1);
        } catch (IllegalArgumentException e) { // a field cannot be written, and nothing has been
            context.blocks.write(hpack, head, status, ResponseHeads.refusalFields(status), -1);
        }
        return head;
    }

    // ---- the connection

    /** Ends the connection when the client has broken a rule on which all streams depend. */
    void fail(Http2Violation violation) {
        String reason = violation.reason() + " (" + violation.section() + ")";
        context.observer.refused(Status.BAD_REQUEST.code(), reason);
        end(
                violation == Http2Violation.TOO_MANY_ODD_FRAMES || violation == Http2Violation.TOO_MANY_RESETS
                        ? Cause.OVERLOAD
                        : Cause.PROTOCOL_ERROR,
                violation.errorCode(),
                reason);
    }

    /** Ends the connection with what has been handed over, and all streams with it. */
    void end(Cause why, ErrorCode code, String words) {
        if (state == State.OVER) {
            return;
        }
        decide(why);
        goAway(ids.last(), code, words);
        finish(why, true);
    }

    /**
     * Ends the connection once everything handed over has left.
     *
     * @param peerMaySend whether the peer may still be sending, so that it needs time to read
     */
    void finish(Cause why, boolean peerMaySend) {
        assert link.isHeldByCaller();
        decide(why);
        Cause decided = cause == null ? why : cause;
        state = State.OVER;
        dropPages();
        scheduler.flushBeforeEnd();
        EndedException failure = new EndedException(decided, "The connection has ended");
        for (Http2Stream stream : streams) {
            endExchange(stream, failure, context.isStopping());
        }
        context.streamsEnded(streams.size());
        scheduler.abandon(streams, failure);
        release();
        Lingering.begin(context, link, decided, peerMaySend);
    }

    private void dropPages() {
        if (pages != null) {
            pages.drop();
        }
    }

    /** Returns what was borrowed. */
    abstract void release();

    /** Ends the connection if nothing is left to do on it. */
    abstract void finishIfOver();

    /** Announces the last stream that we take, never a later one than before (RFC 9113 section 6.8). */
    void goAway(int last, ErrorCode code, String words) {
        lastTaken = Math.min(lastTaken, last);
        int said = lastTaken;
        scheduler.control(out -> FrameEncoder.goAway(out, said, code, words));
    }

    @Override
    public void onClosed(@Nullable IOException failure) {
        assert link.isHeldByCaller();
        if (failure != null) {
            decide(EndedException.causeOf(failure));
        }
        decide(context.isStopping() ? Cause.SERVER_STOP : Cause.CLOSED);
        boolean first = state != State.OVER;
        state = State.OVER;
        dropPages();
        if (first) {
            for (Http2Stream stream : streams) {
                endExchange(stream, failure, context.isStopping());
            }
            context.streamsEnded(streams.size());
            scheduler.abandon(streams, failure == null ? new IOException("The connection is closed") : failure);
            release();
        }
        context.closed(link, cause == null ? Cause.CLOSED : cause, failure);
    }
}
