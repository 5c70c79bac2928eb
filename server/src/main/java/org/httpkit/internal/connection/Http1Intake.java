package org.httpkit.internal.connection;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.httpkit.http.Headers;
import org.httpkit.internal.exchange.BodyCollector;
import org.httpkit.internal.exchange.StreamedBody;
import org.httpkit.internal.fields.HeadLimits;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.fields.ViolationException;
import org.httpkit.internal.http1.DecoderPool;
import org.httpkit.internal.http1.RequestDecoder;
import org.jspecify.annotations.Nullable;

/**
 * Takes in the requests of one connection, one after the other: a head, then its body as the driver wants it. It has
 * neither a socket nor a clock. Confined to its loop thread.
 *
 * <pre>
 * State        what the driver calls, or advance finds             next
 * IDLE         the first byte of a head                            HEAD
 * IDLE, HEAD   a whole head                                        HEAD, until the driver says what becomes of the body
 * HEAD         collect                                             COLLECTING
 * HEAD         stream                                              STREAMING
 * COLLECTING   the end of the body                                 DONE
 * STREAMING    the end of the body                                 DONE
 * STREAMING    discard                                             DISCARDING
 * DISCARDING   the end of the body                                 IDLE
 * DONE         next                                                IDLE
 * </pre>
 */
final class Http1Intake {
    enum State {
        /** Between two requests. */
        IDLE,
        /** Within a head, or before the first byte of a new connection. */
        HEAD,
        /** The body is being collected; the handler has not been called. */
        COLLECTING,
        /** The handler reads the body as it arrives. */
        STREAMING,
        /** The request is answered, and the rest of its body is dropped. */
        DISCARDING,
        /** The request is complete. */
        DONE
    }

    /** What {@link #advance} found. */
    enum Step {
        /** All input is used up, and more is needed. */
        NEED_INPUT,
        /** The first bytes of a head have come, and all input is used up. */
        HEAD_BEGUN,
        /** A head is complete: the driver calls {@link #collect} or {@link #stream} next, or ends the connection. */
        HEAD,
        /** Part of a body for the handler was taken in: {@link #pieceBytes}. */
        BODY,
        /** As BODY, and the reader has enough for now. */
        BODY_ENOUGH,
        /** A collected body is, or is announced to be, larger than it may be. */
        TOO_LARGE,
        /** Part of an unwanted body was dropped. */
        DROPPED,
        /** As DROPPED, and the total exceeds what keeping the connection is worth. */
        DROPPED_TOO_MUCH,
        /** The request is complete. */
        COMPLETE,
        /** An unwanted body has ended: the next request may begin. */
        DISCARDED
    }

    /** Bytes of an unneeded body dropped at most to keep its connection. */
    static final long MAX_DISCARDED_BYTES = 256 * 1024;

    private final DecoderPool scratch;
    private State state = State.HEAD;
    /** Null while there is nothing to remember: most connections are idle most of the time. */
    private @Nullable RequestDecoder decoder;

    private @Nullable BodyCollector collector;
    private @Nullable StreamedBody streamed;
    private long maxBodyBytes;
    private int droppedBytes;
    /** Why the request gets an answer other than the handler's; null if it does not. */
    private @Nullable Refusal refusal;

    Http1Intake(DecoderPool scratch) {
        this.scratch = scratch;
    }

    State state() {
        return state;
    }

    // ---- steps

    /** Applies other limits from the next request on. To be called between two requests. */
    void setLimits(HeadLimits limits) {
        if (decoder != null) {
            decoder.setLimits(limits);
        }
    }

    /**
     * Uses input up to the next step.
     *
     * @param limits for a request that begins now
     */
    Step advance(ByteBuffer input, HeadLimits limits) throws ViolationException {
        RequestDecoder reading = decoder;
        if (reading == null) {
            reading = scratch.borrowDecoder(limits);
            decoder = reading;
        }
        return switch (reading.advance(input)) {
            case NEED_INPUT -> needInput();
            case HEAD -> {
                state = State.HEAD;
                yield Step.HEAD;
            }
            case BODY -> body(reading);
            case END -> end(reading);
        };
    }

    private Step needInput() {
        return switch (state) {
            case IDLE -> {
                if (!isInHead()) {
                    yield Step.NEED_INPUT;
                }
                state = State.HEAD;
                yield Step.HEAD_BEGUN;
            }
            case COLLECTING -> isTooLarge() ? Step.TOO_LARGE : Step.NEED_INPUT;
            case HEAD, STREAMING, DISCARDING -> Step.NEED_INPUT;
            case DONE -> throw unexpected("input");
        };
    }

    private Step body(RequestDecoder reading) {
        return switch (state) {
            case COLLECTING -> {
                if (isTooLarge()) {
                    yield Step.TOO_LARGE;
                }
                collector().append(reading.bodyArray(), reading.bodyOffset(), reading.bodyLength());
                yield Step.BODY;
            }
            case STREAMING -> {
                boolean wantsMore = streamed().offer(reading.bodyArray(), reading.bodyOffset(), reading.bodyLength());
                yield wantsMore ? Step.BODY : Step.BODY_ENOUGH;
            }
            case DISCARDING -> {
                droppedBytes += reading.bodyLength();
                yield droppedBytes > MAX_DISCARDED_BYTES ? Step.DROPPED_TOO_MUCH : Step.DROPPED;
            }
            case IDLE, HEAD, DONE -> throw unexpected("body");
        };
    }

