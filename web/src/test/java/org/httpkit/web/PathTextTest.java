package org.httpkit.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PathTextTest {
    /** The bytes at which the rules of UTF-8 change (RFC 3629 section 4), and those beside them. */
    private static final int[] EDGES = {
        0x00, 0x2F, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
        0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF
    };

    @Test
    void agreesWithTheJdkOnEveryPairOfBytes() {
        byte[] pair = new byte[2];
        for (int i = 0; i < 1 << 16; i++) {
            pair[0] = (byte) (i >> 8);
            pair[1] = (byte) i;
            assertDecodesAsTheJdk(pair);
        }
    }

    @Test
    void agreesWithTheJdkOnLongerSequences() {
        for (int a : EDGES) {
            for (int b : EDGES) {
                for (int c : EDGES) {
                    assertDecodesAsTheJdk(new byte[] {(byte) a, (byte) b, (byte) c});
                    for (int d : EDGES) {
                        assertDecodesAsTheJdk(new byte[] {(byte) a, (byte) b, (byte) c, (byte) d});
                    }
                }
            }
        }
    }

    private static void assertDecodesAsTheJdk(byte[] bytes) {
        StringBuilder escaped = new StringBuilder();
        for (byte b : bytes) {
            escaped.append('%').append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
        }
        String path = escaped.toString();
        String expected = ofJdk(bytes);
        if (PathText.isWellFormed(path) != (expected != null)) {
            throw new AssertionError(path + " is " + (expected == null ? "not " : "") + "well formed");
        }
        String decoded = PathText.decode(path, 0, path.length());
        if (!Objects.equals(decoded, expected)) { // AssertJ would take seconds for all of them
            throw new AssertionError(path + " becomes " + decoded + ", not " + expected);
        }
    }

    private static @Nullable String ofJdk(byte[] bytes) {
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    @Test
    void looksAtItsPartOfThePathOnly() {
        String path = "/%/a%20b/%C3/%";
        assertThat(PathText.decode(path, 3, 8)).isEqualTo("a b");
        assertThat(PathText.decode(path, 3, 6)).isNull();
        assertThat(PathText.decode(path, 1, 2)).isNull();
        assertThat(PathText.decode(path, 9, 12)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {".", "..", "%2e", "%2E.", ".%2e", "%2e%2E"})
    void knowsDots(String segment) {
        assertThat(PathText.isDots("/" + segment + "/", 1, 1 + segment.length()))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "...", "a", ".a", "a.", "%2f", "%2e%2e%2e", "..%2e", "%252e", "%2", "%"})
    void takesNothingElseForDots(String segment) {
        assertThat(PathText.isDots("/" + segment + "e./", 1, 1 + segment.length()))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a/b", "100%", "grüß", "😀", "\uFFFD", "-._~!$&'()*+,;=:@"})
    void decodesWhatItEncodes(String segment) {
        String path = PathText.encode(segment);
        assertThat(PathText.decode(path, 0, path.length())).isEqualTo(segment);
    }

    @Test
    void decodesSegmentsInATimeThatGrowsWithThePath() {
        String path = "/a".repeat(1 << 20);

        // Looking for the next escape behind the end of each segment would take minutes.
        assertThat(Assertions.assertTimeout(Duration.ofSeconds(10), () -> FileNames.segments(path, 1)))
                .hasSize(1 << 20);
    }
}
