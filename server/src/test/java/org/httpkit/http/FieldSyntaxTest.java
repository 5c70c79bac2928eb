package org.httpkit.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

/** What names and values may consist of (RFC 9110 sections 5.5 and 5.6.2), and what a caller learns of those that are invalid. */
class FieldSyntaxTest {
    private static final String SEPARATORS = "\"(),/:;<=>?@[\\]{} \t\r\n\0\177";

    @Test
    void takesEveryCharacterOfATokenInANameAndNoOther() {
        for (char c = 0; c < 300; c++) {
            String name = "a" + c;
            boolean allowed = c > ' ' && c < 127 && SEPARATORS.indexOf(c) < 0;
            if (allowed) {
                assertThat(Headers.of(name, "").name(0)).isEqualTo(name);
            } else {
                assertThatIllegalArgumentException()
                        .as("character %d", (int) c)
                        .isThrownBy(() -> Headers.of(name, ""))
                        .withMessageContaining("at index 1");
            }
        }
    }

    @Test
    void refusesAnEmptyName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Headers.of("", "value"))
                .withMessageContaining("at least one character");
    }

    @Test
    void takesTabsAndVisibleCharactersInAValueAndNoOther() {
        for (char c = 0; c < 300; c++) {
            String value = "a" + c + "b";
            boolean allowed = c == '\t' || (c >= ' ' && c != 127 && c <= 255);
            if (allowed) {
                assertThat(Headers.of("name", value).value(0)).isEqualTo(value);
            } else {
                assertThatIllegalArgumentException()
                        .as("character %d", (int) c)
                        .isThrownBy(() -> Headers.of("name", value))
                        .withMessageContaining("at index 1");
            }
        }
    }

    @Test
    void namesACharacterThatCanBeSeenAndNumbersOthers() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Headers.of("a:", ""))
                .withMessageContaining("':'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Headers.of("a ", ""))
                .withMessageContaining("U+0020");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Headers.of("a\177", ""))
                .withMessageContaining("U+007F");
    }

    @Test
    void saysHowTextThatAFieldCannotHoldIsWritten() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Headers.of("Location", "/s\u00f8k?q=\u65e5\u672c"))
                .withMessageContainingAll("U+65E5", "index 7", "percent-encoding", "filename*=UTF-8''", "RFC 8187");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Headers.of("X", "a\nb"))
                .withMessageNotContaining("percent-encoding");
    }
}
