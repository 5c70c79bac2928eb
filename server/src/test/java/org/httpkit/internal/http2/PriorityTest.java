package org.httpkit.internal.http2;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PriorityTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | 3 | false",
                "'   ' | 3 | false",
                "u=0 | 0 | false",
                "u=7 | 7 | false",
                "i | 3 | true",
                "i=?1 | 3 | true",
                "i, i=?0 | 3 | false",
                "u=5, i | 5 | true",
                "i,u=5 | 5 | true",
                "'u=5 \t, \ti' | 5 | true",
                "'  u=5  ' | 5 | false",
                "u=1, u=2 | 2 | false",
                "u=2;x=1;y, i;z | 2 | true"
            })
    void readsUrgencyAndIncremental(String value, int urgency, boolean incremental) {
        int priority = parse(value);

        assertThat(Priority.urgency(priority)).isEqualTo(urgency);
        assertThat(Priority.isIncremental(priority)).isEqualTo(incremental);
    }

    /** RFC 9218 section 4: unknown parameters, values out of range and of another type. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "u=8, x",
                "u=-1, x",
                "u=1.0, x",
                "u=\"1\", x",
                "u=?1, x",
                "u=abc, x",
                "u, x",
                "i=1, x",
                "i=yes, x",
                "i=\"?1\", x",
                "u=03, x",
                "a=1, *b=2, c-d_e.f=3",
                "a=:aGVsbG8=:, b=\"q\\\"uo\\\\te\", c=tok/en:x, d=*t",
                "a=-1.234, b=123456789012345, c=?0",
                "a=(1 2;x  3), b=()",
                "a=(  \"x\" )",
                "uu=1, ii"
            })
    void ignoresWhatItDoesNotKnow(String value) {
        assertThat(parse(value)).as(value).isEqualTo(Priority.DEFAULT);
        assertThat(parse(value + ", u=6, i")).as(value).isEqualTo(6 | 8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "u=1,",
                "u=1 ,",
                ",u=1",
                "u=1,,i",
                "u=1 i",
                "u=",
                "U=1",
                "u=1;",
                "u=1;=2",
                "u=1; ;x",
                "=1",
                "u =1",
                "u= 1",
                "i=?2",
                "i=?",
                "a=\"x",
                "a=\"x\\",
                "a=\"x\\n\"",
                "a=\"\t\"",
                "a=:x",
                "a=:?:",
                "a=1234567890123456",
                "a=1.",
                "a=1.2345",
                "a=1234567890123.1",
                "a=-",
                "a=(1",
                "a=(1,2)",
                "a=(1)2",
                "a=()x",
                "a=@1",
                "a=1;x=(1)",
                "\tu=1 x",
                "a=\"\u00e4\""
            })
    void ignoresWhatIsNoDictionary(String value) {
        assertThat(parse("u=6, i, " + value)).as(value).isEqualTo(Priority.DEFAULT);
    }

    @Test
    void keepsWhatItDoesNotSay() {
        byte[] value = "i".getBytes(StandardCharsets.ISO_8859_1);

        assertThat(Priority.parse(value, 0, 1, 6)).isEqualTo(6 | 8);
        assertThat(Priority.parse(value, 0, 0, 6 | 8)).isEqualTo(6 | 8);
    }

    @Test
    void readsARangeAlone() {
        byte[] value = "u=1,u=23".getBytes(StandardCharsets.ISO_8859_1);

        assertThat(Priority.parse(value, 4, 7, Priority.DEFAULT)).isEqualTo(2);
    }

    private static int parse(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.ISO_8859_1);
        return Priority.parse(bytes, 0, bytes.length, Priority.DEFAULT);
    }
}
