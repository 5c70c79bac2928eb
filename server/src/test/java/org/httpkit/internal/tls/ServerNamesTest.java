package org.httpkit.internal.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ServerNamesTest {
    private static final Map<String, String> BY_NAME =
            Map.of("a.example", "exact", "*.example", "wild", "*.b.example", "deep");

    @ParameterizedTest
    @CsvSource({
        "a.example,exact",
        "A.Example,exact",
        "a.example.,exact",
        "c.example,wild",
        "b.example,wild",
        "x.b.example,deep",
        "x.y.example,",
        "example,",
        ".example,",
        "'',",
        "*.example,wild",
        "x.a.example,",
    })
    void findsTheNameItselfOrAWildcardOfOneLabel(String asked, String found) {
        assertThat(ServerNames.find(BY_NAME, ServerNames.normal(asked))).isEqualTo(found);
    }
}
