package org.httpkit.internal.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.httpkit.internal.proxy.ProxyDecoder.Mode;
import org.httpkit.testing.Fixture;
import org.httpkit.testing.Seeds;
import org.httpkit.testing.Splits;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Replays the documents of cases under {@code resources/proxy} at many splits and with bytes behind, and damages them. */
class ProxyDecoderFixturesTest {
    private static final List<String> DOCUMENTS = List.of("line", "optional", "binary", "tlv");
    private static final long SEED = 1078;
    private static final int ROUNDS = 30_000;

    @TestFactory
    Stream<DynamicContainer> decodesAsTheDocumentsSay() {
        return DOCUMENTS.stream()
                .map(document -> DynamicContainer.dynamicContainer(
                        document,
                        read(document).stream()
                                .map(fixture -> DynamicTest.dynamicTest(fixture.name(), () -> replay(fixture)))));
    }

    @Test
    void comesToTheSameOutcomeAtAnySplitOfDamagedInput() {
        List<byte[]> seeds = new ArrayList<>();
        DOCUMENTS.forEach(document -> read(document).forEach(fixture -> seeds.addAll(fixture.inputs())));
        for (long seed : Seeds.of(SEED)) {
            Random random = Seeds.random(seed);
            for (int round = 0; round < ROUNDS; round++) {
                byte[] input = damaged(seeds, random);
                Mode mode = random.nextBoolean() ? Mode.ENABLED : Mode.OPTIONAL;
                String description = "round " + round + ": " + ProxyTrace.printable(input);
                ProxyTrace whole = trace(List.of(input), mode, description);
                ProxyTrace split = trace(Splits.atRandom(input, random), mode, description);
                assertThat(split.events()).as(description).isEqualTo(whole.events());
                assertThat(split.consumed()).as(description).isEqualTo(whole.consumed());
            }
        }
    }

    private static void replay(Fixture fixture) {
        List<String> words = List.of(fixture.limits().split(" ", -1));
        Mode mode = words.contains("OPTIONAL") ? Mode.OPTIONAL : Mode.ENABLED;
        int max = words.get(0).equals("max") ? Integer.parseInt(words.get(1)) : 4096;
        for (byte[] input : fixture.inputs()) {
            String text = ProxyTrace.printable(input);
            ProxyTrace whole = ProxyTrace.of(List.of(input), mode, max);
            List<String> events = whole.events();
            assertThat(events).as(text).isEqualTo(fixture.events());
            for (List<byte[]> pieces : Splits.of(input, SEED)) {
                ProxyTrace split = ProxyTrace.of(pieces, mode, max);
                assertThat(split.events())
                        .as("%s in %s pieces", text, pieces.size())
                        .isEqualTo(events);
                assertThat(split.consumed()).as(text).isEqualTo(whole.consumed());
            }
            if (events.get(0).startsWith("header") || events.get(0).startsWith("violation")) {
                assertNothingBehindIsConsumed(input, whole, mode, max);
                assertNothingIsDecidedEarlier(input, whole, mode, max);
            }
        }
    }

    private static void assertNothingBehindIsConsumed(byte[] input, ProxyTrace whole, Mode mode, int max) {
        byte[] more = Arrays.copyOf(input, input.length + 100);
        Arrays.fill(more, input.length, more.length, (byte) 'z');
        assertThat(ProxyTrace.of(List.of(more), mode, max).consumed()).isEqualTo(whole.consumed());
    }

    private static void assertNothingIsDecidedEarlier(byte[] input, ProxyTrace whole, Mode mode, int max) {
        byte[] less = Arrays.copyOf(input, whole.consumed() - 1);
        assertThat(ProxyTrace.of(List.of(less), mode, max).events())
                .noneMatch(event -> event.startsWith("header") || event.startsWith("violation"));
    }

    private static List<Fixture> read(String document) {
        try {
            return Fixture.read("/proxy/" + document + ".md");
        } catch (IOException e) {
            throw new AssertionError(document, e);
        }
    }

    private static ProxyTrace trace(List<byte[]> pieces, Mode mode, String description) {
        try {
            return ProxyTrace.of(pieces, mode, ProxyDecoder.LEAST_BINARY_LIMIT);
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(description, e);
        }
    }

    private static byte[] damaged(List<byte[]> seeds, Random random) {
        byte[] input = seeds.get(random.nextInt(seeds.size()));
        for (int mutation = 0; mutation <= random.nextInt(4); mutation++) {
            int at = random.nextInt(input.length + 1);
            int to = Math.min(input.length, at + random.nextInt(3));
            byte[] other = seeds.get(random.nextInt(seeds.size()));
            int from = random.nextInt(other.length);
            byte[] between = Arrays.copyOfRange(other, from, Math.min(other.length, from + random.nextInt(12)));
            if (random.nextBoolean()) {
                between = new byte[] {(byte) random.nextInt(256)};
            }
            byte[] result = Arrays.copyOf(input, at + between.length + input.length - to);
            System.arraycopy(between, 0, result, at, between.length);
            System.arraycopy(input, to, result, at + between.length, input.length - to);
            input = result;
        }
        return input;
    }
}
