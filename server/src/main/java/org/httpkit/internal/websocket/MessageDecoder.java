package org.httpkit.internal.websocket;

import static org.httpkit.internal.websocket.WebSocketViolation.MESSAGE_NOT_FINISHED;
import static org.httpkit.internal.websocket.WebSocketViolation.MESSAGE_TOO_BIG;
import static org.httpkit.internal.websocket.WebSocketViolation.NOTHING_TO_CONTINUE;
import static org.httpkit.internal.websocket.WebSocketViolation.TEXT_NOT_UTF8;
import static org.httpkit.internal.websocket.WebSocketViolation.TOO_MANY_EMPTY_FRAGMENTS;

import java.nio.ByteBuffer;
import org.httpkit.internal.bytes.Utf8Validator;
import org.jspecify.annotations.Nullable;

/**
 * Turns the bytes of a client into messages and control frames (RFC 6455 section 5). One per connection; confined to its loop
 * thread but for {@link #inflateMore}.
 *
 * <p>Call {@link #advance} until it says {@code NEED_INPUT}; by then all input is consumed, and what the decoder still holds is
 * only the received part of an unfinished message. Limits: a message has at most {@code maxMessageBytes}, counted as soon as a
 * frame head declares them and again after inflation; a compressed message has at most twice that and 1 KiB on the wire; and
 * a message has at most 65,536 fragments that bring nothing. There is no limit on fragments that bring at least a byte, as
 * their number is bounded by the message's size and their cost does not depend on the ones before.
 */
public final class MessageDecoder extends DecodedPayload {
    /** What came next. */
    public enum Step {
        /** Nothing until more bytes arrive. */
        NEED_INPUT,
        /** Nothing until {@link MessageDecoder#inflateMore} has inflated all that came: that would take too long here. */
        INFLATE,
        TEXT,
        BINARY,
        PING,
        PONG,
        CLOSE
    }

    private enum State {
        HEAD,
        DATA_PAYLOAD,
        /** Payload came that is not inflated yet. */
        INFLATING,
        CONTROL_PAYLOAD,
        /** A close frame or a violation came; what follows is not looked at (RFC 6455 section 5.5.1). */
        ENDED
    }

    private static final int MAX_EMPTY_FRAGMENTS = 1 << 16;

    /** Inflated in one go elsewhere: about a millisecond. */
    public static final int PIECE_BYTES = 256 * 1024;

    private final long mostPromptBytes;
    private final int pieceBytes;
    private final int maxMessageBytes;
    private final @Nullable MessageInflater inflater;
    private final FrameHeadDecoder head;
    private final Utf8Validator utf8 = new Utf8Validator();
    private State state = State.HEAD;

    // The frame whose payload is being read.
    private long payloadMissing;
    private byte @Nullable [] controlPayload; // only of a control frame that did not come in one piece

    // The message whose frames are being read.
    private @Nullable Opcode messageType; // TEXT, BINARY, or null between messages
    private boolean compressed;
    private long declaredBytes;
    private int emptyFragments;
    private @Nullable MessageBuffer collected;
    /** What {@link #inflateMore} found wrong. */
    private @Nullable ViolationException fault;
    /** What it made of the whole message. */
    private @Nullable String inflatedText;

    /**
     * @param maxMessageBytes the longest message taken, after inflation
     * @param inflater what inflates compressed messages if permessage-deflate was agreed, else null; its owner releases it
     */
    public MessageDecoder(int maxMessageBytes, @Nullable MessageInflater inflater) {
        this(maxMessageBytes, inflater, Long.MAX_VALUE, PIECE_BYTES);
    }

    /** A decoder that says {@link Step#INFLATE} instead of inflating much at once. */
    public static MessageDecoder forLoop(int maxMessageBytes, @Nullable MessageInflater inflater) {
        return new MessageDecoder(maxMessageBytes, inflater, PromptInflation.MOST_BYTES, PIECE_BYTES);
    }

    /**
     * The same with other measures.
     *
     * @param mostPromptBytes what is inflated of a message at most before {@link Step#INFLATE} is said
     * @param pieceBytes what {@link #inflateMore} inflates in one go
     */
    MessageDecoder(int maxMessageBytes, @Nullable MessageInflater inflater, long mostPromptBytes, int pieceBytes) {
        this.mostPromptBytes = mostPromptBytes;
        this.pieceBytes = pieceBytes;
        this.maxMessageBytes = maxMessageBytes;
        this.inflater = inflater;
        this.head = new FrameHeadDecoder(inflater != null);
    }

