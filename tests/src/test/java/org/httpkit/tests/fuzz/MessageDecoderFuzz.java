package org.httpkit.tests.fuzz;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.httpkit.internal.websocket.MessageDecoder;
import org.httpkit.internal.websocket.MessageInflater;
import org.httpkit.internal.websocket.ViolationException;

/** Frames of a client: whatever comes is messages or a named violation, the same at any split, within the limit. */
public final class MessageDecoderFuzz {
    private static final int MAX_MESSAGE_BYTES = 300;
    private static final int MAX_CONTROL_BYTES = 125;

    private MessageDecoderFuzz() {}

    /** One byte chooses the compression, two the cut. */
    public static void fuzzerTestOneInput(byte[] data) {
        Choices choices = new Choices(data);
        int compression = choices.one() % 3;
        int cut = choices.two();
        Outcome.atAnySplit(choices.rest(), cut, () -> new Messages(compression, MAX_MESSAGE_BYTES));
    }

    /** The steps of a decoder, which is released at the end. */
    static final class Messages implements Outcome.Run {
        private final int maxMessageBytes;
        private final MessageDecoder decoder;

        /** Compression is off, with a context of the client's, or without one. */
        Messages(int compression, int maxMessageBytes) {
            this.maxMessageBytes = maxMessageBytes;
            MessageInflater inflater = compression == 0 ? null : new MessageInflater(compression == 1);
            decoder = new MessageDecoder(maxMessageBytes, inflater);
        }

        @Override
        public boolean feed(ByteBuffer in, List<String> steps) {
            try {
                while (true) {
                    MessageDecoder.Step step = decoder.advance(in);
                    int limit = MAX_CONTROL_BYTES;
                    switch (step) {
                        case NEED_INPUT -> {
                            return true;
                        }
                        case INFLATE -> throw new AssertionError("Not asked for");
                        case TEXT -> {
                            limit = maxMessageBytes;
                            steps.add(text(decoder.text()));
                            if (!new String(decoder.bytes(), StandardCharsets.UTF_8).equals(decoder.text())) {
                                throw new AssertionError("The text is not that of the bytes");
                            }
                        }
                        case BINARY -> {
                            limit = maxMessageBytes;
                            steps.add(binary(decoder.bytes()));
                        }
                        case PING, PONG -> steps.add(control(step, decoder.bytes()));
                        case CLOSE -> steps.add("CLOSE " + decoder.close());
                    }
                    if (decoder.payloadLength() > limit) {
                        throw new AssertionError(step + " of " + decoder.payloadLength() + " bytes");
                    }
                }
            } catch (ViolationException e) {
                steps.add(Outcome.violation(e.violation()));
                return false;
            }
        }

        @Override
        public void end(List<String> steps) {
            steps.add("between messages: " + decoder.isBetweenMessages());
            decoder.release();
        }

        /** A fault in a payload is seen once all of it that has come is unmasked. */
        @Override
        public int consumed(int taken) {
            return -1;
        }

        static String text(String text) {
            return "TEXT " + text;
        }

        static String binary(byte[] bytes) {
            return "BINARY " + new String(bytes, StandardCharsets.ISO_8859_1);
        }

        static String control(MessageDecoder.Step step, byte[] bytes) {
            return step + " " + new String(bytes, StandardCharsets.ISO_8859_1);
        }
    }
}
