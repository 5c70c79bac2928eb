package org.httpkit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.util.List;
import org.junit.jupiter.api.Test;

class UrlEncodedTest {
    @Test
    void decodesEscapesAndPlusSigns() {
        assertThat(UrlEncoded.first("q=a%20b+c%C3%A9", "q")).isEqualTo("a b cé");
        assertThat(UrlEncoded.first("%71=1", "q")).isEqualTo("1");
    }

    @Test
    void takesAPercentSignThatBeginsNoEscapeForItself() {
        assertThat(UrlEncoded.first("q=100%", "q")).isEqualTo("100%");
        assertThat(UrlEncoded.first("q=%4&r=%zz+%", "q")).isEqualTo("%4");
        assertThat(UrlEncoded.first("q=%4&r=%zz+%", "r")).isEqualTo("%zz %");
    }

    @Test
    void keepsAllValuesOfAName() {
        assertThat(UrlEncoded.parse("a=1&b&a=2&&c=="))
                .containsExactly(entry("a", List.of("1", "2")), entry("b", List.of("")), entry("c", List.of("=")));
    }

    @Test
    void takesTenThousandParametersByDefault() {
        assertThat(UrlEncoded.parse("a&".repeat(10_000)).get("a")).hasSize(10_000);
        assertThatThrownBy(() -> UrlEncoded.parse("a&".repeat(10_001)))
                .isInstanceOf(TooManyParametersException.class)
                .hasMessageContaining("10000 parameters");
    }

    @Test
    void takesAsManyParametersAsItMay() {
        assertThat(UrlEncoded.parse("&a=1&&b=2&", 2)).containsOnlyKeys("a", "b");
        assertThatThrownBy(() -> UrlEncoded.parse("a=1&a=2&b", 2)).isInstanceOf(TooManyParametersException.class);
        assertThatThrownBy(() -> UrlEncoded.parse("", 0)).hasMessage("maxParameters is 0; it must be 1 or more");
    }
}
