package org.httpkit.internal.http2;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Turns a connection's bytes after the preface into frames (RFC 9113 sections 4 and 6). Confined to one loop thread.
 *
 * <p>It hands out payloads of DATA and field blocks in place in the input, in slices as they arrive, without padding.
 * However the bytes were split, the steps are the same, except for the boundaries between slices, and so is the byte at
 * which it throws a violation of the connection. A violation of a stream is a step, after which the frames continue.
 * Between two frames the decoder owns no buffer.
 */
public final class FrameDecoder {
    /** The result of {@link #advance}. Each step belongs to {@link #streamId}. */
    public enum Step {
        /** All input is consumed and no step is complete. */
        NEED_INPUT,
        /** A DATA frame begins: {@link #frameBytes} count against the windows, whatever happens to the frame. */
        DATA_BEGIN,
        /** Some of its content, at least one byte: see {@link #slice}. */
        DATA,
        /** The DATA frame has ended, padding included: see {@link #endStream}, {@link #contentBytes}. */
        DATA_END,
        /** A field block begins: see {@link #endStream}, {@link #costsStream}. */
        HEADERS,
        /** Some of the block, at least one byte: see {@link #slice}. */
        FRAGMENT,
        /** The block has ended: see {@link #continuations}. */
        HEADERS_END,
        /** The priority of RFC 7540, which has no effect (section 5.3.2). */
        PRIORITY,
        /** See {@link #errorCode}. */
        RST_STREAM,
        /** The settings have been applied. */
        SETTINGS,
        SETTINGS_ACK,
        /** See {@link #opaque}. */
        PING,
        /** See {@link #opaque}. */
        PING_ACK,
        /** See {@link #errorCode}. The decoder drops debug data and stream number: the server opens no streams. */
        GOAWAY,
        /** See {@link #increment}. */
        WINDOW_UPDATE,
        /** {@link #streamId} is the prioritized stream: see {@link #priority}. */
        PRIORITY_UPDATE,
        /** A frame of an unknown type, which is skipped (section 5.5). */
        UNKNOWN,
        /** The frame ends its stream: see {@link #violation}. For HEADERS, this comes after the end of the block. */
        VIOLATION
    }

    private enum State {
        HEAD,
        PAD_LENGTH,
        /** The five bytes of an RFC 7540 priority in HEADERS. */
        HEADERS_PRIORITY,
        DATA,
        DATA_PADDING,
        FRAGMENT,
        HEADERS_PADDING,
        CONTROL,
        /** The rest of a frame, which is ignored. */
        SKIP,
        FAILED
    }

    private static final int NO_STREAM = 0;

    private final Http2Limits limits;
    private final FrameNumber number = new FrameNumber();
    private final FrameHead head = new FrameHead(number);
    private final ControlFrames control;

    private State state = State.HEAD;
    private boolean anyFrame;
    /** How many bytes of the payload are still to come, without padding. */
    private int remaining;

    private int padding;
    private int contentBytes;
    /** The stream whose field block is incomplete, or 0. */
    private int blockStreamId = NO_STREAM;

    private int blockBytes;
    private int continuations;
    private boolean blockEndsStream;
    /** The violation that ends the stream of the current frame or block. */
    private @Nullable Http2Violation pendingViolation;

    private @Nullable Http2Violation violation;

    private byte @Nullable [] array;
    private int sliceOffset;
    private int sliceLength;

    /** Makes a decoder that writes the client's settings into {@code settings}. */
    public FrameDecoder(Http2Limits limits, Settings settings) {
        this.limits = limits;
        control = new ControlFrames(settings, number);
    }

    /**
     * Consumes input up to the next step.
     *
     * @param in backed by an array
     * @throws Http2ViolationException if the connection breaks a rule; the caller can only end it
     * @throws IllegalStateException after a violation
     */
    public Step advance(ByteBuffer in) throws Http2ViolationException {
        try {
            Step step;
            do {
                step = next(in);
            } while (step == null);
            return step;
        } catch (Http2ViolationException e) {
            state = State.FAILED;
            throw e;
        }
    }

