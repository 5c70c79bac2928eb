package org.httpkit.internal.connection;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.httpkit.http.Status;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.exchange.ProxyPreface;
import org.httpkit.internal.http2.BlockScratch;
import org.httpkit.internal.http2.ConnectionPreface;
import org.httpkit.internal.http2.ErrorCode;
import org.httpkit.internal.http2.FrameDecoder;
import org.httpkit.internal.http2.FrameEncoder;
import org.httpkit.internal.http2.Http2Violation;
import org.httpkit.internal.http2.Http2ViolationException;
import org.httpkit.internal.http2.OddFrames;
import org.httpkit.internal.http2.Settings;
import org.httpkit.internal.http2.StreamEvent;
import org.httpkit.internal.http2.StreamState;
import org.httpkit.internal.http2.StreamTransition;
import org.httpkit.internal.net.Link;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection (RFC 9113): takes in the client's frames and runs the exchange of each stream independently.
 * Confined to its loop thread.
 *
 * <p>Its layers: {@link Http2Ending} ends streams and the connection, {@link Http2Watch} keeps the deadlines, {@link
 * Http2Holdings} counts what is held, {@link Http2Turns} runs exchanges, {@link Http2Requests} takes in requests, and this class handles frames. The {@link
 * StreamScheduler} decides what leaves next.
 */
final class Http2Connection extends Http2Requests {
    /** Bytes of frames for the client that wait before we stop reading its input. */
    private static final int MAX_CONTROL_BYTES = 64 * 1024;

    /** Until the client's preface is complete. */
    private @Nullable ConnectionPreface preface;

    private boolean settingsAckDue = true;

    /** @param preface the rest of the client's preface, still to come; null if all has come */
    Http2Connection(
            ServerContext context,
            Link link,
            BlockScratch.Pool pool,
            @Nullable ProxyPreface proxied,
            @Nullable ConnectionPreface preface,
            long openedNanos) {
        super(context, link, pool, proxied, openedNanos);
        this.preface = preface;
        begin();
    }

    /** Sends what we accept. Called once, before anything else is sent. */
    void greet() {
        scheduler.control(out -> {
            FrameEncoder.settings(
                    out,
                    Settings.MAX_CONCURRENT_STREAMS,
                    MAX_STREAMS,
                    Settings.MAX_HEADER_LIST_SIZE,
                    context.http2Limits.maxHeaderListBytes(),
                    Settings.ENABLE_CONNECT_PROTOCOL,
                    1,
                    Settings.NO_RFC7540_PRIORITIES,
                    1);
            FrameEncoder.windowUpdate(out, 0, WINDOW_BYTES - Settings.DEFAULT_WINDOW_BYTES);
        });
    }

    @Override
    public void onInput(ByteBuffer input) {
        assert link.isHeldByCaller();
        noteInput();
        noticeEnds();
        try {
            ConnectionPreface awaited = preface;
            if (awaited == null || isPrefaceComplete(awaited, input)) {
                decode(input);
            }
        } catch (Http2ViolationException e) {
            fail(e.violation());
        }
        if (state == State.OVER) {
            input.position(input.limit());
            return;
        }
        noticeEnds();
        noteHeld();
        finishIfOver();
    }

    private boolean isPrefaceComplete(ConnectionPreface awaited, ByteBuffer input) throws Http2ViolationException {
        return switch (awaited.advance(input)) {
            case NEED_INPUT -> false;
            case OTHER -> throw Http2Violation.INVALID_PREFACE.exception();
            case COMPLETE -> {
                preface = null;
                yield true;
            }
        };
    }

    private void decode(ByteBuffer input) throws Http2ViolationException {
        while (state != State.OVER) {
            FrameDecoder.Step step = decoder.advance(input);
            if (step == FrameDecoder.Step.NEED_INPUT) {
                return;
            }
            try {
                take(step);
            } catch (Http2ViolationException e) {
                violated(decoder.streamId(), e.violation());
            }
        }
    }

    @Override
    public void onTurnEnd() {
        super.onTurnEnd();
        if (state != State.OVER && scheduler.controlBytes() > MAX_CONTROL_BYTES && link.waitsForPeer()) {
            link.pauseInput(); // until it reads the answers to what it sent
        }
    }

    @Override
    public void onDrained() {
        link.resumeInput();
    }

    private void take(FrameDecoder.Step step) throws Http2ViolationException {
        int id = decoder.streamId();
        switch (step) {
            case NEED_INPUT -> {}
            case DATA_BEGIN -> beginData(id);
            case DATA -> data();
            case DATA_END -> endData(id);
            case HEADERS -> beginBlock(id);
            case FRAGMENT -> hpackDecoder.decode(decoder.array(), decoder.sliceOffset(), decoder.sliceLength());
            case HEADERS_END -> endBlock(id);
            case PRIORITY -> note(OddFrames.Odd.PRIORITY);
            case RST_STREAM -> resetByClient(id);
            case SETTINGS -> settings();
            case SETTINGS_ACK -> {
                if (!settingsAckDue) {
                    note(OddFrames.Odd.SETTINGS_ACK);
                }
                settingsAckDue = false;
            }
            case PING -> {
                note(OddFrames.Odd.PING);
                long opaque = decoder.opaque();
                scheduler.control(out -> FrameEncoder.pingAck(out, opaque));
            }
            case PING_ACK -> pingAnswered(decoder.opaque());
            case GOAWAY, UNKNOWN -> note(OddFrames.Odd.UNKNOWN);
            case WINDOW_UPDATE -> windowUpdate(id);
            case PRIORITY_UPDATE -> priorityUpdate(id);
            case VIOLATION -> violated(id, decoder.violation());
        }
    }