    /**
     * Consumes input up to the next step. The steps are the same however the bytes were split.
     *
     * @param in a buffer with an array; payload is unmasked in place, and the payload of the step may lie in that array
     * @throws ViolationException if the peer broke a rule; all further input is ignored
     */
    public Step advance(ByteBuffer in) throws ViolationException {
        viewNothing();
        try {
            while (true) {
                Step step =
                        switch (state) {
                            case HEAD -> head(in);
                            case DATA_PAYLOAD -> dataPayload(in);
                            case INFLATING -> inflating();
                            case CONTROL_PAYLOAD -> controlPayload(in);
                            case ENDED -> ignore(in);
                        };
                if (step != null) {
                    return step;
                }
            }
        } catch (ViolationException violation) {
            end();
            throw violation;
        }
    }

    private @Nullable Step head(ByteBuffer in) throws ViolationException {
        if (!head.advance(in)) {
            return Step.NEED_INPUT;
        }
        payloadMissing = head.length();
        if (head.opcode().isControl()) {
            state = State.CONTROL_PAYLOAD;
            return null;
        }
        if (head.opcode() == Opcode.CONTINUATION) {
            if (messageType == null) {
                throw ViolationException.of(NOTHING_TO_CONTINUE);
            }
        } else if (messageType != null) {
            throw ViolationException.of(MESSAGE_NOT_FINISHED);
        } else {
            beginMessage();
        }
        long limit = compressed ? 2L * maxMessageBytes + 1024 : maxMessageBytes;
        if (head.length() > limit - declaredBytes) {
            throw ViolationException.of(MESSAGE_TOO_BIG);
        }
        declaredBytes += head.length();
        if (head.length() == 0 && ++emptyFragments > MAX_EMPTY_FRAGMENTS) {
            throw ViolationException.of(TOO_MANY_EMPTY_FRAGMENTS);
        }
        state = State.DATA_PAYLOAD;
        return null;
    }

    private void beginMessage() {
        messageType = head.opcode();
        compressed = head.compressed();
        declaredBytes = 0;
        emptyFragments = 0;
        utf8.reset();
    }

    private @Nullable Step dataPayload(ByteBuffer in) throws ViolationException {
        byte[] bytes = in.array();
        int offset = in.arrayOffset() + in.position();
        int count = unmask(in, bytes, offset);
        boolean last = isLast();
        if (compressed) {
            inflate(bytes, offset, count);
            if (inflater != null && inflater.isPaused()) {
                state = State.INFLATING;
                return Step.INFLATE;
            }
        } else {
            validate(bytes, offset, count);
            if (last && collected == null) {
                return message(bytes, offset, count, false); // the common case: nothing is copied
            }
            if (count > 0) {
                collected().append(bytes, offset, count, head.fin() ? declaredBytes : maxMessageBytes);
            }
        }
        if (last) {
            finishInflating();
            MessageBuffer whole = collected();
            return message(whole.array(), 0, whole.length(), true);
        }
        if (payloadMissing > 0) {
            return Step.NEED_INPUT;
        }
        state = State.HEAD;
        return null;
    }

    /** Whether all of the message has come. */
    private boolean isLast() {
        return head.fin() && payloadMissing == 0;
    }

    /** Goes on behind what was inflated elsewhere. */
    private @Nullable Step inflating() throws ViolationException {
        if (inflater != null && inflater.isPaused()) {
            return Step.INFLATE;
        }
        if (fault != null) {
            throw fault;
        }
        if (isLast()) {
            MessageBuffer whole = collected();
            return message(whole.array(), 0, whole.length(), true);
        }
        state = payloadMissing > 0 ? State.DATA_PAYLOAD : State.HEAD;
        return null;
    }

    /**
     * Inflates a piece of what came, after {@link Step#INFLATE}. To be called until it says false; then {@link #advance} goes on. May be
     * called on any thread that nothing else of the decoder is called on meanwhile.
     *
     * @return whether there is more to inflate
     */
    public boolean inflateMore() {
        MessageInflater paused = inflater;
        if (paused == null || state != State.INFLATING || !paused.isPaused()) {
            return false;
        }
        MessageBuffer into = collected();
        int before = into.length();
        try {
            inflated(into, before, paused.inflateMore(into, maxMessageBytes, (long) before + pieceBytes));
            if (paused.isPaused()) {
                return true;
            }
            if (isLast()) {
                finishInflating();
                into.trim();
                if (messageType == Opcode.TEXT && utf8.isComplete()) {
                    inflatedText = textOf(into.array(), 0, into.length(), utf8.sawOnlyAscii());
                }
            }
        } catch (ViolationException e) {
            fault = e;
        }
        return false;
    }

    /** Bytes of heap that the next {@link #inflateMore} may take besides, as the old array stays until the new one is filled. */
    public long nextPieceBytes() {
        MessageBuffer into = collected;
        if (into == null) {
            return pieceBytes;
        }
        long held = into.array().length;
        return Math.max(pieceBytes, into.room() < pieceBytes ? 2 * held : held);
    }

