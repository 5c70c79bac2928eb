package org.httpkit.internal.http2;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.httpkit.testing.Seeds;
import org.httpkit.testing.Splits;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Replays the documents of cases under {@code resources/http2} whole, byte by byte, at every split, and with bytes behind. */
class FramesFixturesTest {
    private static final long SEED = 9113;
    private static final int MOST_CUTS = Integer.getInteger("httpkit.cuts", 300);
    private static final int RANDOM_SPLITS = Math.min(MOST_CUTS, 20);

    @TestFactory
    Stream<DynamicContainer> readsFramesAsTheDocumentsSay() {
        return Stream.of(
                        "frames",
                        "field-blocks",
                        "settings",
                        "flow-control",
                        "streams",
                        "hpack",
                        "pseudo-fields",
                        "fields",
                        "trailers",
                        "content-length",
                        "limits",
                        "priority")
                .map(document -> DynamicContainer.dynamicContainer(document, tests("/http2/" + document + ".md")));
    }

    private static Stream<DynamicTest> tests(String document) {
        try {
            return FrameFixture.read(document).stream()
                    .map(fixture -> DynamicTest.dynamicTest(fixture.name(), () -> replay(fixture)));
        } catch (IOException e) {
            throw new AssertionError(document, e);
        }
    }

    private static void replay(FrameFixture fixture) {
        ConnectionTrace whole = trace(fixture, List::of);
        assertThat(whole.events()).as("whole").isEqualTo(fixture.events());
        same(whole, trace(fixture, Splits::byteByByte), "byte by byte");
        for (int cut = 1; cut < Math.min(MOST_CUTS, longest(fixture)); cut++) {
            int at = cut;
            same(
                    whole,
                    trace(fixture, bytes -> at < bytes.length ? Splits.cutAt(bytes, at) : List.of(bytes)),
                    "cut at " + at);
        }
        for (long seed : Seeds.of(SEED)) {
            Random random = Seeds.random(seed);
            for (int i = 0; i < RANDOM_SPLITS; i++) {
                same(whole, trace(fixture, bytes -> Splits.atRandom(bytes, random)), "cut at random");
            }
        }
        if (whole.failed()) {
            assertNothingBehindMatters(fixture, whole);
        }
    }

    private static int longest(FrameFixture fixture) {
        return fixture.parts().stream()
                .mapToInt(part -> part instanceof FrameNotation.Input input ? input.bytes().length : 0)
                .max()
                .orElse(0);
    }

    private static void assertNothingBehindMatters(FrameFixture fixture, ConnectionTrace whole) {
        ConnectionTrace more = trace(fixture, bytes -> {
            byte[] longer = Arrays.copyOf(bytes, bytes.length + 50);
            Arrays.fill(longer, bytes.length, longer.length, (byte) 0xFF);
            return List.of(longer);
        });
        if (fixture.parts().size() == 1) {
            assertThat(more.events()).as("with bytes behind").isEqualTo(whole.events());
        }
    }

    private static void same(ConnectionTrace whole, ConnectionTrace other, String how) {
        assertThat(other.events()).as(how).isEqualTo(whole.events());
    }

    /** How a run of bytes is cut. */
    private interface Cut {
        List<byte[]> of(byte[] bytes);
    }

    private static ConnectionTrace trace(FrameFixture fixture, Cut cut) {
        List<String> words = new ArrayList<>(List.of(fixture.limits().split(" ", -1)));
        ConnectionTrace trace = new ConnectionTrace(limits(words), limit(words, "streams", 100));
        for (FrameNotation.Part part : fixture.parts()) {
            if (part instanceof FrameNotation.Input input) {
                cut.of(input.bytes()).forEach(trace::feed);
            } else if (part instanceof FrameNotation.Action action) {
                trace.act(action.words());
            }
        }
        trace.end();
        return trace;
    }

    /** Reads {@code field 64 list 256 count 3 block 500 continuations 4 streams 1}, each of which may be missing. */
    private static Http2Limits limits(List<String> words) {
        Http2Limits usual = Http2Limits.DEFAULT;
        return new Http2Limits(
                usual.maxFrameBytes(),
                limit(words, "field", usual.maxFieldBytes()),
                limit(words, "list", usual.maxHeaderListBytes()),
                limit(words, "count", usual.maxHeaderCount()),
                limit(words, "block", usual.maxBlockBytes()),
                limit(words, "continuations", usual.maxContinuations()),
                usual.headerTableBytes());
    }

    private static int limit(List<String> words, String name, int usual) {
        int at = words.indexOf(name);
        return at < 0 ? usual : Integer.parseInt(words.get(at + 1));
    }
}