    /** Returns the next step; null if another round is needed to complete one. */
    private @Nullable Step next(ByteBuffer in) throws Http2ViolationException {
        return switch (state) {
            case HEAD -> {
                if (blockStreamId == NO_STREAM && pendingViolation != null) {
                    yield violation(pendingViolation);
                }
                yield head.read(in) ? begin() : Step.NEED_INPUT;
            }
            case PAD_LENGTH -> in.hasRemaining() ? padLength(in.get() & 0xFF) : Step.NEED_INPUT;
            case HEADERS_PRIORITY -> {
                if (!number.gather(in, FrameRules.PRIORITY_BYTES)) {
                    yield Step.NEED_INPUT;
                }
                remaining -= FrameRules.PRIORITY_BYTES;
                if (ControlFrames.isSelfDependency(number, head)) {
                    pendingViolation = Http2Violation.SELF_DEPENDENCY;
                }
                yield beginBlock();
            }
            case DATA -> slice(in, Step.DATA, State.DATA_PADDING);
            case DATA_PADDING -> {
                padding -= skip(in, padding);
                yield padding == 0 ? end(Step.DATA_END) : Step.NEED_INPUT;
            }
            case FRAGMENT -> slice(in, Step.FRAGMENT, State.HEADERS_PADDING);
            case HEADERS_PADDING -> {
                padding -= skip(in, padding);
                yield padding == 0 ? endOfFragments() : Step.NEED_INPUT;
            }
            case CONTROL -> control(control.advance(in, head));
            case SKIP -> {
                remaining -= skip(in, remaining);
                yield remaining == 0 ? end(null) : Step.NEED_INPUT;
            }
            case FAILED -> throw new IllegalStateException("Nothing can be read after a violation");
        };
    }

    private @Nullable Step begin() throws Http2ViolationException {
        checkOrder();
        if (head.length() > limits.maxFrameBytes()) {
            throw Http2Violation.FRAME_TOO_LONG.exception();
        }
        Http2Violation wrong = FrameRules.violation(head.type(), head.length(), head.flags(), head.streamId());
        if (wrong != null && wrong.scope() == Http2Violation.Scope.CONNECTION) {
            throw wrong.exception();
        }
        remaining = head.length();
        padding = 0;
        if (wrong != null) {
            pendingViolation = wrong;
            state = State.SKIP;
            return null;
        }
        return beginPayload();
    }

    /** Settings come first (section 3.4); nothing interrupts a field block (section 4.3). */
    private void checkOrder() throws Http2ViolationException {
        FrameType type = head.type();
        if (!anyFrame) {
            if (type != FrameType.SETTINGS || head.has(FrameType.ACK)) {
                throw Http2Violation.SETTINGS_NOT_FIRST.exception();
            }
            anyFrame = true;
        }
        if (blockStreamId != NO_STREAM) {
            if (type != FrameType.CONTINUATION || head.streamId() != blockStreamId) {
                throw Http2Violation.CONTINUATION_MISSING.exception();
            }
        } else if (type == FrameType.CONTINUATION && head.streamId() != NO_STREAM) {
            throw Http2Violation.UNEXPECTED_CONTINUATION.exception();
        }
    }

    private @Nullable Step beginPayload() throws Http2ViolationException {
        return switch (head.type()) {
            case DATA -> head.has(FrameType.PADDED) ? goOn(State.PAD_LENGTH) : beginData();
            case HEADERS -> {
                continuations = 0;
                blockBytes = 0;
                blockEndsStream = head.has(FrameType.END_STREAM);
                yield head.has(FrameType.PADDED) ? goOn(State.PAD_LENGTH) : beginPriorityOrBlock();
            }
            case CONTINUATION -> {
                continuations++;
                if (continuations > limits.maxContinuations()) {
                    throw Http2Violation.TOO_MANY_CONTINUATIONS.exception();
                }
                yield beginFragment(null);
            }
            case PRIORITY, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, PRIORITY_UPDATE -> {
                control.begin(head);
                yield goOn(State.CONTROL);
            }
            case UNKNOWN -> {
                state = State.SKIP;
                yield Step.UNKNOWN;
            }
            case PUSH_PROMISE -> throw new AssertionError("Refused by its head");
        };
    }

    private @Nullable Step padLength(int length) throws Http2ViolationException {
        remaining--;
        padding = length;
        if (head.type() == FrameType.DATA) {
            if (length > remaining) {
                throw Http2Violation.DATA_PADDING_TOO_LONG.exception();
            }
            remaining -= length;
            return beginData();
        }
        int least = head.has(FrameType.PRIORITY_FLAG) ? FrameRules.PRIORITY_BYTES : 0;
        if (length > remaining - least) {
            throw Http2Violation.HEADERS_PADDING_TOO_LONG.exception();
        }
        remaining -= length;
        return beginPriorityOrBlock();
    }

