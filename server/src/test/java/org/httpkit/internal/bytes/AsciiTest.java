package org.httpkit.internal.bytes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.httpkit.testing.Seeds;
import org.junit.jupiter.api.Test;

class AsciiTest {

    @Test
    void knowsTokenCharacters() {
        String token = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        for (int c = 0; c < 256; c++) {
            assertThat(Ascii.isTokenChar((byte) c)).as("character %s", c).isEqualTo(token.indexOf(c) >= 0);
        }
    }

    @Test
    void knowsHexadecimalDigits() {
        for (int c = 0; c < 256; c++) {
            int expected = c < 128 ? Character.digit(c, 16) : -1;
            assertThat(Ascii.hexValue((byte) c)).as("character %s", c).isEqualTo(expected);
        }
    }

    @Test
    void findsEachControlCharacterAmongAnyBytes() {
        Random random = Seeds.random();
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[random.nextInt(40)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (random.nextInt(60) == 0 ? random.nextInt(256) : 32 + random.nextInt(224));
            }
            int from = random.nextInt(bytes.length + 1);
            int to = from + random.nextInt(bytes.length - from + 1);

            assertThat(Ascii.indexOfControl(bytes, from, to))
                    .as("round %s", round)
                    .isEqualTo(slowIndexOfControl(bytes, from, to));
        }
    }

    private static int slowIndexOfControl(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            int c = bytes[i] & 0xFF;
            if (c < 32 || c == 127) {
                return i;
            }
        }
        return to;
    }

    @Test
    void ignoresTheCaseOfLettersAlone() {
        byte[] bytes = "xAb-_z[x".getBytes(StandardCharsets.US_ASCII);

        assertThat(Ascii.equalsIgnoreCase(bytes, 1, 4, "aB-")).isTrue();
        assertThat(Ascii.equalsIgnoreCase(bytes, 1, 4, "ab\r")).isFalse();
        assertThat(Ascii.equalsIgnoreCase(bytes, 4, 7, "_Z{")).isFalse();
        assertThat(Ascii.equalsIgnoreCase(bytes, 1, 3, "abc")).isFalse();
        assertThat(Ascii.equalsIgnoreCase(bytes, 1, 1, "")).isTrue();
    }

    @Test
    void tellsLettersOfLatin1Apart() {
        byte[] bytes = {(byte) 0xE9};

        assertThat(Ascii.equalsIgnoreCase(bytes, 0, 1, "\u00E9")).isTrue();
        assertThat(Ascii.equalsIgnoreCase(bytes, 0, 1, "\u00C9")).isFalse();
    }

    @Test
    void trimsSpacesAndTabs() {
        byte[] bytes = " \t a b \t".getBytes(StandardCharsets.US_ASCII);

        assertThat(Ascii.skipWhitespace(bytes, 0, bytes.length)).isEqualTo(3);
        assertThat(Ascii.trimEnd(bytes, 3, bytes.length)).isEqualTo(6);
        assertThat(Ascii.skipWhitespace(bytes, 0, 2)).isEqualTo(2);
        assertThat(Ascii.trimEnd(bytes, 0, 2)).isEqualTo(0);
    }
}
