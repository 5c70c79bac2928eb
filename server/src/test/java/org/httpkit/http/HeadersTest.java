package org.httpkit.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Fields as a list: found by their names in any case (RFC 9110 section 5.1), never changed, only made anew. */
class HeadersTest {
    private static final Headers FIELDS = Headers.of("Accept", "a/b", "X-One", "1", "ACCEPT", "c/d");

    /** An implementation of the application's own, which knows nothing of ours. */
    private record Own(String... namesAndValues) implements Headers {
        @Override
        public int size() {
            return namesAndValues.length / 2;
        }

        @Override
        public String name(int index) {
            return namesAndValues[2 * index];
        }

        @Override
        public String value(int index) {
            return namesAndValues[2 * index + 1];
        }
    }

    @Test
    void keepsOrderCaseAndRepetition() {
        assertThat(FIELDS.size()).isEqualTo(3);
        assertThat(FIELDS.name(2)).isEqualTo("ACCEPT");
        assertThat(FIELDS.lowerCaseName(2)).isEqualTo("accept");
        assertThat(FIELDS.value(1)).isEqualTo("1");
    }

    @Test
    void findsTheFirstAndAllOfANameInAnyCase() {
        assertThat(FIELDS.first("accept")).isEqualTo("a/b");
        assertThat(FIELDS.first("x-one")).isEqualTo("1");
        assertThat(FIELDS.first("x-two")).isNull();
        assertThat(FIELDS.all("Accept")).containsExactly("a/b", "c/d");
        assertThat(FIELDS.all("x-two")).isEmpty();
        assertThat(FIELDS.contains("X-ONE")).isTrue();
        assertThat(FIELDS.contains("X-TWO")).isFalse();
    }

    @Test
    void findsAMemberOfAListOverAllLinesOfAName() {
        Headers fields = Headers.of("Connection", "a, Upgrade", "Other", "close", "connection", "keep-alive");

        assertThat(fields.lists("connection", "upgrade")).isTrue();
        assertThat(fields.lists("Connection", "Keep-Alive")).isTrue();
        assertThat(fields.lists("Connection", "close")).isFalse();
        assertThat(fields.lists("Connection", "up")).isFalse();
    }

    @Test
    void joinsTheValuesOfANameInAMap() {
        Headers fields = Headers.of("Accept", "a/b", "Cookie", "a=1", "ACCEPT", "c/d", "cookie", "b=2");

        assertThat(fields.toMap()).containsExactly(Map.entry("accept", "a/b, c/d"), Map.entry("cookie", "a=1; b=2"));
    }

    @Test
    void makesListsAnewAndStaysAsItIs() {
        assertThat(FIELDS.plus("B", "2"))
                .isEqualTo(Headers.of("Accept", "a/b", "X-One", "1", "ACCEPT", "c/d", "B", "2"));
        assertThat(FIELDS.minus("accept")).isEqualTo(Headers.of("X-One", "1"));
        assertThat(FIELDS.minus("accept").minus("x-one")).isEqualTo(Headers.empty());
        assertThat(FIELDS.minus("B")).isSameAs(FIELDS);
        assertThat(FIELDS.with("accept", "e/f")).isEqualTo(Headers.of("X-One", "1", "accept", "e/f"));
        assertThat(FIELDS.size()).isEqualTo(3);
    }

    @Test
    void takesTheFieldsOfAnotherImplementationOver() {
        Headers own = new Own("A", "1", "B", "2");

        assertThat(own.plus("C", "3")).isEqualTo(Headers.of("A", "1", "B", "2", "C", "3"));
        assertThat(own.minus("a")).isEqualTo(Headers.of("B", "2"));
    }

    @Test
    void isEqualToTheSameFieldsInTheSameOrderOnly() {
        Headers same = Headers.of("A", "1", "B", "2");

        assertThat(Headers.of("A", "1", "B", "2")).isEqualTo(same).hasSameHashCodeAs(same);
        assertThat(Headers.of("B", "2", "A", "1")).isNotEqualTo(same);
        assertThat(Headers.of("A", "1")).isNotEqualTo(same);
        assertThat(same).isNotEqualTo("A");
        assertThat(same.hashCode()).isNotEqualTo(Headers.of("A", "2").hashCode());
    }

    @Test
    void tellsItselfInOneLine() {
        assertThat(Headers.of("A", "1", "B", "2")).hasToString("[A: 1, B: 2]");
        assertThat(Headers.empty()).hasToString("[]");
    }

    @Test
    void refusesANameWithoutAValue() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Headers.of("A", "1", "B"))
                .withMessageContaining("3 strings");
    }
}
