package org.httpkit.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

/** Statuses and methods are values, known ones and others alike (RFC 9110 sections 9.1 and 15). */
class StatusAndMethodTest {
    @Test
    void aKnownStatusHasItsReason() {
        assertThat(Status.of(200)).isSameAs(Status.OK).hasToString("200 OK");
        assertThat(Status.of(100)).isSameAs(Status.CONTINUE);
        assertThat(Status.of(451).reason()).isEqualTo("Unavailable For Legal Reasons");
    }

    @Test
    void anotherStatusHasNone() {
        assertThat(Status.of(599)).isEqualTo(new Status(599, "")).hasToString("599");
        assertThat(Status.of(299).reason()).isEmpty();
    }

    @Test
    void thereIsNoStatusOutside100To599() {
        for (int code : new int[] {-1, 0, 99, 600, Integer.MAX_VALUE}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Status.of(code))
                    .withMessage("Status code " + code + " is outside 100 to 599");
        }
    }

    @Test
    void aMethodIsItsNameInItsCase() {
        assertThat(Method.of("GET")).isSameAs(Method.GET).hasToString("GET");
        assertThat(Method.of("get")).isNotEqualTo(Method.GET);
        assertThat(Method.of("PURGE")).isEqualTo(Method.of("PURGE")).hasSameHashCodeAs(Method.of("PURGE"));
        assertThat(Method.of("PURGE")).isNotEqualTo(Method.of("MOVE")).isNotEqualTo("PURGE");
        assertThat(Method.of("PURGE").hashCode()).isNotEqualTo(Method.of("MOVE").hashCode());
        assertThat(Method.of("PURGE").lowerCaseName()).isEqualTo("purge");
        assertThat(Method.GET.lowerCaseName()).isEqualTo("get");
    }
}