    /** Is called when the client has broken a rule, of the connection or of a stream. */
    private void violated(int id, Http2Violation violation) throws Http2ViolationException {
        if (violation.scope() == Http2Violation.Scope.CONNECTION || !wasOpened(id)) {
            throw violation.exception(); // a stream that was never open cannot be reset (section 6.4)
        }
        receiver = null;
        note(violation == Http2Violation.TOO_MANY_STREAMS ? OddFrames.Waste.REFUSED : OddFrames.Waste.RESET_BY_SERVER);
        Http2Stream stream = streams.get(id);
        if (stream == null) {
            if (violation.status() != 0 && block == BlockPurpose.REQUEST) {
                block = BlockPurpose.UNWANTED;
                refuse(new PendingPages.Malformed(id, violation, malformedIsHead, inputNanos));
            } else {
                resetUnknown(id, violation);
            }
        } else if (violation.status() != 0 && !stream.called) {
            refuse(
                    stream,
                    Status.of(violation.status()),
                    violation.reason() + " (" + violation.section() + ")",
                    violation.errorCode());
        } else {
            context.observer.refused(400, violation.reason() + " (" + violation.section() + ")");
            if (!reset(stream, violation.errorCode(), new StreamException(violation.reason()))) {
                scheduler.control(out -> FrameEncoder.rstStream(out, id, violation.errorCode()));
            }
        }
        noticeEnds();
    }

    private boolean wasOpened(int id) {
        StreamState known = ids.stateOf(id);
        return known != StreamState.IDLE && known != StreamState.SKIPPED;
    }

    private void resetUnknown(int id, Http2Violation violation) {
        context.observer.refused(400, violation.reason() + " (" + violation.section() + ")");
        context.streamReset(null, false, violation.errorCode().name());
        scheduler.control(out -> FrameEncoder.rstStream(out, id, violation.errorCode()));
        if (id == ids.last() && ids.stateOf(id) == StreamState.ENDED) {
            ids.close(id, StreamState.RESET_BY_SERVER);
        }
    }

    // ---- control

    private void resetByClient(int id) throws Http2ViolationException {
        Http2Stream stream = streams.get(id);
        if (stream == null) {
            StreamTransition late = StreamTransition.of(ids.stateOf(id), StreamEvent.RECEIVE_RST_STREAM);
            if (late.violation() != null) {
                throw late.violation().exception();
            }
            note(OddFrames.Odd.LATE);
            return;
        }
        boolean unanswered = scheduler.stateOf(stream).sends();
        String code = ErrorCode.nameOf(decoder.errorCode());
        IOException cause = new StreamException("The client has reset the stream with " + code);
        if (scheduler.resetByClient(stream, cause).outcome() != StreamTransition.Outcome.PROCEED) {
            return;
        }
        context.streamReset(stream.exchange(), true, code);
        endExchange(stream, cause, false);
        noticeEnds();
        if (unanswered) {
            note(OddFrames.Waste.CANCELLED);
        }
    }

    private void settings() throws Http2ViolationException {
        note(OddFrames.Odd.SETTINGS);
        boolean tableLowered = settings.leastHeaderTableBytes() < Settings.DEFAULT_TABLE_BYTES;
        if (tableLowered) {
            hpack.clientLowersTable();
        }
        int change = settings.takeWindowChange();
        if (change != 0) {
            synchronized (scheduler) {
                odd.noteWindowChange(streams.size(), inputNanos);
            }
            scheduler.resize(streams, change);
        }
        scheduler.acknowledgeSettings(tableLowered);
    }

    private void windowUpdate(int id) throws Http2ViolationException {
        note(OddFrames.Odd.WINDOW_UPDATE);
        if (id == 0) {
            scheduler.credit(decoder.increment());
            return;
        }
        Http2Stream stream = streams.get(id);
        StreamTransition transition = StreamTransition.of(
                stream == null ? ids.stateOf(id) : scheduler.stateOf(stream), StreamEvent.RECEIVE_WINDOW_UPDATE);
        if (transition.violation() != null) {
            throw transition.violation().exception();
        }
        if (transition.outcome() == StreamTransition.Outcome.PROCEED && stream != null) {
            scheduler.credit(stream, decoder.increment());
        }
    }

    private void priorityUpdate(int id) throws Http2ViolationException {
        note(OddFrames.Odd.PRIORITY);
        Http2Stream stream = streams.get(id);
        if (stream != null) {
            scheduler.prioritize(stream, decoder.priority());
        }
    }
}
