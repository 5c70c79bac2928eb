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
 * Turns the bytes of a client into messages and control frames (RFC 6455 section 5). One per connection; confined to
 * its loop thread but for {@link #inflateMore}.
 *
 * <p>Call {@link #advance} until it returns {@code NEED_INPUT}; by then it has consumed all input, and holds only the
 * received part of an unfinished message. Limits: {@code maxMessageBytes} for a message, counted as soon as a frame
 * head declares them and again after inflation; twice that plus 1 KiB on the wire if it is compressed; 65,536 empty
 * fragments. Nonempty fragments need no limit: the message's size bounds their number, and their cost does not depend
 * on earlier ones.
 */
public final class MessageDecoder extends DecodedPayload {
    /** The next thing that arrived. */
    public enum Step {
        /** Nothing until more bytes arrive. */
        NEED_INPUT,
        /** Nothing until {@link MessageDecoder#inflateMore} has inflated the payload: it is too long to do here. */
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
        /** Payload has arrived that is not inflated yet. */
        INFLATING,
        CONTROL_PAYLOAD,
        /** A close frame or a violation came; all further input is ignored (RFC 6455 section 5.5.1). */
        ENDED
    }

    private static final int MAX_EMPTY_FRAGMENTS = 1 << 16;

    /** How much to inflate at once elsewhere: about a millisecond. */
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
    private byte @Nullable [] controlPayload; // only for a control frame that arrives in several pieces

    // The message whose frames are being read.
    private @Nullable Opcode messageType; // TEXT, BINARY, or null between messages
    private boolean compressed;
    private long declaredBytes;
    private int emptyFragments;
    private @Nullable MessageBuffer collected;
    /** The violation that {@link #inflateMore} found. */
    private @Nullable ViolationException fault;
    /** The text that it made from the whole message. */
    private @Nullable String inflatedText;

    /**
     * @param maxMessageBytes the longest message accepted, after inflation
     * @param inflater inflates compressed messages if permessage-deflate was agreed, else null; its owner releases it
     */
    public MessageDecoder(int maxMessageBytes, @Nullable MessageInflater inflater) {
        this(maxMessageBytes, inflater, Long.MAX_VALUE, PIECE_BYTES);
    }

    /** Makes a decoder that returns {@link Step#INFLATE} instead of inflating much at once. */
    public static MessageDecoder forLoop(int maxMessageBytes, @Nullable MessageInflater inflater) {
        return new MessageDecoder(maxMessageBytes, inflater, PromptInflation.MOST_BYTES, PIECE_BYTES);
    }

    /**
     * Makes a decoder with these sizes.
     *
     * @param mostPromptBytes most bytes of a message to inflate before {@link #advance} returns {@link Step#INFLATE}
     * @param pieceBytes how much {@link #inflateMore} inflates at once
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
                return message(bytes, offset, count, false); // the common case: no copy
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

    /** Whether the whole message has arrived. */
    private boolean isLast() {
        return head.fin() && payloadMissing == 0;
    }

    /** Continues after the payload was inflated elsewhere. */
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
     * Inflates a piece of the payload, after {@link Step#INFLATE}. Call it until it returns false; then call {@link
     * #advance}. Any thread may call it while no other method of the decoder runs.
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

    /** Bytes of heap that the next {@link #inflateMore} may add, as the old array stays until the new one is filled. */
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

    /** Unmasks the payload bytes in the input and consumes them; returns how many. */
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

    /** Checks the text before the fault behind it: the fault found first must not depend on the splits. */
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

    /** Whether no message or frame is incomplete, so that a new decoder could replace this one. */
    public boolean isBetweenMessages() {
        return state == State.HEAD && messageType == null && head.isUnbegun();
    }

    /** Size of the arrays that hold an unfinished message, in bytes. */
    public long heldBytes() {
        long kept = inflater == null ? 0 : inflater.keptBytes();
        return collected == null ? kept : kept + collected.array().length;
    }

    /** How many bytes of an unfinished message have arrived, counted on the wire. */
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
