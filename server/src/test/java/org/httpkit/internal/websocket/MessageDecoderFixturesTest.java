package org.httpkit.internal.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.httpkit.testing.Seeds;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every case of the fixture documents gives its steps, however its bytes are cut and whatever follows. */
class MessageDecoderFixturesTest {
    private static final int RANDOM_CUTS = 30;

    @TestFactory
    Stream<DynamicContainer> readsFramesAsTheDocumentsSay() {
        return Stream.of("messages.md", "control.md", "framing.md", "utf8.md", "close.md", "deflate.md")
                .map(document -> DynamicContainer.dynamicContainer(
                        document,
                        MessageFixture.read(document).stream()
                                .map(fixture ->
                                        DynamicTest.dynamicTest(fixture.name(), () -> assertEverySplit(fixture)))));
    }

    private static void assertEverySplit(MessageFixture fixture) {
        assertSteps(fixture, "whole", fixture.input());
        int length = fixture.input().length;
        assertSteps(
                fixture, "bytewise", fixture.input(), IntStream.range(1, length).toArray());
        for (int cut = 1; cut < Math.min(length, 300); cut++) {
            assertSteps(fixture, "cut at " + cut, fixture.input(), cut);
        }
        Random random = Seeds.random();
        for (int i = 0; i < RANDOM_CUTS; i++) {
            int[] cuts =
                    random.ints(1 + random.nextInt(6), 0, length + 1).sorted().toArray();
            assertSteps(fixture, "cut at " + Arrays.toString(cuts), fixture.input(), cuts);
        }
        assertTrailingBytesChangeNothing(fixture);
    }

    /** Behind the last whole frame half a ping may follow; behind the end of it all, anything. */
    private static void assertTrailingBytesChangeNothing(MessageFixture fixture) {
        String last = fixture.steps().isEmpty()
                ? ""
                : fixture.steps().get(fixture.steps().size() - 1);
        boolean ended = last.startsWith("violation") || last.startsWith("CLOSE");
        if (ended) {
            byte[] more = Arrays.copyOf(fixture.input(), fixture.input().length + 40);
            Arrays.fill(more, fixture.input().length, more.length, (byte) 0xFF);
            assertSteps(fixture, "with trailing bytes", more);
            assertSteps(fixture, "with trailing bytes apart", more, fixture.input().length);
        } else if (!last.equals("need input")) {
            byte[] more = Arrays.copyOf(fixture.input(), fixture.input().length + 3);
            more[more.length - 3] = (byte) 0x89;
            more[more.length - 2] = (byte) 0x81;
            assertSteps(fixture, "with half a ping behind", more);
        }
    }

    private static void assertSteps(MessageFixture fixture, String how, byte[] input, int... cuts) {
        assertSteps(Replay.decoder(fixture.maxMessageBytes(), fixture.deflate()), fixture, how, input, cuts);
        if (!fixture.deflate().equals("off")) {
            assertSteps(
                    Replay.decoder(fixture.maxMessageBytes(), fixture.deflate(), 3, 2),
                    fixture,
                    how + ", inflated in pieces",
                    input,
                    cuts);
        }
    }

    private static void assertSteps(
            MessageDecoder decoder, MessageFixture fixture, String how, byte[] input, int... cuts) {
        List<String> expected = new ArrayList<>(fixture.steps());
        expected.remove("need input");
        assertThat(Replay.steps(decoder, input, cuts))
                .as("%s: %s", fixture.name(), how)
                .isEqualTo(expected);
    }
}