    private Step beginData() {
        contentBytes = remaining;
        state = State.DATA;
        return Step.DATA_BEGIN;
    }

    private @Nullable Step beginPriorityOrBlock() throws Http2ViolationException {
        return head.has(FrameType.PRIORITY_FLAG) ? goOn(State.HEADERS_PRIORITY) : beginBlock();
    }

    private @Nullable Step beginBlock() throws Http2ViolationException {
        blockStreamId = head.streamId();
        return beginFragment(Step.HEADERS);
    }

    private @Nullable Step beginFragment(@Nullable Step step) throws Http2ViolationException {
        blockBytes += remaining;
        if (blockBytes > limits.maxBlockBytes()) {
            throw Http2Violation.FIELD_BLOCK_TOO_LONG.exception();
        }
        state = State.FRAGMENT;
        return step;
    }

    private @Nullable Step endOfFragments() {
        if (!head.has(FrameType.END_HEADERS)) {
            return end(null);
        }
        blockStreamId = NO_STREAM;
        return end(Step.HEADERS_END);
    }

    private Step control(Step step) {
        if (step != Step.NEED_INPUT) {
            remaining = control.rest();
            state = State.SKIP;
        }
        return step == Step.VIOLATION ? violation(control.violation()) : step;
    }

    private Step violation(Http2Violation cost) {
        violation = cost;
        pendingViolation = null;
        return Step.VIOLATION;
    }

    private @Nullable Step slice(ByteBuffer in, Step step, State then) {
        if (remaining == 0) {
            return goOn(then);
        }
        if (!in.hasRemaining()) {
            return Step.NEED_INPUT;
        }
        array = in.array();
        sliceOffset = in.arrayOffset() + in.position();
        sliceLength = skip(in, remaining);
        remaining -= sliceLength;
        return step;
    }

    /** Consumes at most {@code most} bytes; returns how many. */
    private static int skip(ByteBuffer in, int most) {
        int skipped = Math.min(in.remaining(), most);
        in.position(in.position() + skipped);
        return skipped;
    }

    private @Nullable Step goOn(State state) {
        this.state = state;
        return null;
    }

    private @Nullable Step end(@Nullable Step step) {
        state = State.HEAD;
        return step;
    }

    // ---- what a step is about

    /** The stream of the step; 0 for the connection. */
    public int streamId() {
        return head.type() == FrameType.PRIORITY_UPDATE ? control.prioritizedStreamId() : head.streamId();
    }

    /** The length of the frame's payload, padding included: flow control counts this much for DATA (section 6.1). */
    public int frameBytes() {
        return head.length();
    }

    /** The length of the DATA frame's content, without padding. */
    public int contentBytes() {
        return contentBytes;
    }

    /** Whether the client sends nothing more on the stream; valid for {@code DATA_END} and for a field block. */
    public boolean endStream() {
        return head.type() == FrameType.DATA ? head.has(FrameType.END_STREAM) : blockEndsStream;
    }

    /** How many CONTINUATION frames the field block has. */
    public int continuations() {
        return continuations;
    }

    /** The input's array, which holds the last {@code DATA} or {@code FRAGMENT}. Valid until the next advance. */
    public byte[] array() {
        return Objects.requireNonNull(array);
    }

    /** Where in {@link #array} the slice begins. */
    public int sliceOffset() {
        return sliceOffset;
    }

    /** How many bytes the slice has. */
    public int sliceLength() {
        return sliceLength;
    }

    /** The code of RST_STREAM or GOAWAY; {@link ErrorCode} may not know it. */
    public int errorCode() {
        return control.errorCode();
    }

    /** The eight bytes of a PING, the first one highest. */
    public long opaque() {
        return control.opaque();
    }

    /** The increment of a WINDOW_UPDATE: 1 to 2<sup>31</sup> - 1. */
    public int increment() {
        return control.increment();
    }

    /** The priority in a PRIORITY_UPDATE: see {@link Priority}. */
    public int priority() {
        return control.priority();
    }

    /** Whether a {@code VIOLATION} follows the field block that has begun: its fields are decoded but ignored. */
    public boolean costsStream() {
        return pendingViolation != null;
    }

    /** The violation of the last {@code VIOLATION} step. */
    public Http2Violation violation() {
        return Objects.requireNonNull(violation);
    }

    /** Whether neither a frame nor a field block is incomplete. */
    public boolean isBetweenFrames() {
        return state == State.HEAD && head.isUnbegun() && blockStreamId == NO_STREAM;
    }
}
