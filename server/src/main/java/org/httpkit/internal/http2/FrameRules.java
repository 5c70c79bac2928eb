package org.httpkit.internal.http2;

import static org.httpkit.internal.http2.FrameType.ACK;
import static org.httpkit.internal.http2.FrameType.PADDED;
import static org.httpkit.internal.http2.FrameType.PRIORITY_FLAG;

import org.jspecify.annotations.Nullable;

/** Judges a frame by its head alone: whether its stream and its length are legal (RFC 9113 section 6). Stateless. */
final class FrameRules {
    static final int PRIORITY_BYTES = 5;
    static final int SETTING_BYTES = 6;
    static final int PING_BYTES = 8;
    static final int LEAST_GOAWAY_BYTES = 8;
    /** The length of RST_STREAM, of WINDOW_UPDATE, and of the stream number in a PRIORITY_UPDATE. */
    static final int WORD_BYTES = 4;

    private FrameRules() {}

    /** Returns the frame's violation, or null if it has none. */
    static @Nullable Http2Violation violation(FrameType type, int length, int flags, int streamId) {
        return switch (type) {
            case DATA -> streamId == 0 ? Http2Violation.DATA_WITHOUT_STREAM : tooShort(length, flags & PADDED);
            case HEADERS ->
                streamId == 0
                        ? Http2Violation.HEADERS_WITHOUT_STREAM
                        : tooShort(length, flags & (PADDED | PRIORITY_FLAG));
            case PRIORITY -> {
                if (streamId == 0) {
                    yield Http2Violation.PRIORITY_WITHOUT_STREAM;
                }
                yield length == PRIORITY_BYTES ? null : Http2Violation.PRIORITY_LENGTH;
            }
            case RST_STREAM -> {
                if (streamId == 0) {
                    yield Http2Violation.RST_STREAM_WITHOUT_STREAM;
                }
                yield length == WORD_BYTES ? null : Http2Violation.RST_STREAM_LENGTH;
            }
            case SETTINGS -> settings(length, flags, streamId);
            case PUSH_PROMISE -> Http2Violation.PUSH_PROMISE_FROM_CLIENT;
            case PING -> {
                if (streamId != 0) {
                    yield Http2Violation.PING_ON_STREAM;
                }
                yield length == PING_BYTES ? null : Http2Violation.PING_LENGTH;
            }
            case GOAWAY -> {
                if (streamId != 0) {
                    yield Http2Violation.GOAWAY_ON_STREAM;
                }
                yield length >= LEAST_GOAWAY_BYTES ? null : Http2Violation.GOAWAY_LENGTH;
            }
            case WINDOW_UPDATE -> length == WORD_BYTES ? null : Http2Violation.WINDOW_UPDATE_LENGTH;
            case CONTINUATION -> streamId == 0 ? Http2Violation.CONTINUATION_WITHOUT_STREAM : null;
            case PRIORITY_UPDATE -> {
                if (streamId != 0) {
                    yield Http2Violation.PRIORITY_UPDATE_ON_STREAM;
                }
                yield length >= WORD_BYTES ? null : Http2Violation.PRIORITY_UPDATE_LENGTH;
            }
            case UNKNOWN -> null;
        };
    }

    private static @Nullable Http2Violation settings(int length, int flags, int streamId) {
        if (streamId != 0) {
            return Http2Violation.SETTINGS_ON_STREAM;
        }
        if ((flags & ACK) != 0) {
            return length == 0 ? null : Http2Violation.SETTINGS_ACK_LENGTH;
        }
        return length % SETTING_BYTES == 0 ? null : Http2Violation.SETTINGS_LENGTH;
    }

    /** A payload must have room for the parts that the flags announce. */
    private static @Nullable Http2Violation tooShort(int length, int flags) {
        int needed = ((flags & PADDED) != 0 ? 1 : 0) + ((flags & PRIORITY_FLAG) != 0 ? PRIORITY_BYTES : 0);
        return length < needed ? Http2Violation.FRAME_TOO_SHORT : null;
    }
}
