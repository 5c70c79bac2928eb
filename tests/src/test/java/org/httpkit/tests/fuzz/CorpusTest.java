package org.httpkit.tests.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.httpkit.testkit.Seeds;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Replays what the fuzzer has kept, as it is and damaged. {@code ./fuzz} goes on from there. */
@Tag("once")
class CorpusTest {
    private static final int DAMAGED = 5_000;

    static Stream<Arguments> targets() {
        return Stream.of(
                target(RequestDecoderFuzz.class, RequestDecoderFuzz::fuzzerTestOneInput),
                target(MessageDecoderFuzz.class, MessageDecoderFuzz::fuzzerTestOneInput),
                target(ProxyDecoderFuzz.class, ProxyDecoderFuzz::fuzzerTestOneInput),
                target(ForwardedForFuzz.class, ForwardedForFuzz::fuzzerTestOneInput),
                target(ResponseEncoderFuzz.class, ResponseEncoderFuzz::fuzzerTestOneInput),
                target(FrameEncoderFuzz.class, FrameEncoderFuzz::fuzzerTestOneInput),
                target(FieldValuesFuzz.class, FieldValuesFuzz::fuzzerTestOneInput),
                target(FrameDecoderFuzz.class, FrameDecoderFuzz::fuzzerTestOneInput),
                target(HpackDecoderFuzz.class, HpackDecoderFuzz::fuzzerTestOneInput),
                target(HandshakeFuzz.class, HandshakeFuzz::fuzzerTestOneInput),
                target(MultipartFuzz.class, MultipartFuzz::fuzzerTestOneInput),
                target(InflatingFuzz.class, InflatingFuzz::fuzzerTestOneInput));
    }

    @ParameterizedTest
    @MethodSource("targets")
    void keepsToTheRule(String name, Consumer<byte[]> target) throws IOException {
        List<byte[]> corpus = corpus(name);
        assertThat(corpus).hasSizeGreaterThan(20);
        for (byte[] input : corpus) {
            run(target, input, "as kept");
        }
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("targets")
    void keepsToTheRuleIfDamaged(String name, Consumer<byte[]> target) throws IOException {
        List<byte[]> corpus = corpus(name);
        for (long seed : Seeds.of(1)) {
            Random random = Seeds.random(seed);
            for (int round = 0; round < DAMAGED; round++) {
                byte[] input = spliced(pick(corpus, random), pick(corpus, random), random);
                run(target, input, "round " + round);
            }
        }
    }

    private static byte[] pick(List<byte[]> corpus, Random random) {
        return corpus.get(random.nextInt(corpus.size())).clone();
    }

    /** The beginning of one, the end of the other, and a few other bytes. */
    private static byte[] spliced(byte[] one, byte[] other, Random random) {
        int head = random.nextInt(one.length + 1);
        int tail = random.nextInt(other.length + 1);
        byte[] input = Arrays.copyOf(one, head + other.length - tail);
        System.arraycopy(other, tail, input, head, other.length - tail);
        for (int i = random.nextInt(3); i > 0 && input.length > 0; i--) {
            input[random.nextInt(input.length)] = (byte) random.nextInt(256);
        }
        return input;
    }

    private static void run(Consumer<byte[]> target, byte[] input, String description) {
        try {
            target.accept(input.clone());
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(description + ": " + Corpus.text(input), e);
        }
    }

    private static List<byte[]> corpus(String name) throws IOException {
        URL file = Objects.requireNonNull(CorpusTest.class.getResource("/fuzz/" + name + ".txt"), name);
        try {
            return Corpus.read(Path.of(file.toURI()));
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private static Arguments target(Class<?> type, Consumer<byte[]> target) {
        return Arguments.of(type.getSimpleName(), target);
    }
}