    private @Nullable Step controlPayload(ByteBuffer in) throws ViolationException {
        byte[] bytes = in.array();
        int offset = in.arrayOffset() + in.position();
        int length = (int) head.length();
        int before = length - (int) payloadMissing;
        int count = unmask(in, bytes, offset);
        if (count == length) {
            return control(bytes, offset, length);
        }
        byte[] whole = controlPayload;
        if (whole == null) {
            whole = new byte[length];
            controlPayload = whole;
        }
        System.arraycopy(bytes, offset, whole, before, count);
        return payloadMissing > 0 ? Step.NEED_INPUT : control(whole, 0, length);
    }

    /** Takes the mask off the payload bytes that are there and consumes them; returns how many. */
    private int unmask(ByteBuffer in, byte[] bytes, int offset) {
        int count = (int) Math.min(payloadMissing, in.remaining());
        Masking.apply(bytes, offset, count, head.maskingKey(), head.length() - payloadMissing);
        in.position(in.position() + count);
        payloadMissing -= count;
        return count;
    }

    private void inflate(byte[] bytes, int offset, int count) throws ViolationException {
        if (inflater != null && count > 0) {
            MessageBuffer into = collected();
            int before = into.length();
            long prompt = PromptInflation.bytes(mostPromptBytes, receivedBytes());
            inflated(into, before, inflater.inflate(bytes, offset, count, into, maxMessageBytes, prompt));
        }
    }

    private void finishInflating() throws ViolationException {
        if (compressed && inflater != null) {
            MessageBuffer into = collected();
            int before = into.length();
            inflated(into, before, inflater.finishMessage(into, maxMessageBytes));
        }
    }

    /** Looks at the text before it looks at the fault behind it: the fault found first must not depend on the splits. */
    private void inflated(MessageBuffer into, int before, @Nullable WebSocketViolation fault)
            throws ViolationException {
        validate(into.array(), before, Math.min(into.length(), maxMessageBytes) - before);
        if (fault != null) {
            throw ViolationException.of(fault);
        }
    }

    private void validate(byte[] bytes, int offset, int count) throws ViolationException {
        if (messageType == Opcode.TEXT && !utf8.accept(bytes, offset, count)) {
            throw ViolationException.of(TEXT_NOT_UTF8);
        }
    }

    private Step message(byte[] bytes, int offset, int length, boolean ours) throws ViolationException {
        Step step = messageType == Opcode.TEXT ? Step.TEXT : Step.BINARY;
        if (step == Step.TEXT && !utf8.isComplete()) {
            throw ViolationException.of(TEXT_NOT_UTF8);
        }
        messageType = null;
        collected = null;
        state = State.HEAD;
        viewText(inflatedText, utf8.sawOnlyAscii());
        inflatedText = null;
        view(bytes, offset, length, ours);
        return step;
    }

    private Step control(byte[] bytes, int offset, int length) throws ViolationException {
        controlPayload = null;
        state = State.HEAD;
        view(bytes, offset, length, false);
        return switch (head.opcode()) {
            case PING -> Step.PING;
            case PONG -> Step.PONG;
            case CLOSE -> {
                viewClose(ClosePayload.decode(bytes, offset, length));
                end();
                yield Step.CLOSE;
            }
            case CONTINUATION, TEXT, BINARY ->
                throw new IllegalStateException(head.opcode() + " is not a control frame");
        };
    }

    private static Step ignore(ByteBuffer in) {
        in.position(in.limit());
        return Step.NEED_INPUT;
    }

    private void end() {
        state = State.ENDED;
        messageType = null;
        collected = null;
        controlPayload = null;
    }

    private MessageBuffer collected() {
        MessageBuffer buffer = collected;
        if (buffer == null) {
            buffer = new MessageBuffer();
            collected = buffer;
        }
        return buffer;
    }

    /** Whether nothing of a message or a frame has come yet that is not complete: a new decoder would go on just the same. */
    public boolean isBetweenMessages() {
        return state == State.HEAD && messageType == null && head.isUnbegun();
    }

    /** The arrays of what has come of an unfinished message. */
    public long heldBytes() {
        long kept = inflater == null ? 0 : inflater.keptBytes();
        return collected == null ? kept : kept + collected.array().length;
    }

    /** How much of an unfinished message has come, as it was sent. */
    public long receivedBytes() {
        if (messageType == null) {
            return 0;
        }
        return state == State.DATA_PAYLOAD || state == State.INFLATING ? declaredBytes - payloadMissing : declaredBytes;
    }

    /** Ends the connection's decoding and frees native memory; may be called more than once. */
    public void release() {
        end();
        if (inflater != null) {
            inflater.release();
        }
    }
}
