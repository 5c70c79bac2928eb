package org.httpkit.internal.http1;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.httpkit.internal.fields.HeadLimits;
import org.httpkit.testing.Fixture;
import org.httpkit.testing.Seeds;
import org.httpkit.testing.Splits;
import org.junit.jupiter.api.Test;

/** Damages the inputs of the documents: whatever comes is steps or one named violation, the same at any split. */
class RequestDecoderMutationTest {
    private static final int ROUNDS = 30_000;
    private static final HeadLimits SMALL = new HeadLimits(64, 256, 6);
    private static final byte[] TELLING =
            "\r\n\t :;,=\"\\%/?*[]0159afGZ\0\177\377\200chunkedclose".getBytes(StandardCharsets.ISO_8859_1);

    @Test
    void comesToTheSameOutcomeAtAnySplit() throws IOException {
        List<byte[]> seeds = seeds();
        for (long seed : Seeds.of(3986)) {
            Random random = Seeds.random(seed);
            for (int round = 0; round < ROUNDS; round++) {
                byte[] input = mutated(seeds, random);
                HeadLimits limits = random.nextBoolean() ? HeadLimits.DEFAULT : SMALL;
                String description = "round " + round;
                check(input, limits, random, description);
            }
        }
    }

    private static void check(byte[] input, HeadLimits limits, Random random, String description) {
        DecoderTrace whole = trace(List.of(input), limits, description);
        List<byte[]> pieces = random.nextInt(4) == 0 ? Splits.byteByByte(input) : Splits.atRandom(input, random);
        DecoderTrace split = trace(pieces, limits, description);
        assertThat(split.events()).as(description).isEqualTo(whole.events());
        assertThat(split.consumed()).as(description).isEqualTo(whole.consumed());
        assertThat(whole.consumed()).as(description).isLessThanOrEqualTo(input.length);
    }

    private static DecoderTrace trace(List<byte[]> pieces, HeadLimits limits, String description) {
        try {
            return DecoderTrace.of(pieces, limits);
        } catch (RuntimeException e) {
            throw new AssertionError(description, e);
        }
    }

    /** The shorter inputs of the documents. */
    static List<byte[]> seeds() throws IOException {
        List<byte[]> seeds = new ArrayList<>();
        for (String document : List.of("request-line", "target", "fields", "host", "content-length", "pipelining")) {
            addShort(seeds, document);
        }
        for (String document : List.of("transfer-encoding", "chunks", "trailers")) {
            addShort(seeds, document);
        }
        return seeds;
    }

    private static void addShort(List<byte[]> seeds, String document) throws IOException {
        for (Fixture fixture : Fixture.read("/http1/" + document + ".md")) {
            for (byte[] input : fixture.inputs()) {
                if (input.length < 600) {
                    seeds.add(input);
                }
            }
        }
    }

    /** One of them with up to three changes. */
    static byte[] mutated(List<byte[]> seeds, Random random) {
        byte[] input = seeds.get(random.nextInt(seeds.size()));
        int mutations = 1 + random.nextInt(3);
        for (int i = 0; i < mutations; i++) {
            int at = random.nextInt(input.length + 1);
            input = switch (random.nextInt(4)) {
                case 0 -> spliced(input, at, telling(random), Math.min(input.length, at + 1));
                case 1 -> spliced(input, at, telling(random), at);
                case 2 -> spliced(input, at, new byte[0], Math.min(input.length, at + 1 + random.nextInt(8)));
                default -> {
                    byte[] other = seeds.get(random.nextInt(seeds.size()));
                    int from = random.nextInt(other.length);
                    int to = Math.min(other.length, from + random.nextInt(40));
                    yield spliced(input, at, Arrays.copyOfRange(other, from, to), at);
                }
            };
        }
        return input;
    }

    private static byte[] telling(Random random) {
        byte b = TELLING[random.nextInt(TELLING.length)];
        byte[] run = new byte[random.nextInt(20) == 0 ? 1 + random.nextInt(80) : 1];
        Arrays.fill(run, b);
        return run;
    }

    private static byte[] spliced(byte[] input, int from, byte[] between, int to) {
        byte[] result = Arrays.copyOf(input, from + between.length + input.length - to);
        System.arraycopy(between, 0, result, from, between.length);
        System.arraycopy(input, to, result, from + between.length, input.length - to);
        return result;
    }
}
