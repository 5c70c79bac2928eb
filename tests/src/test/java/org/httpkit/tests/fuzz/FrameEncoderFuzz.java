package org.httpkit.tests.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.httpkit.http.CloseCode;
import org.httpkit.internal.websocket.ClosePayload;
import org.httpkit.internal.websocket.DeflateAgreement;
import org.httpkit.internal.websocket.DeflateOptions;
import org.httpkit.internal.websocket.FrameEncoder;
import org.httpkit.internal.websocket.MessageDecoder;
import org.httpkit.internal.websocket.MessageDeflater;
import org.httpkit.internal.websocket.Opcode;

/** Messages that are encoded, compressed or not, and masked on their way come out as they went in. */
public final class FrameEncoderFuzz {
    private static final int MAX_MESSAGE_BYTES = 2_000;

    private FrameEncoderFuzz() {}

    /** One byte chooses the compression, two the cut; then messages, each a kind, a length and its bytes. */
    public static void fuzzerTestOneInput(byte[] data) {
        Choices choices = new Choices(data);
        int compression = choices.one();
        boolean keepsContext = compression % 3 == 1;
        DeflateOptions options = new DeflateOptions(keepsContext, keepsContext, 1 + compression % 9, 0);
        OptionalInt windowBits = keepsContext || compression < 128 ? OptionalInt.empty() : OptionalInt.of(9);
        MessageDeflater deflater = compression % 3 == 0
                ? null
                : new DeflateAgreement(keepsContext, keepsContext, windowBits).newDeflater(options);
        int cut = choices.two();
        List<String> expected = new ArrayList<>();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int mask = compression * 0x01030507;
        boolean closed = false;
        while (!choices.isEmpty() && !closed) {
            closed = add(choices, deflater, mask, out, expected);
        }
        if (deflater != null) {
            deflater.release();
        }
        expected.add("between messages: " + !closed);
        Outcome outcome = Outcome.atAnySplit(
                out.toByteArray(), cut, () -> new MessageDecoderFuzz.Messages(compression % 3, MAX_MESSAGE_BYTES));
        if (!outcome.steps().equals(expected)) {
            throw new AssertionError("Went in: " + expected + "; came out: " + outcome.steps());
        }
    }

    /** Encodes one message; whether it closes. */
    private static boolean add(
            Choices choices, MessageDeflater deflater, int mask, ByteArrayOutputStream out, List<String> expected) {
        int kind = choices.one() % 6;
        byte[] bytes = choices.take(choices.one());
        String text = new String(bytes, StandardCharsets.UTF_8);
        int length = Math.min(bytes.length, 125);
        switch (kind) {
            case 0 -> {
                byte[] frame = deflater == null ? FrameEncoder.text(text) : deflater.text(text);
                out.writeBytes(masked(frame, mask));
                expected.add(MessageDecoderFuzz.Messages.text(text));
            }
            case 1 -> {
                byte[] frame = deflater == null
                        ? FrameEncoder.binary(bytes, 0, bytes.length)
                        : deflater.binary(bytes, 0, bytes.length);
                out.writeBytes(masked(frame, mask));
                expected.add(MessageDecoderFuzz.Messages.binary(bytes));
            }
            case 2 -> {
                int middle = bytes.length / 2;
                out.writeBytes(masked(FrameEncoder.fragment(Opcode.BINARY, false, bytes, 0, middle), mask));
                out.writeBytes(masked(FrameEncoder.ping(bytes, 0, length), mask));
                out.writeBytes(masked(
                        FrameEncoder.fragment(Opcode.CONTINUATION, true, bytes, middle, bytes.length - middle), mask));
                addControl(MessageDecoder.Step.PING, bytes, length, expected);
                expected.add(MessageDecoderFuzz.Messages.binary(bytes));
            }
            case 3 -> {
                out.writeBytes(masked(FrameEncoder.ping(bytes, 0, length), mask));
                addControl(MessageDecoder.Step.PING, bytes, length, expected);
            }
            case 4 -> {
                out.writeBytes(masked(FrameEncoder.pong(bytes, 0, length), mask));
                addControl(MessageDecoder.Step.PONG, bytes, length, expected);
            }
            default -> {
                ClosePayload close = new ClosePayload(CloseCode.NORMAL, text);
                out.writeBytes(masked(FrameEncoder.close(close), mask));
                expected.add("CLOSE " + new ClosePayload(CloseCode.NORMAL, whatFits(text)));
                return true;
            }
        }
        return false;
    }

    private static void addControl(MessageDecoder.Step step, byte[] bytes, int length, List<String> expected) {
        expected.add(MessageDecoderFuzz.Messages.control(step, Arrays.copyOf(bytes, length)));
    }

    /** As many whole characters as 123 bytes of UTF-8 can have. */
    private static String whatFits(String text) {
        StringBuilder fitting = new StringBuilder();
        int bytes = 0;
        for (int character : text.codePoints().toArray()) {
            String one = Character.toString(character);
            bytes += one.getBytes(StandardCharsets.UTF_8).length;
            if (bytes > 123) {
                break;
            }
            fitting.append(one);
        }
        return fitting.toString();
    }

    /** A server's frame as a client would have sent it. */
    private static byte[] masked(byte[] frame, int mask) {
        int lengthBytes = frame[1] == 126 ? 2 : frame[1] == 127 ? 8 : 0;
        int payloadAt = 2 + lengthBytes;
        ByteBuffer masked = ByteBuffer.allocate(frame.length + 4);
        masked.put(frame[0])
                .put((byte) (frame[1] | 0x80))
                .put(frame, 2, lengthBytes)
                .putInt(mask);
        for (int i = payloadAt; i < frame.length; i++) {
            masked.put((byte) (frame[i] ^ mask >>> 24 - 8 * ((i - payloadAt) & 3)));
        }
        return masked.array();
    }
}
