package org.httpkit.internal.bytes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import java.util.Random;
import org.httpkit.testing.Seeds;
import org.junit.jupiter.api.Test;

class Utf8ValidatorTest {
    private final Utf8Validator validator = new Utf8Validator();

    @Test
    void acceptsEveryCodePointButSurrogates() {
        for (int codePoint = 0; codePoint <= 0x10FFFF; codePoint++) {
            if (codePoint < 0xD800 || codePoint > 0xDFFF) {
                byte[] bytes = Character.toString(codePoint).getBytes(UTF_8);
                validator.reset();
                assertThat(validator.accept(bytes, 0, bytes.length) && validator.isComplete())
                        .as("U+%X", codePoint)
                        .isTrue();
                assertThat(validator.sawOnlyAscii()).isEqualTo(codePoint < 128);
            }
        }
    }

    @Test
    void agreesWithTheCharsetOnEveryThreeBytes() {
        byte[] bytes = new byte[3];
        for (int value = 0; value < 1 << 24; value += 1 + (value & 3)) {
            bytes[0] = (byte) (value >> 16);
            bytes[1] = (byte) (value >> 8);
            bytes[2] = (byte) value;
            validator.reset();
            boolean valid = validator.accept(bytes, 0, 3) && validator.isComplete();
            if (valid != Arrays.equals(new String(bytes, UTF_8).getBytes(UTF_8), bytes)) {
                throw new AssertionError("Wrong about " + Arrays.toString(bytes));
            }
        }
    }

    @Test
    void agreesWithTheCharsetOnRandomBytesInRandomPieces() {
        Random random = Seeds.random();
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = likelyText(random);
            validator.reset();
            boolean valid = true;
            for (int at = 0; at < bytes.length; ) {
                int count = 1 + random.nextInt(bytes.length - at);
                valid = validator.accept(bytes, at, count);
                at += count;
            }
            assertThat(valid && validator.isComplete())
                    .as("%s", Arrays.toString(bytes))
                    .isEqualTo(isUtf8(bytes));
            if (valid) {
                assertThat(validator.sawOnlyAscii()).isEqualTo(new String(bytes, UTF_8).matches("\\p{ASCII}*"));
            }
        }
    }

    @Test
    void refusesAtTheFirstByteThatCannotBeRight() {
        assertRefusedAt(1, 0xC0);
        assertRefusedAt(1, 0xF5);
        assertRefusedAt(2, 0xE0, 0x9F);
        assertRefusedAt(2, 0xED, 0xA0);
        assertRefusedAt(2, 0xF0, 0x8F);
        assertRefusedAt(2, 0xF4, 0x90);
        assertRefusedAt(3, 0xE2, 0x82, 0x28);
        assertRefusedAt(4, 0xF0, 0x9F, 0x98, 0xC0);
    }

    @Test
    void staysRefusedUntilReset() {
        validator.accept(new byte[] {(byte) 0xFF}, 0, 1);

        assertThat(validator.accept("abcdefghijkl".getBytes(UTF_8), 0, 12)).isFalse();
        assertThat(validator.isComplete()).isFalse();
        validator.reset();
        assertThat(validator.accept("abcdefghijkl".getBytes(UTF_8), 0, 12)).isTrue();
    }

    private void assertRefusedAt(int length, int... values) {
        validator.reset();
        for (int i = 0; i < values.length; i++) {
            boolean accepted = validator.accept(new byte[] {(byte) values[i]}, 0, 1);
            assertThat(accepted)
                    .as("byte %d of %s", i + 1, Arrays.toString(values))
                    .isEqualTo(i + 1 < length);
        }
    }

    private static byte[] likelyText(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(30); i >= 0; i--) {
            text.appendCodePoint(random.nextInt(4) > 0 ? random.nextInt(128) : random.nextInt(0xD800));
        }
        byte[] bytes = text.toString().getBytes(UTF_8);
        if (random.nextBoolean()) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
