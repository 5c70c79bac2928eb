package org.httpkit.internal.fields;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Random;
import org.httpkit.testing.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpDateTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0            | Thu, 01 Jan 1970 00:00:00 GMT",
                "784111777    | Sun, 06 Nov 1994 08:49:37 GMT",
                "951782400    | Tue, 29 Feb 2000 00:00:00 GMT",
                "253402300799 | Fri, 31 Dec 9999 23:59:59 GMT",
            })
    void writesTheMomentAsImfFixdate(long epochSecond, String text) {
        assertThat(HttpDate.text(epochSecond)).isEqualTo(text);
    }

    @Test
    void agreesWithTheFormatterOfTheLibrary() {
        DateTimeFormatter formatter = DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
                .withZone(ZoneOffset.UTC);
        Random random = Seeds.random();
        for (int i = 0; i < 2000; i++) {
            long second = random.nextInt(Integer.MAX_VALUE) * 3L;

            String text = HttpDate.text(second);
            assertThat(text).as("second %s", second).isEqualTo(formatter.format(Instant.ofEpochSecond(second)));
            assertThat(HttpDate.parse(text, 0)).isEqualTo(second);
        }
    }

    @Test
    void refusesYearsWithoutFourDigits() {
        assertThatThrownBy(() -> HttpDate.text(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> HttpDate.text(253402300800L)).isInstanceOf(IllegalArgumentException.class);
    }
}
