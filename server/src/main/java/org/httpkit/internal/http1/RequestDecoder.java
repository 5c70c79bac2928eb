package org.httpkit.internal.http1;

import static org.httpkit.internal.bytes.Ascii.CR;
import static org.httpkit.internal.bytes.Ascii.LF;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.httpkit.http.Headers;
import org.httpkit.http.Method;
import org.httpkit.internal.fields.HeadLimits;
import org.httpkit.internal.fields.HeadParser;
import org.httpkit.internal.fields.RequestHead;
import org.httpkit.internal.fields.Violation;
import org.httpkit.internal.fields.ViolationException;
import org.jspecify.annotations.Nullable;

/**
 * Turns a connection's bytes into the parts of its requests, one request after another (RFC 9112). Serves one
 * connection at a time; confined to its loop.
 *
 * <p>Each request gives {@code HEAD}, any number of {@code BODY}, {@code END}. However the bytes were split, the steps
 * are the same, except for the boundaries between {@code BODY} steps; so is the byte at which the decoder finds a
 * violation, and it consumes nothing after that byte. Between requests the decoder owns no buffer; see {@link
 * #release}.
 */
public final class RequestDecoder {
    /** The result of {@link #advance}. */
    public enum Step {
        /** All input is consumed and no step is complete. */
        NEED_INPUT,
        /** A request's head is complete: see {@link #head}. */
        HEAD,
        /** Some bytes of its body have arrived, at least one: see {@link #bodyArray}. */
        BODY,
        /** The request is complete: see {@link #trailers}. Needs no further input. */
        END
    }

    private enum State {
        HEAD,
        LENGTH_BODY,
        CHUNKED_BODY,
        TRAILERS,
        END,
        FAILED
    }

    /** How much of the one empty line that may precede a request line has arrived (RFC 9112 section 2.2). */
    private enum EmptyLine {
        NONE,
        CARRIAGE_RETURN,
        WHOLE
    }

    private final DecoderPool scratch;
    private HeadLimits limits;
    private State state = State.HEAD;
    private EmptyLine emptyLine = EmptyLine.NONE;
    /** The parser of a head or trailer section that is incomplete in the input. */
    private @Nullable HeadParser incomplete;

    private @Nullable RequestHead head;
    private boolean headRefused;
    private @Nullable ChunkedBody chunks;
    private Headers trailers = Headers.empty();
    private byte @Nullable [] bodyArray;
    private int bodyOffset;
    private int bodyLength;
    private long bodyBytes;
    /** The part of a body of known length that is still to come. */
    private long remainingBytes;

    public RequestDecoder(HeadLimits limits, DecoderPool scratch) {
        this.limits = limits;
        this.scratch = scratch;
    }

    /**
     * Consumes input up to the next step.
     *
     * @param in backed by an array
     * @throws ViolationException if the request breaks a rule; the caller can only answer and close the connection
     * @throws IllegalStateException after a violation
     */
    public Step advance(ByteBuffer in) throws ViolationException {
        try {
            return switch (state) {
                case HEAD -> advanceHead(in);
                case LENGTH_BODY -> advanceLengthBody(in);
                case CHUNKED_BODY -> advanceChunkedBody(in);
                case TRAILERS -> advanceTrailers(in);
                case END -> end();
                case FAILED -> throw new IllegalStateException("Nothing can be read after a violation");
            };
        } catch (ViolationException e) {
            boolean begun = state != State.HEAD || incomplete != null;
            headRefused = begun && isHeadRequest();
            state = State.FAILED;
            incomplete = null;
            throw e;
        }
    }

    /** Whether the latest request, read or refused, is known to be a HEAD, so that the answer has no body. */
    public boolean isHeadRequest() {
        if (state == State.FAILED) {
            return headRefused;
        }
        if (state == State.HEAD && incomplete != null) {
            return incomplete.isHeadRequest();
        }
        return head != null && head.method().equals(Method.HEAD);
    }

    /** The request's head, from its {@code HEAD} until the next or until {@link #release}. */
    public RequestHead head() {
        RequestHead known = head;
        if (known == null) {
            throw new IllegalStateException("There is no head before HEAD or after release");
        }
        return known;
    }

    /** The array that holds the bytes of the last {@code BODY}: the input's array. Valid until the next advance. */
    public byte[] bodyArray() {
        byte[] known = bodyArray;
        if (known == null) {
            throw new IllegalStateException("There is no body part but right after BODY");
        }
        return known;
    }

    /** Where in {@link #bodyArray} the bytes of the last {@code BODY} begin. */
    public int bodyOffset() {
        return bodyOffset;
    }

    /** How many bytes the last {@code BODY} has. */
    public int bodyLength() {
        return bodyLength;
    }

    /** How many bytes of this request's body were handed out so far, without chunk framing. */
    public long bodyBytes() {
        return bodyBytes;
    }

