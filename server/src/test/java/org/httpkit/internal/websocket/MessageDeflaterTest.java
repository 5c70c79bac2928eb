package org.httpkit.internal.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.httpkit.testing.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Both directions of permessage-deflate against the platform's zlib and against an inflater of our own that watches the window. */
class MessageDeflaterTest {
    private static final byte[] TAIL = {0, 0, (byte) 0xFF, (byte) 0xFF};
    private static final int FINAL_BLOCKS = -1; // instead of a flush: each message ends its DEFLATE stream

    @ParameterizedTest
    @CsvSource({"true, 15", "false, 15", "false, 8", "false, 9", "false, 10", "false, 14"})
    void sendsWhatAClientWithThatWindowInflates(boolean serverKeepsContext, int windowBits) throws DataFormatException {
        Random random = Seeds.random();
        MessageDeflater deflater = deflater(serverKeepsContext, windowBits, 0);
        Inflater platform = new Inflater(true);
        ByteArrayOutputStream wholeStream = new ByteArrayOutputStream();
        ByteArrayOutputStream allMessages = new ByteArrayOutputStream();
        for (int i = 0; i < 60; i++) {
            byte[] message = message(random, random.nextInt(4) == 0 ? 100_000 : 3_000);

            Frame frame = Frame.read(deflater.binary(message, 0, message.length));

            if (frame.compressed) {
                byte[] withTail = plusTail(frame.payload);
                if (!serverKeepsContext) {
                    assertThat(new PatientInflate(withTail, 1 << windowBits).inflate())
                            .isEqualTo(message);
                }
                platform.setInput(withTail);
                byte[] inflated = new byte[message.length + 1];
                int count = platform.inflate(inflated);
                assertThat(Arrays.copyOf(inflated, count)).as("message %d", i).isEqualTo(message);
                wholeStream.writeBytes(withTail);
                allMessages.writeBytes(message);
                if (!serverKeepsContext) {
                    platform.reset();
                }
            } else {
                assertThat(frame.payload).isEqualTo(message);
            }
        }
        assertThat(new PatientInflate(wholeStream.toByteArray(), 1 << windowBits).inflate())
                .isEqualTo(allMessages.toByteArray());
        platform.end();
        deflater.release();
    }

    @ParameterizedTest
    @CsvSource({"true, true", "false, true", "false, false"})
    void understandsItself(boolean senderKeepsContext, boolean receiverKeepsContext) throws ViolationException {
        MessageDeflater deflater = deflater(senderKeepsContext, 15, 0);
        MessageDecoder decoder = new MessageDecoder(1 << 20, new MessageInflater(receiverKeepsContext));
        for (int i = 0; i < 20; i++) {
            String text = "message " + i + " gr\u00fc\u00dft ".repeat(i * i);
            ByteBuffer in = ByteBuffer.wrap(masked(deflater.text(text)));

            assertThat(decoder.advance(in)).isEqualTo(MessageDecoder.Step.TEXT);
            assertThat(decoder.text()).isEqualTo(text);
            assertThat(decoder.advance(in)).isEqualTo(MessageDecoder.Step.NEED_INPUT);
        }
        deflater.release();
        decoder.release();
    }

    @ParameterizedTest
    @ValueSource(ints = {Deflater.SYNC_FLUSH, Deflater.FULL_FLUSH, FINAL_BLOCKS})
    void readsMessagesOfAnyCompressorOfThePlatform(int flush) throws ViolationException {
        Random random = Seeds.random();
        for (int level = 0; level <= 9; level++) {
            for (int strategy : List.of(Deflater.DEFAULT_STRATEGY, Deflater.FILTERED, Deflater.HUFFMAN_ONLY)) {
                Deflater deflater = new Deflater(level, true);
                deflater.setStrategy(strategy);
                MessageDecoder decoder = new MessageDecoder(1 << 20, new MessageInflater(true));
                for (int i = 0; i < 8; i++) {
                    byte[] message = message(random, 40_000);
                    byte[] payload = deflate(deflater, message, flush);
                    List<byte[]> pieces = new ArrayList<>();
                    for (int at = 0; at < payload.length; ) {
                        int count = Math.min(payload.length - at, 1 + random.nextInt(20_000));
                        Opcode opcode = at == 0 ? Opcode.BINARY : Opcode.CONTINUATION;
                        byte[] piece = FrameEncoder.fragment(opcode, at + count == payload.length, payload, at, count);
                        piece[0] |= (byte) (at == 0 ? 0x40 : 0);
                        pieces.add(masked(piece));
                        at += count;
                    }
                    assertThat(decodeOne(decoder, pieces))
                            .as("level %d, strategy %d, message %d", level, strategy, i)
                            .isEqualTo(message);
                }
                deflater.end();
                decoder.release();
            }
        }
    }

    @Test
    void sendsShortMessagesAsTheyAre() {
        MessageDeflater deflater = deflater(true, 15, 100);

        assertThat(deflater.text("a".repeat(99))).isEqualTo(FrameEncoder.text("a".repeat(99)));
        assertThat(deflater.text("a".repeat(100))).hasSizeLessThan(20);
        deflater.release();
    }

    @Test
    void sendsEmptyMessagesAsTheyAre() {
        assertThat(deflater(true, 15, 0).text("")).isEqualTo(FrameEncoder.text(""));
    }

