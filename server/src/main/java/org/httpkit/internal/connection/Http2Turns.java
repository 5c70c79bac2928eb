package org.httpkit.internal.connection;

import java.io.EOFException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.httpkit.internal.context.CallPlacer;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.exchange.EndedException;
import org.httpkit.internal.exchange.Exchange;
import org.httpkit.internal.exchange.Responses;
import org.httpkit.internal.http2.ErrorCode;
import org.httpkit.internal.net.Link;
import org.httpkit.server.CloseReason.Cause;
import org.jspecify.annotations.Nullable;

/** Runs the exchanges of an HTTP/2 connection side by side, and stops the connection. Confined to its loop thread. */
abstract class Http2Turns extends Http2Holdings {
    /** How soon the loop releases the stream of an exchange that ended on another thread, if nothing else comes. */
    private static final long RELEASE_NANOS = 1_000_000_000L;

    /** Streams whose handlers the loop itself calls, one after the other; null before the first. */
    private @Nullable ArrayDeque<Http2Stream> waitingCalls;

    /** Whether the loop makes one of these calls next, or right now. */
    private boolean calling;

    Http2Turns(ServerContext context, Link link, long openedNanos) {
        super(context, link, openedNanos);
    }

    // ---- calls

    /**
     * Calls the handler on the thread where this server makes its calls; on this loop only if the request is complete.
     */
    void run(Http2Stream stream, boolean complete) {
        assert link.isHeldByCaller();
        link.checkBy(inputNanos + RELEASE_NANOS); // its client may hold the answer back, and no other limit may be set
        Exchange next = stream.exchange();
        next.ready();
        if (!complete) {
            giveToWorker(stream); // it may wait for the body
            return;
        }
        next.call().identify();
        if (calling && context.calls.isQuick(next.call())) {
            waitingCalls().add(stream);
        } else {
            place(stream);
        }
    }

    private void place(Http2Stream stream) {
        stream.called = true;
        CallPlacer.Place place = context.calls.place(link, stream.exchange().call());
        switch (place) {
            case HERE -> {}
            case NEXT_ON_LOOP -> calling = true;
            case WORKER -> giveToWorker(stream);
        }
    }

    private void giveToWorker(Http2Stream stream) {
        stream.called = true;
        Exchange next = stream.exchange();
        if (!context.calls.giveToWorker(next.call())) {
            context.observer.workerSaturated(next);
            next.respond(Responses.OVERLOADED);
        }
    }

    private ArrayDeque<Http2Stream> waitingCalls() {
        ArrayDeque<Http2Stream> known = waitingCalls;
        if (known == null) {
            known = new ArrayDeque<>(8);
            waitingCalls = known;
        }
        return known;
    }

    /** Is called when the call has returned, or takes so long that the loop has gone on without it. */
    @Override
    public void onCalled() {
        calling = false;
        ArrayDeque<Http2Stream> waiting = waitingCalls;
        while (!calling && waiting != null && state != State.OVER) {
            Http2Stream next = waiting.poll();
            if (next == null) {
                waitingCalls = null;
                return;
            }
            if (!next.called) { // otherwise it was reset meanwhile
                place(next);
            }
        }
    }

    @Override
    public void onTurnEnd() {
        scheduler.flush();
    }

    // ---- streams

    @Override
    public void exchangeOver(Http2Stream stream) {
        assert link.isHeldByCaller();
        Http2Body body = stream.body;
        if (body != null) {
            body.discard();
        }
        noticeEnds();
        finishIfOver();
    }

    @Override
    public void drained(Http2Stream stream) {
        assert link.isHeldByCaller();
        Http2Tunnel tunnel = stream.tunnel;
        if (tunnel != null && tunnel.protocol() != null) {
            tunnel.protocol().onDrained();
        } else if (!stream.isClosed()) {
            stream.exchange().drained();
        }
    }

    @Override
    public void upgrade(Http2Stream stream, WebSocketConnection webSocket) {
        assert link.isHeldByCaller();
        Http2Tunnel tunnel = stream.tunnel;
        if (tunnel == null || state == State.OVER || stream.isClosed()) {
            webSocket.onClosed(null); // the client has gone meanwhile
            return;
        }
        ByteBuffer before = tunnel.begin(webSocket);
        link.batch(() -> webSocket.begin(before));
    }

