package org.httpkit.internal.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.httpkit.testing.Seeds;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged input gives steps or a named violation, never anything else, and the same ones however it is split. */
class MessageDecoderFuzzTest {
    private static final int ROUNDS = 20_000;
    private static final int MAX_MESSAGE_BYTES = 2_000;

    @ParameterizedTest
    @ValueSource(strings = {"off", "takeover", "no-takeover"})
    void givesTheSameStepsOfDamagedInputAtEverySplit(String deflate) {
        List<byte[]> inputs = inputs();
        Random random = Seeds.random();
        for (int round = 0; round < ROUNDS; round++) {
            byte[] input = damaged(inputs, random);
            int[] cuts = random.ints(1 + random.nextInt(8), 0, input.length + 1)
                    .sorted()
                    .toArray();

            List<String> whole = Replay.steps(Replay.decoder(MAX_MESSAGE_BYTES, deflate), input);
            List<String> split = Replay.steps(Replay.decoder(MAX_MESSAGE_BYTES, deflate), input, cuts);

            assertThat(split)
                    .as("cuts %s, %s", Arrays.toString(cuts), HexFormat.of().formatHex(input))
                    .isEqualTo(whole);
        }
    }

    private static List<byte[]> inputs() {
        List<byte[]> inputs = new ArrayList<>();
        Stream.of("messages.md", "control.md", "framing.md", "utf8.md", "close.md", "deflate.md")
                .flatMap(document -> MessageFixture.read(document).stream())
                .filter(fixture -> fixture.input().length < 2_000)
                .forEach(fixture -> inputs.add(fixture.input()));
        return inputs;
    }

    /** A few cases one behind the other, with bytes flipped, set, taken out and repeated. */
    private static byte[] damaged(List<byte[]> inputs, Random random) {
        byte[] bytes = {};
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            byte[] more = inputs.get(random.nextInt(inputs.size()));
            bytes = Arrays.copyOf(bytes, bytes.length + more.length);
            System.arraycopy(more, 0, bytes, bytes.length - more.length, more.length);
        }
        for (int i = random.nextInt(4); i > 0 && bytes.length > 1; i--) {
            int at = random.nextInt(Math.min(bytes.length, 100));
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] = (byte) (bytes[at] ^ 1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt(256);
                case 2 -> {
                    System.arraycopy(bytes, at + 1, bytes, at, bytes.length - at - 1);
                    bytes = Arrays.copyOf(bytes, bytes.length - 1);
                }
                default -> {
                    int count = Math.min(bytes.length - at, 1 + random.nextInt(8));
                    byte[] longer = Arrays.copyOf(bytes, bytes.length + count);
                    System.arraycopy(bytes, at, longer, at + count, bytes.length - at);
                    bytes = longer;
                }
            }
        }
        return bytes;
    }
}
