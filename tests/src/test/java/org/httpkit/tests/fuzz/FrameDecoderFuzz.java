package org.httpkit.tests.fuzz;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.httpkit.internal.http2.FrameDecoder;
import org.httpkit.internal.http2.Http2Limits;
import org.httpkit.internal.http2.Http2ViolationException;
import org.httpkit.internal.http2.Settings;

/** A client's connection of HTTP/2 behind the preface: whatever comes is frames or a named violation, the same at any split. */
public final class FrameDecoderFuzz {
    private static final Http2Limits LIMITS = new Http2Limits(1 << 14, 1000, 1000, 20, 200, 4, 4096);

    private FrameDecoderFuzz() {}

    /** Two bytes choose the cut. */
    public static void fuzzerTestOneInput(byte[] data) {
        Choices choices = new Choices(data);
        int cut = choices.two();
        Outcome.atAnySplit(choices.rest(), cut, Frames::new);
    }

    /** Slices are put together, since it is up to the split where they end. */
    private static final class Frames implements Outcome.Run {
        private final Settings settings = new Settings();
        private final FrameDecoder decoder = new FrameDecoder(LIMITS, settings);
        private final StringBuilder slices = new StringBuilder();
        private int contentBytes;

        @Override
        public boolean feed(ByteBuffer in, List<String> steps) {
            try {
                while (true) {
                    FrameDecoder.Step step = decoder.advance(in);
                    switch (step) {
                        case NEED_INPUT -> {
                            return true;
                        }
                        case DATA, FRAGMENT -> slice(step);
                        default -> steps.add(step + " " + decoder.streamId() + " " + details(step));
                    }
                }
            } catch (Http2ViolationException e) {
                steps.add(Outcome.violation(e.violation()));
                return false;
            }
        }

        private void slice(FrameDecoder.Step step) {
            if (decoder.sliceLength() == 0) {
                throw new AssertionError("A slice of nothing");
            }
            slices.append(new String(
                    decoder.array(), decoder.sliceOffset(), decoder.sliceLength(), StandardCharsets.ISO_8859_1));
            if (step == FrameDecoder.Step.DATA) {
                contentBytes += decoder.sliceLength();
            } else if (slices.length() > LIMITS.maxBlockBytes()) {
                throw new AssertionError("A field block of " + slices.length() + " bytes");
            }
        }

        private String details(FrameDecoder.Step step) {
            return switch (step) {
                case NEED_INPUT, DATA, FRAGMENT -> throw new AssertionError(step);
                case DATA_BEGIN -> {
                    contentBytes = 0;
                    yield decoder.frameBytes() + " bytes";
                }
                case DATA_END -> {
                    if (contentBytes != decoder.contentBytes() || contentBytes > decoder.frameBytes()) {
                        throw new AssertionError(
                                contentBytes + " bytes came, and " + decoder.contentBytes() + " count");
                    }
                    yield taken() + " " + decoder.endStream();
                }
                case HEADERS -> decoder.endStream() + " " + decoder.costsStream();
                case HEADERS_END -> taken() + " " + decoder.continuations();
                case RST_STREAM, GOAWAY -> Integer.toString(decoder.errorCode());
                case SETTINGS ->
                    settings.initialWindowBytes() + " " + settings.maxFrameBytes() + " " + settings.takeWindowChange();
                case PING, PING_ACK -> Long.toString(decoder.opaque());
                case WINDOW_UPDATE -> Integer.toString(decoder.increment());
                case PRIORITY_UPDATE -> Integer.toString(decoder.priority());
                case VIOLATION -> decoder.violation().toString();
                case PRIORITY, SETTINGS_ACK, UNKNOWN -> "";
            };
        }

        private String taken() {
            String taken = slices.toString();
            slices.setLength(0);
            return taken;
        }

        @Override
        public void end(List<String> steps) {
            if (steps.isEmpty() || !steps.get(steps.size() - 1).startsWith("violation")) {
                steps.add("rest " + taken() + " " + decoder.isBetweenFrames());
            }
        }
    }
}
