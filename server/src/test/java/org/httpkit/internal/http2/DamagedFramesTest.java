package org.httpkit.internal.http2;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.httpkit.testing.Seeds;
import org.httpkit.testing.Splits;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes of the documents, damaged and joined at random: whatever comes is steps or a violation, the same at any split. */
class DamagedFramesTest {
    private static final int ROUNDS = 3000;

    static long[] seeds() {
        return Seeds.of(9113);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void comeToTheSameAtAnySplit(long seed) throws IOException {
        Random random = Seeds.random(seed);
        List<byte[]> inputs = inputs();
        for (int round = 0; round < ROUNDS; round++) {
            byte[] input = damaged(inputs, random);
            List<String> whole = trace(List.of(input));

            assertThat(trace(Splits.byteByByte(input))).as("round %d", round).isEqualTo(whole);
            assertThat(trace(Splits.atRandom(input, random)))
                    .as("round %d", round)
                    .isEqualTo(whole);
        }
    }

    private static List<String> trace(List<byte[]> pieces) {
        ConnectionTrace trace = new ConnectionTrace(Http2Limits.DEFAULT, 100);
        pieces.forEach(trace::feed);
        trace.end();
        return trace.events();
    }

    private static List<byte[]> inputs() throws IOException {
        List<byte[]> inputs = new ArrayList<>();
        for (String document :
                List.of("frames", "field-blocks", "streams", "hpack", "fields", "trailers", "settings")) {
            for (FrameFixture fixture : FrameFixture.read("/http2/" + document + ".md")) {
                for (FrameNotation.Part part : fixture.parts()) {
                    if (part instanceof FrameNotation.Input input && input.bytes().length < 2000) {
                        inputs.add(input.bytes());
                    }
                }
            }
        }
        return inputs;
    }

    private static byte[] damaged(List<byte[]> inputs, Random random) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        joined.writeBytes(FrameNotation.bytes("SETTINGS"));
        for (int i = random.nextInt(4); i >= 0; i--) {
            joined.writeBytes(inputs.get(random.nextInt(inputs.size())));
        }
        byte[] bytes = joined.toByteArray();
        for (int i = random.nextInt(6); i > 0; i--) {
            int at = random.nextInt(bytes.length);
            bytes[at] = random.nextBoolean() ? (byte) random.nextInt(256) : (byte) (bytes[at] ^ 1 << random.nextInt(8));
        }
        return bytes;
    }
}
