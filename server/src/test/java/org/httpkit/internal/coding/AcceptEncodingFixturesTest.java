package org.httpkit.internal.coding;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.httpkit.testing.Fixture;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Replays the documents of cases under {@code resources/coding}. */
class AcceptEncodingFixturesTest {

    @TestFactory
    Stream<DynamicTest> choosesACoding() throws IOException {
        return Fixture.read("/coding/accept-encoding.md").stream()
                .map(fixture -> DynamicTest.dynamicTest(fixture.name(), () -> check(fixture)));
    }

    private static void check(Fixture fixture) {
        List<String> offered =
                switch (fixture.limits()) {
                    case "" -> List.of("br", "gzip");
                    case "-" -> List.of();
                    default -> List.of(fixture.limits().split(" "));
                };
        for (byte[] input : fixture.inputs()) {
            String text = new String(input, StandardCharsets.ISO_8859_1);
            String chosen = AcceptEncoding.choose(List.of(text.split("\n", -1)), offered);
            assertThat(chosen == null ? "none" : chosen)
                    .as(text)
                    .isEqualTo(fixture.events().get(0));
        }
    }

    @Test
    void aClientThatSaysNothingGetsIdentity() {
        assertThat(AcceptEncoding.choose(List.of(), List.of("gzip"))).isEqualTo("identity");
    }
}
