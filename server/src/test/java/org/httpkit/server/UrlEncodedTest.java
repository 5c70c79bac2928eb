package org.httpkit.server;

import static org.assertj.core.api.Assertions.assertThat;
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
}