    /** Ends our side; the client has some time to end its own. */
    @Override
    public void leaveTunnel(Http2Stream stream) {
        assert link.isHeldByCaller();
        stream.leftNanos = link.nanos();
        if (link.isInputEnded()) {
            scheduler.endInput(stream);
        }
        scheduler.end(stream);
        scheduler.flush();
        link.checkBy(context.timeouts.close(stream.leftNanos, context.isStopping()));
    }

    @Override
    public void heldBack() {
        assert Thread.holdsLock(scheduler);
        context.streamHeldBack();
    }

    @Override
    public void streamsEnded() {
        assert Thread.holdsLock(scheduler);
        link.execute(() -> link.batch(() -> {
            noticeEnds();
            finishIfOver();
        }));
    }

    @Override
    public void onInputEnd() {
        noticeEnds();
        if (state == State.OVER) {
            return;
        }
        for (Http2Stream stream : streams) {
            inputEnded(stream);
        }
        resetStuckStreams();
    }

    private void inputEnded(Http2Stream stream) {
        Http2Tunnel tunnel = stream.tunnel;
        if (tunnel != null && tunnel.protocol() != null) {
            scheduler.endInput(stream);
            tunnel.endInput();
            return;
        }
        if (stream.body != null) {
            reset(stream, ErrorCode.CANCEL, new EOFException("The client ended the connection within the body"));
        } else if (!stream.exchange().peerEnded()) {
            reset(
                    stream,
                    ErrorCode.CANCEL,
                    new EndedException(Cause.PEER_CLOSED, "The client has ended the connection"));
        }
    }

    @Override
    public void recheckInputEnd(Http2Stream stream) {
        assert link.isHeldByCaller();
        if (state != State.OVER && link.isInputEnded() && !stream.isClosed()) {
            inputEnded(stream);
            noticeEnds();
            finishIfOver();
        }
    }

    @Override
    void finishIfOver() {
        if (state == State.OVER || streams.size() > 0) {
            if (state != State.OVER && (state == State.LAST || link.isInputEnded())) {
                scheduler.tellEnds();
                noticeEnds();
                if (streams.size() == 0) {
                    finishIfOver();
                }
            }
            return;
        }
        if (hasPendingPages() || (isTakingRequest() && !link.isInputEnded())) {
            return; // its number is among those that GOAWAY says are taken
        }
        streams.rest();
        scheduler.rest();
        if (link.isInputEnded()) {
            finish(context.isStopping() ? Cause.SERVER_STOP : Cause.PEER_CLOSED, false);
        } else if (state == State.LAST) {
            finish(context.isStopping() ? Cause.SERVER_STOP : Cause.CLOSED, true);
        }
    }

    // ---- being given up, and the stop

    @Override
    public long idleSinceNanos() {
        noticeEnds();
        boolean idle = state == State.OPEN
                && streams.size() == 0
                && !hasPendingPages()
                && blockSinceNanos == NO_DEADLINE
                && link.isDrained();
        return idle ? Math.max(restsSinceNanos, link.progressNanos()) : NO_DEADLINE;
    }

    @Override
    public void giveUpIdle() {
        long since = idleSinceNanos();
        if (since != NO_DEADLINE) {
            context.connectionGivenUp(link, link.nanos() - since);
            end(Cause.CONNECTION_LIMIT, ErrorCode.NO_ERROR, "");
        }
    }

    @Override
    public boolean endsInTurn() {
        for (Http2Stream stream : streams) {
            if (stream.exchange().isOpenEnded()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Warns the client first and leaves it the time of a round trip, since requests that it sends before it knows are
     * answered.
     */
    @Override
    public void onServerStopping() {
        noticeEnds();
        if (state != State.OPEN) {
            return;
        }
        state = State.WARNED;
        warnedNanos = link.nanos();
        goAway(Integer.MAX_VALUE, ErrorCode.NO_ERROR, "");
        ping(WARNING);
        for (Http2Stream stream : streams) {
            stream.exchange().serverStopping();
        }
        link.checkBy(link.nanos());
    }

    @Override
    void allowNoMore() {
        if (state == State.WARNED) {
            state = State.LAST;
            goAway(ids.last(), ErrorCode.NO_ERROR, "");
            finishIfOver();
        }
    }
}