    private Step end(RequestDecoder reading) {
        return switch (state) {
            case COLLECTING -> {
                state = State.DONE;
                yield Step.COMPLETE;
            }
            case STREAMING -> {
                state = State.DONE;
                StreamedBody body = streamed();
                streamed = null;
                body.end(reading.trailers());
                yield Step.COMPLETE;
            }
            case DISCARDING -> {
                next();
                yield Step.DISCARDED;
            }
            case IDLE, HEAD, DONE -> throw unexpected("end");
        };
    }

    // ---- what the driver decides

    /** Expects no body: the end comes next. */
    void expectNoBody() {
        require(State.HEAD);
        state = State.COLLECTING;
        collector = null;
        maxBodyBytes = Long.MAX_VALUE;
    }

    /**
     * Collects the body.
     *
     * @param atHandBytes bytes of input that are there already
     * @return false if the announced size exceeds the limit
     */
    boolean collect(long maxBytes, int atHandBytes) {
        require(State.HEAD);
        state = State.COLLECTING;
        maxBodyBytes = maxBytes;
        if (isTooLarge()) {
            return false;
        }
        collector = new BodyCollector(head().contentLength(), atHandBytes);
        return true;
    }

    /** Gives the body to a reader as it arrives. */
    void stream(StreamedBody body) {
        require(State.HEAD);
        state = State.STREAMING;
        streamed = body;
    }

    /** Drops the rest of the body of a request that is answered. */
    void discard() {
        require(State.STREAMING);
        streamed().discard();
        streamed = null;
        state = State.DISCARDING;
        droppedBytes = 0;
    }

    /** Fails the body: it will never be complete. */
    void fail(IOException cause) {
        require(State.STREAMING);
        StreamedBody body = streamed();
        streamed = null;
        state = State.DONE;
        body.fail(cause);
    }

    /** Ends the request: another may begin. */
    void next() {
        state = State.IDLE;
        collector = null;
        if (decoder != null) {
            decoder.release();
        }
        rest();
    }

    /** Refuses the request: takes in nothing more of it. */
    void refused(Refusal why) {
        refusal = why;
    }

    /** Takes in nothing more. */
    void abandon() {
        state = State.DONE;
        collector = null;
        streamed = null;
    }

    /** Returns the decoder to the pool if it has nothing to remember. */
    void rest() {
        if (decoder != null && decoder.isFresh() && (state == State.IDLE || state == State.HEAD)) {
            scratch.giveBack(decoder);
            decoder = null;
        }
    }

    // ---- facts

    /** Why the request was refused. */
    Refusal refusal() {
        if (refusal == null) {
            throw unexpected("no refusal");
        }
        return refusal;
    }

    /** The head of the request that is being taken in. */
    RequestHead head() {
        return decoder().head();
    }

    /** The trailers of the complete request. */
    Headers trailers() {
        return decoder().trailers();
    }

    /** The body of the complete request; null if it has none, or was streamed. */
    byte @Nullable [] takeBody() {
        BodyCollector collected = collector;
        collector = null;
        return collected == null ? null : collected.bytes();
    }

    /** Bytes of the body that the last step took in. */
    int pieceBytes() {
        return decoder().bodyLength();
    }

    /** Bytes of the body that have come so far. */
    long bodyBytes() {
        return decoder().bodyBytes();
    }

    /** Whether the last step took in the first piece of the body. */
    boolean isFirstPiece() {
        return decoder().bodyBytes() == decoder().bodyLength();
    }

    /** Whether the reader of a streamed body waits for more of it. */
    boolean isReaderWaiting() {
        return streamed != null && streamed.wantsMore();
    }

    /** Whether each request that has begun is over. */
    boolean isBetweenRequests() {
        return (state == State.IDLE || state == State.HEAD) && (decoder == null || decoder.isIdle());
    }

    /** Whether part of a head has come, but not all. */
    boolean isInHead() {
        return decoder != null && decoder.inHead();
    }

    /** Whether the current or refused request is a HEAD request, as far as it was read. */
    boolean isHeadRequest() {
        return decoder != null && decoder.isHeadRequest();
    }

    /** Bytes of heap that hold input which belongs to no exchange yet. */
    long heldBytes() {
        return switch (state) {
            case IDLE, DONE -> 0;
            case HEAD -> isInHead() ? decoder().heldBytes() : 0;
            case COLLECTING -> decoder().heldBytes() + (collector == null ? 0 : collector.heldBytes());
            case STREAMING -> decoder().heldBytes() + streamed().heldBytes();
            case DISCARDING -> decoder().heldBytes();
        };
    }

    private boolean isTooLarge() {
        return decoder().announcedBodyBytes() > maxBodyBytes;
    }

    private void require(State expected) {
        if (state != expected) {
            throw unexpected("not " + expected);
        }
    }

    private RequestDecoder decoder() {
        if (decoder == null) {
            throw unexpected("no decoder");
        }
        return decoder;
    }

    private BodyCollector collector() {
        if (collector == null) {
            throw unexpected("no collector");
        }
        return collector;
    }

    private StreamedBody streamed() {
        if (streamed == null) {
            throw unexpected("no streamed body");
        }
        return streamed;
    }

    private IllegalStateException unexpected(String what) {
        return new IllegalStateException(what + " in state " + state);
    }
}
