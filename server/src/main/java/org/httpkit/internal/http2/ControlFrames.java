package org.httpkit.internal.http2;

import java.nio.ByteBuffer;
import org.httpkit.internal.http2.FrameDecoder.Step;
import org.jspecify.annotations.Nullable;

/** Reads the payloads of all frames except DATA and the frames of field blocks. Confined to its loop. */
final class ControlFrames {
    /** A longer Priority Field Value counts as malformed, which gives the default priority. */
    private static final int MAX_PRIORITY_BYTES = 128;

    private final Settings settings;
    private final FrameNumber number;
    /** How many bytes of the payload are still to come. */
    private int remaining;

    private int errorCode;
    private int prioritizedStreamId;
    private byte @Nullable [] priorityValue;
    private int priority = Priority.DEFAULT;
    private Http2Violation violation = Http2Violation.SELF_DEPENDENCY;

    ControlFrames(Settings settings, FrameNumber number) {
        this.settings = settings;
        this.number = number;
    }

    /** Begins a payload that {@link FrameRules} has accepted. */
    void begin(FrameHead head) {
        remaining = head.length();
        priorityValue = null;
    }

    /** Consumes input up to the frame's step; {@code VIOLATION} if the frame ends its stream. */
    Step advance(ByteBuffer in, FrameHead head) throws Http2ViolationException {
        return switch (head.type()) {
            case PRIORITY -> gather(in, FrameRules.PRIORITY_BYTES) ? priority(head) : Step.NEED_INPUT;
            case RST_STREAM -> {
                if (!gather(in, FrameRules.WORD_BYTES)) {
                    yield Step.NEED_INPUT;
                }
                errorCode = number.lowWord();
                yield Step.RST_STREAM;
            }
            case SETTINGS -> settings(in, head);
            case PING -> {
                if (!gather(in, FrameRules.PING_BYTES)) {
                    yield Step.NEED_INPUT;
                }
                yield head.has(FrameType.ACK) ? Step.PING_ACK : Step.PING;
            }
            case GOAWAY -> {
                if (!gather(in, FrameRules.LEAST_GOAWAY_BYTES)) {
                    yield Step.NEED_INPUT;
                }
                errorCode = number.lowWord();
                yield Step.GOAWAY;
            }
            case WINDOW_UPDATE -> gather(in, FrameRules.WORD_BYTES) ? windowUpdate(head) : Step.NEED_INPUT;
            case PRIORITY_UPDATE -> priorityUpdate(in);
            case DATA, HEADERS, CONTINUATION, PUSH_PROMISE, UNKNOWN ->
                throw new IllegalStateException(head.type() + " is no control frame");
        };
    }

    /**
     * The length of the rest of the payload, which is ignored: the debug data of a GOAWAY, or a priority that is too
     * long.
     */
    int rest() {
        return remaining;
    }

    private boolean gather(ByteBuffer in, int length) {
        if (!number.gather(in, length)) {
            return false;
        }
        remaining -= length;
        return true;
    }

    private Step priority(FrameHead head) {
        return isSelfDependency(number, head) ? refuse(Http2Violation.SELF_DEPENDENCY) : Step.PRIORITY;
    }

    /** Whether five bytes of priority name the frame's stream itself. */
    static boolean isSelfDependency(FrameNumber priority, FrameHead head) {
        return ((int) (priority.value() >>> 8) & FrameHead.STREAM_ID) == head.streamId();
    }

    private Step refuse(Http2Violation violation) {
        this.violation = violation;
        return Step.VIOLATION;
    }

    private Step settings(ByteBuffer in, FrameHead head) throws Http2ViolationException {
        if (head.has(FrameType.ACK)) {
            return Step.SETTINGS_ACK;
        }
        while (remaining > 0) {
            if (!gather(in, FrameRules.SETTING_BYTES)) {
                return Step.NEED_INPUT;
            }
            settings.apply(number.highWord(), number.lowWord() & 0xFFFF_FFFFL);
        }
        settings.frameEnded();
        return Step.SETTINGS;
    }

    private Step windowUpdate(FrameHead head) throws Http2ViolationException {
        if (increment() != 0) {
            return Step.WINDOW_UPDATE;
        }
        if (head.streamId() == 0) {
            throw Http2Violation.ZERO_CONNECTION_INCREMENT.exception();
        }
        return refuse(Http2Violation.ZERO_INCREMENT);
    }

    private Step priorityUpdate(ByteBuffer in) throws Http2ViolationException {
        byte[] value = priorityValue;
        if (value == null) {
            if (!gather(in, FrameRules.WORD_BYTES)) {
                return Step.NEED_INPUT;
            }
            prioritizedStreamId = number.lowWord() & FrameHead.STREAM_ID;
            if (prioritizedStreamId == 0) {
                throw Http2Violation.PRIORITY_UPDATE_WITHOUT_STREAM.exception();
            }
            if (prioritizedStreamId % 2 == 0) {
                throw Http2Violation.PRIORITY_UPDATE_FOR_PUSH.exception();
            }
            priority = Priority.DEFAULT;
            if (remaining > MAX_PRIORITY_BYTES) {
                return Step.PRIORITY_UPDATE;
            }
            value = new byte[remaining];
            priorityValue = value;
        }
        int length = Math.min(in.remaining(), remaining);
        in.get(value, value.length - remaining, length);
        remaining -= length;
        if (remaining > 0) {
            return Step.NEED_INPUT;
        }
        priority = Priority.parse(value, 0, value.length, Priority.DEFAULT);
        priorityValue = null;
        return Step.PRIORITY_UPDATE;
    }

    int errorCode() {
        return errorCode;
    }

    long opaque() {
        return number.value();
    }

    int increment() {
        return number.lowWord() & FlowWindow.LARGEST; // without the reserved bit
    }

    int prioritizedStreamId() {
        return prioritizedStreamId;
    }

    int priority() {
        return priority;
    }

    Http2Violation violation() {
        return violation;
    }
}
