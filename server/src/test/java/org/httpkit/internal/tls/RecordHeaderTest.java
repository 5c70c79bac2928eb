package org.httpkit.internal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RecordHeaderTest {

    private static ByteBuffer record(int type, int major, int length) {
        return ByteBuffer.wrap(new byte[] {(byte) type, (byte) major, 3, (byte) (length >> 8), (byte) length, 1, 2, 3});
    }

    @ParameterizedTest
    @CsvSource({"20,1", "21,2", "22,512", "23,0", "23,16384", "23,18432"})
    void tellsHowLongARecordIs(int type, int length) throws SSLException {
        assertThat(RecordHeader.recordBytes(record(type, 3, length))).isEqualTo(5 + length);
    }

    @Test
    void waitsForTheWholeHeader() throws SSLException {
        for (int i = 0; i < 5; i++) {
            assertThat(RecordHeader.recordBytes(record(23, 3, 100).limit(i))).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "19,3,1",
        "24,3,1",
        "0,3,1",
        "71,69,1",
        "22,2,1",
        "22,4,1",
        "23,3,18433",
        "23,3,65535",
        "22,3,0",
        "21,3,0"
    })
    void refusesWhatNoRecordBeginsLike(int type, int major, int length) {
        assertThatThrownBy(() -> RecordHeader.recordBytes(record(type, major, length)))
                .isInstanceOf(SSLException.class);
    }
}
