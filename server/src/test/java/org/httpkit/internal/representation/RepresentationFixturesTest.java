package org.httpkit.internal.representation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.httpkit.http.Headers;
import org.httpkit.internal.fields.HttpDate;
import org.httpkit.testing.Fixture;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Replays the documents of cases under {@code resources/representation}. */
class RepresentationFixturesTest {
    private static final Pattern FACT = Pattern.compile("(method|tag|modified|now)=(.*?)(?= \\w+=|$)");
    private static final long BEGIN_OF_2026 = 1_767_225_600L;

    @TestFactory
    Stream<DynamicTest> readsDates() {
        return cases("dates", fixture -> text -> {
            long now = fixture.limits().isEmpty() ? BEGIN_OF_2026 : Long.parseLong(fixture.limits());
            long second = HttpDate.parse(text, now);
            return List.of(second == HttpDate.INVALID ? "invalid" : Long.toString(second));
        });
    }

    @TestFactory
    Stream<DynamicTest> decidesOnConditions() {
        return cases("conditions", fixture -> text -> {
            Map<String, String> facts = facts(fixture.limits());
            Headers fields = fields(text);
            long now = HttpDate.parse(facts.get("now"), 0);
            Validators current =
                    new Validators(EntityTag.parse(facts.get("tag")), HttpDate.parse(facts.get("modified"), now));
            boolean isRead =
                    facts.get("method").equals("GET") || facts.get("method").equals("HEAD");
            List<String> events = new ArrayList<>();
            events.add(Preconditions.decide(fields, isRead, current, now).name());
            if (fields.contains("If-Range")) {
                boolean counts = Preconditions.rangeCounts(fields, current, now);
                events.add(counts ? "range counts" : "range does not count");
            }
            return events;
        });
    }

    @TestFactory
    Stream<DynamicTest> findsRanges() {
        return cases("ranges", fixture -> text -> {
            long length = fixture.limits().isEmpty() ? 10 : Long.parseLong(fixture.limits());
            List<ByteRange> ranges = ByteRanges.of(text, length);
            if (ranges == null) {
                return List.of("ignored");
            }
            return ranges.isEmpty()
                    ? List.of("unsatisfiable")
                    : ranges.stream()
                            .map(range -> range.first() + "-" + range.last())
                            .toList();
        });
    }

    private static Stream<DynamicTest> cases(
            String document, Function<Fixture, Function<String, List<String>>> reading) {
        List<Fixture> fixtures;
        try {
            fixtures = Fixture.read("/representation/" + document + ".md");
        } catch (IOException e) {
            throw new AssertionError(document, e);
        }
        return fixtures.stream()
                .map(fixture -> DynamicTest.dynamicTest(fixture.name(), () -> {
                    for (byte[] input : fixture.inputs()) {
                        String text = new String(input, StandardCharsets.ISO_8859_1);
                        List<String> events = reading.apply(fixture).apply(text);
                        assertThat(events).as(text).isEqualTo(fixture.events());
                    }
                }));
    }

    private static Headers fields(String lines) {
        List<String> namesAndValues = new ArrayList<>();
        for (String line : lines.split("\r\n")) {
            int colon = line.indexOf(':');
            namesAndValues.add(line.substring(0, colon));
            namesAndValues.add(line.substring(colon + 1).strip());
        }
        return Headers.of(namesAndValues.toArray(String[]::new));
    }

    private static Map<String, String> facts(String limits) {
        Map<String, String> facts = new TreeMap<>(Map.of(
                "method", "GET",
                "tag", "\"a\"",
                "modified", "Sun, 06 Nov 1994 08:49:37 GMT",
                "now", "Mon, 07 Nov 1994 08:49:37 GMT"));
        FACT.matcher(limits).results().forEach(fact -> facts.put(fact.group(1), fact.group(2)));
        return facts;
    }
}
