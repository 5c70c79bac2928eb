package org.httpkit.internal.context;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class ResponseHeadsTest {
    private final ResponseHeads heads = new ResponseHeads(null, InstantSource.system());

    private String dateAt(long epochMillis) {
        return new String(heads.dateLine(epochMillis), StandardCharsets.US_ASCII);
    }

    @Test
    void theDateFollowsAClockThatIsSetBack() {
        assertThat(dateAt(784_111_777_000L)).isEqualTo("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
        assertThat(dateAt(784_111_778_999L)).isEqualTo("Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n");
        assertThat(dateAt(784_111_777_999L)).isEqualTo("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
        assertThat(dateAt(0)).isEqualTo("Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n");
    }

    @Test
    void aClockOutsideOfTheYearsThatTheDateCanTellGivesTheNearestOne() {
        assertThat(dateAt(-1_000_000)).isEqualTo("Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n");
        assertThat(dateAt(Long.MAX_VALUE)).isEqualTo("Date: Fri, 31 Dec 9999 23:59:59 GMT\r\n");
    }
}
