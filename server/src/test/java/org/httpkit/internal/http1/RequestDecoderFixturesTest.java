package org.httpkit.internal.http1;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.httpkit.internal.fields.HeadLimits;
import org.httpkit.testing.Fixture;
import org.httpkit.testing.Splits;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Replays the documents of cases under {@code resources/http1} whole, byte by byte, at every split, and with bytes behind. */
class RequestDecoderFixturesTest {
    private static final long SEED = 9112;

    @TestFactory
    Stream<DynamicContainer> decodesAsTheDocumentsSay() {
        return Stream.of(
                        "request-line",
                        "target",
                        "fields",
                        "host",
                        "content-length",
                        "transfer-encoding",
                        "chunks",
                        "trailers",
                        "limits",
                        "pipelining")
                .map(document -> DynamicContainer.dynamicContainer(document, tests("/http1/" + document + ".md")));
    }

    private static Stream<DynamicTest> tests(String document) {
        try {
            return Fixture.read(document).stream()
                    .map(fixture -> DynamicTest.dynamicTest(fixture.name(), () -> replay(fixture)));
        } catch (IOException e) {
            throw new AssertionError(document, e);
        }
    }

    private static void replay(Fixture fixture) {
        HeadLimits limits = limits(fixture.limits());
        for (byte[] input : fixture.inputs()) {
            String text = printable(input);
            DecoderTrace whole = DecoderTrace.of(List.of(input), limits);
            assertThat(whole.events()).as(text).isEqualTo(fixture.events());
            for (List<byte[]> pieces : Splits.of(input, SEED)) {
                DecoderTrace trace = DecoderTrace.of(pieces, limits);
                assertThat(trace.events())
                        .as("%s in %s pieces", text, pieces.size())
                        .isEqualTo(whole.events());
                assertThat(trace.consumed()).as("consumed of %s", text).isEqualTo(whole.consumed());
            }
            if (isRefused(fixture)) {
                assertThat(consumedWithBytesBehind(input, limits)).as(text).isEqualTo(whole.consumed());
                assertRefusedNoEarlier(input, whole, limits, text);
            }
        }
    }

    /** What comes behind the offending byte stays in the input. */
    private static int consumedWithBytesBehind(byte[] input, HeadLimits limits) {
        byte[] more = Arrays.copyOf(input, input.length + 100);
        Arrays.fill(more, input.length, more.length, (byte) 'z');
        return DecoderTrace.of(List.of(more), limits).consumed();
    }

    /** The byte that is named as offending is the one that makes the difference: without it there is no violation. */
    private static void assertRefusedNoEarlier(byte[] input, DecoderTrace whole, HeadLimits limits, String text) {
        byte[] less = Arrays.copyOf(input, whole.consumed() - 1);
        List<String> events =
                new ArrayList<>(DecoderTrace.of(List.of(less), limits).events());
        assertThat(events).as(text).noneMatch(event -> event.startsWith("violation"));
    }

    private static boolean isRefused(Fixture fixture) {
        return fixture.events().get(fixture.events().size() - 1).startsWith("violation");
    }

    /** Reads {@code line 64 header 256 count 3}. */
    private static HeadLimits limits(String text) {
        if (text.isEmpty()) {
            return HeadLimits.DEFAULT;
        }
        String[] words = text.split(" ", -1);
        return new HeadLimits(Integer.parseInt(words[1]), Integer.parseInt(words[3]), Integer.parseInt(words[5]));
    }

    private static String printable(byte[] input) {
        StringBuilder text = new StringBuilder();
        for (byte b : Arrays.copyOf(input, Math.min(input.length, 300))) {
            text.append(b >= ' ' && b < 127 ? String.valueOf((char) b) : String.format("\\x%02x", b & 0xFF));
        }
        return text.toString();
    }
}
