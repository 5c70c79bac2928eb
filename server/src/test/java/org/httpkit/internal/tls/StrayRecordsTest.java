package org.httpkit.internal.tls;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;

final class StrayRecordsTest {
    private final StrayRecords stray = new StrayRecords();

    private void count(int bytes, int times) throws SSLException {
        for (int i = 0; i < times; i++) {
            stray.count(bytes);
        }
    }

    @Test
    void sixtyFourRecordsInARowMayCarryNothing() throws Exception {
        count(0, 64);

        assertThatThrownBy(() -> stray.count(0)).isInstanceOf(SSLException.class);
    }

    @Test
    void anEmptyRecordBeforeEachWithDataMayGoOnForEver() {
        assertThatCode(() -> {
                    for (int i = 0; i < 10_000; i++) {
                        count(0, 1);
                        count(1, 1);
                    }
                })
                .doesNotThrowAnyException();
    }

    @Test
    void dataDoesNotEarnMoreThanThat() throws Exception {
        count(1000, 10_000);
        count(0, 64);

        assertThatThrownBy(() -> stray.count(0)).isInstanceOf(SSLException.class);
    }

    @Test
    void aHandshakeWithinTls12IsRenegotiation() {
        assertThatThrownBy(() -> stray.judge(RecordHeader.HANDSHAKE, "TLSv1.2")).hasMessageContaining("Renegotiation");
        assertThatCode(() -> stray.judge(RecordHeader.APPLICATION_DATA, "TLSv1.2"))
                .doesNotThrowAnyException();
        assertThatCode(() -> stray.judge(RecordHeader.HANDSHAKE, "TLSv1.3")).doesNotThrowAnyException();
    }
}