    @Test
    void sendsWhatDoesNotShrinkAsItIsIfItKeepsNoContext() {
        byte[] noise = new byte[10_000];
        new Random(7).nextBytes(noise);

        assertThat(deflater(false, 15, 0).binary(noise, 0, noise.length))
                .isEqualTo(FrameEncoder.binary(noise, 0, noise.length));
        MessageDeflater keeping = deflater(true, 15, 0);
        assertThat(Frame.read(keeping.binary(noise, 0, noise.length)).compressed)
                .isTrue();
        keeping.release();
    }

    @Test
    void compressesOnlyWhatGetsShorterIfItKeepsNoContext() {
        MessageDeflater deflater = deflater(false, 15, 0);
        for (int length = 1; length < 30; length++) {
            byte[] frame = deflater.text("a".repeat(length));
            byte[] plain = FrameEncoder.text("a".repeat(length));

            if (Frame.read(frame).compressed) {
                assertThat(frame).hasSizeLessThan(plain.length);
            } else {
                assertThat(frame).isEqualTo(plain);
            }
        }
    }

    @Test
    void compressesBetterIfItKeepsAContext() {
        String text = new Random(3)
                .ints(300, 'a', 'z')
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        MessageDeflater keeping = deflater(true, 15, 0);
        MessageDeflater forgetting = deflater(false, 15, 0);

        assertThat(keeping.text(text)).hasSameSizeAs(forgetting.text(text));
        assertThat(keeping.text(text)).hasSizeLessThan(20);
        assertThat(forgetting.text(text)).hasSizeGreaterThan(150);
        keeping.release();
    }

    @Test
    void givesTheSameBytesForEqualMessagesIfItKeepsNoContext() {
        MessageDeflater deflater = deflater(false, 15, 0);

        assertThat(deflater.text("x".repeat(500))).isEqualTo(deflater.text("x".repeat(500)));
    }

    private static MessageDeflater deflater(boolean keepsContext, int windowBits, int thresholdBytes) {
        DeflateAgreement agreement = new DeflateAgreement(keepsContext, true, OptionalInt.of(windowBits));
        return agreement.newDeflater(new DeflateOptions(true, true, 6, thresholdBytes));
    }

    private static byte[] decodeOne(MessageDecoder decoder, List<byte[]> pieces) throws ViolationException {
        for (byte[] piece : pieces.subList(0, pieces.size() - 1)) {
            assertThat(decoder.advance(ByteBuffer.wrap(piece))).isEqualTo(MessageDecoder.Step.NEED_INPUT);
        }
        assertThat(decoder.advance(ByteBuffer.wrap(pieces.get(pieces.size() - 1))))
                .isEqualTo(MessageDecoder.Step.BINARY);
        return decoder.bytes();
    }

    private static byte[] deflate(Deflater deflater, byte[] message, int flush) {
        byte[] out = new byte[2 * message.length + 100];
        deflater.setInput(message);
        if (flush == FINAL_BLOCKS) {
            deflater.finish();
        }
        int length = 0;
        do { // the first call after a change of strategy may do nothing else
            length += deflater.deflate(
                    out, length, out.length - length, flush == FINAL_BLOCKS ? Deflater.NO_FLUSH : flush);
        } while (flush == FINAL_BLOCKS ? !deflater.finished() : !deflater.needsInput() || length == 0);
        if (flush == FINAL_BLOCKS) {
            deflater.reset();
            return Arrays.copyOf(out, length + 1); // RFC 7692 section 7.2.3.4: an octet of zero behind the final block
        }
        return Arrays.copyOf(out, length - TAIL.length);
    }

    private static byte[] message(Random random, int maxLength) {
        byte[] message = new byte[1 + random.nextInt(maxLength)];
        int kinds = 2 + random.nextInt(254);
        for (int i = 0; i < message.length; i++) {
            boolean repeat = i > 20 && random.nextInt(5) > 0;
            message[i] = repeat ? message[i - 1 - random.nextInt(20)] : (byte) random.nextInt(kinds);
        }
        return message;
    }

    private static byte[] plusTail(byte[] payload) {
        byte[] whole = Arrays.copyOf(payload, payload.length + TAIL.length);
        System.arraycopy(TAIL, 0, whole, payload.length, TAIL.length);
        return whole;
    }

    /** A server's frame made a client's: with a masking key of zeros. */
    private static byte[] masked(byte[] frame) {
        int headLength = frame.length - Frame.read(frame).payload.length;
        byte[] masked = new byte[frame.length + 4];
        System.arraycopy(frame, 0, masked, 0, headLength);
        System.arraycopy(frame, headLength, masked, headLength + 4, frame.length - headLength);
        masked[1] |= (byte) 0x80;
        return masked;
    }

    /** A server's frame taken apart. */
    private static final class Frame {
        final boolean compressed;
        final byte[] payload;

        private Frame(boolean compressed, byte[] payload) {
            this.compressed = compressed;
            this.payload = payload;
        }

        static Frame read(byte[] frame) {
            int headLength = frame[1] == 126 ? 4 : frame[1] == 127 ? 10 : 2;
            return new Frame((frame[0] & 0x40) != 0, Arrays.copyOfRange(frame, headLength, frame.length));
        }
    }
}