    /**
     * The least length of this request's body, as declared so far: all of Content-Length, or the chunks handed out plus
     * the whole chunk that has begun. It grows without a step, so callers must compare it with a limit after every
     * advance.
     */
    public long announcedBodyBytes() {
        if (chunks == null) {
            return bodyBytes + remainingBytes;
        }
        long announced = bodyBytes + chunks.remaining();
        return announced < 0 ? Long.MAX_VALUE : announced;
    }

    /** The trailer fields, after {@code END} until the next advance or until {@link #release}. */
    public Headers trailers() {
        return trailers;
    }

    /** Whether the decoder is between two requests and has seen at most an empty line of the next. */
    public boolean isIdle() {
        return state == State.HEAD && incomplete == null;
    }

    /** Whether the decoder remembers nothing, so that it can continue with another connection. */
    public boolean isFresh() {
        return isIdle() && emptyLine == EmptyLine.NONE;
    }

    /** Whether a head has begun but is incomplete. */
    public boolean inHead() {
        return state == State.HEAD && incomplete != null;
    }

    /** Size of the arrays that hold the head or the trailers, complete or not, in bytes. */
    public long heldBytes() {
        long held = head == null ? 0 : head.heldBytes();
        return incomplete == null ? held : held + incomplete.heldBytes();
    }

    /** Sets the limits from the next request on. */
    public void setLimits(HeadLimits limits) {
        this.limits = limits;
    }

    /** Releases the head and the trailers of a finished request, so that an idle connection holds no bytes. */
    public void release() {
        head = null;
        trailers = Headers.empty();
        bodyArray = null;
    }

    private Step advanceHead(ByteBuffer in) throws ViolationException {
        HeadParser parser = incomplete;
        if (parser == null) {
            skipEmptyLine(in);
            if (!in.hasRemaining()) {
                return Step.NEED_INPUT;
            }
            parser = scratch.borrow();
            parser.startRequest(limits);
        }
        incomplete = parser;
        RequestHead complete = parser.parseRequest(in);
        if (complete == null) {
            return Step.NEED_INPUT;
        }
        incomplete = null;
        scratch.giveBack(parser);
        begin(complete);
        return Step.HEAD;
    }

    private void skipEmptyLine(ByteBuffer in) throws ViolationException {
        while (in.hasRemaining()) {
            byte next = in.get(in.position());
            if (emptyLine == EmptyLine.CARRIAGE_RETURN) {
                in.get();
                if (next != LF) {
                    throw Violation.BARE_CR.exception();
                }
                emptyLine = EmptyLine.WHOLE;
            } else if (next == CR) {
                in.get();
                if (emptyLine == EmptyLine.WHOLE) {
                    throw Violation.EMPTY_LINES.exception();
                }
                emptyLine = EmptyLine.CARRIAGE_RETURN;
            } else {
                return;
            }
        }
    }

    private void begin(RequestHead complete) {
        head = complete;
        trailers = Headers.empty();
        bodyBytes = 0;
        emptyLine = EmptyLine.NONE;
        switch (complete.bodyFraming()) {
            case NONE -> state = State.END;
            case LENGTH -> {
                state = State.LENGTH_BODY;
                remainingBytes = complete.contentLength();
            }
            case CHUNKED -> {
                state = State.CHUNKED_BODY;
                chunks = new ChunkedBody();
            }
        }
    }

    private Step advanceLengthBody(ByteBuffer in) {
        if (!in.hasRemaining()) {
            return Step.NEED_INPUT;
        }
        int length = takeBody(in, remainingBytes);
        remainingBytes -= length;
        if (remainingBytes == 0) {
            state = State.END;
        }
        return Step.BODY;
    }

    private Step advanceChunkedBody(ByteBuffer in) throws ViolationException {
        ChunkedBody body = Objects.requireNonNull(chunks);
        return switch (body.advance(in)) {
            case NEED_INPUT -> Step.NEED_INPUT;
            case DATA -> {
                body.read(takeBody(in, body.remaining()));
                yield Step.BODY;
            }
            case LAST -> {
                state = State.TRAILERS;
                yield advanceTrailers(in);
            }
        };
    }

    private int takeBody(ByteBuffer in, long most) {
        int length = (int) Math.min(in.remaining(), most);
        bodyArray = in.array();
        bodyOffset = in.arrayOffset() + in.position();
        bodyLength = length;
        bodyBytes += length;
        in.position(in.position() + length);
        return length;
    }

    private Step advanceTrailers(ByteBuffer in) throws ViolationException {
        HeadParser parser = incomplete;
        if (parser == null) {
            if (!in.hasRemaining()) {
                return Step.NEED_INPUT;
            }
            parser = scratch.borrow();
            parser.startTrailers(limits);
        }
        Headers complete = parser.parseTrailers(in);
        if (complete == null) {
            incomplete = parser;
            return Step.NEED_INPUT;
        }
        incomplete = null;
        scratch.giveBack(parser);
        trailers = complete;
        return end();
    }

    private Step end() {
        state = State.HEAD;
        chunks = null;
        bodyArray = null;
        return Step.END;
    }
}
