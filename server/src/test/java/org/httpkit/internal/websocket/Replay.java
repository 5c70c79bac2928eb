package org.httpkit.internal.websocket;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Feeds bytes to a decoder in given pieces and writes down the steps, one line each. */
final class Replay {
    private final MessageDecoder decoder;
    private final List<String> steps = new ArrayList<>();
    private boolean violated;

    Replay(MessageDecoder decoder) {
        this.decoder = decoder;
    }

    static MessageDecoder decoder(int maxMessageBytes, String deflate) {
        return decoder(maxMessageBytes, deflate, Long.MAX_VALUE, 1);
    }

    /** A decoder that has all but the first bytes of a message inflated elsewhere, in such pieces. */
    static MessageDecoder decoder(int maxMessageBytes, String deflate, long mostPromptBytes, int pieceBytes) {
        return new MessageDecoder(
                maxMessageBytes,
                switch (deflate) {
                    case "off" -> null;
                    case "takeover" -> new MessageInflater(true);
                    case "no-takeover" -> new MessageInflater(false);
                    default -> throw new IllegalArgumentException("deflate " + deflate);
                },
                mostPromptBytes,
                pieceBytes);
    }

    /** The steps that come out if the input is cut at the given ascending places. */
    static List<String> steps(MessageDecoder decoder, byte[] input, int... cuts) {
        Replay replay = new Replay(decoder);
        int begin = 0;
        for (int cut : cuts) {
            replay.feed(input, begin, cut);
            begin = cut;
        }
        replay.feed(input, begin, input.length);
        decoder.release();
        return replay.steps;
    }

    private void feed(byte[] input, int begin, int end) {
        // The piece lies inside a larger array, as it does in a loop's buffer.
        byte[] array = new byte[end - begin + 7];
        System.arraycopy(input, begin, array, 3, end - begin);
        ByteBuffer in = ByteBuffer.wrap(array, 3, end - begin).slice();
        if (violated) {
            return;
        }
        try {
            MessageDecoder.Step step;
            while ((step = decoder.advance(in)) != MessageDecoder.Step.NEED_INPUT) {
                if (step == MessageDecoder.Step.INFLATE) {
                    while (decoder.inflateMore()) {
                        assertSaysInflate(in);
                    }
                } else {
                    steps.add(describe(step));
                }
            }
            if (in.hasRemaining()) {
                throw new AssertionError("NEED_INPUT with " + in.remaining() + " bytes left");
            }
        } catch (ViolationException e) {
            violated = true;
            steps.add("violation " + e.violation() + " " + e.violation().closeCode());
        }
    }

    /** As long as there is more to inflate it takes no input. */
    private void assertSaysInflate(ByteBuffer in) throws ViolationException {
        int before = in.remaining();
        if (decoder.advance(in) != MessageDecoder.Step.INFLATE || in.remaining() != before) {
            throw new AssertionError("Goes on before all is inflated");
        }
    }

    private String describe(MessageDecoder.Step step) {
        return switch (step) {
            case NEED_INPUT, INFLATE -> throw new AssertionError("not a step to describe");
            case TEXT -> "TEXT " + quoted(decoder.text());
            case BINARY, PING, PONG -> step + (decoder.payloadLength() == 0 ? "" : " " + hex(decoder.bytes()));
            case CLOSE ->
                "CLOSE " + decoder.close().code()
                        + (decoder.close().reason().isEmpty()
                                ? ""
                                : " " + quoted(decoder.close().reason()));
        };
    }

    private static String quoted(String text) {
        return text.length() <= 60
                ? '"' + text + '"'
                : '"' + text.substring(0, 5) + "...\" " + text.length() + " characters";
    }

    private static String hex(byte[] bytes) {
        return bytes.length <= 20
                ? HexFormat.ofDelimiter(" ").formatHex(bytes)
                : HexFormat.ofDelimiter(" ").formatHex(bytes, 0, 5) + " ... " + bytes.length + " bytes";
    }
}
