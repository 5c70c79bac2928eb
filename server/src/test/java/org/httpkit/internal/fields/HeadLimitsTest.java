package org.httpkit.internal.fields;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeadLimitsTest {
    private static final int LARGEST = 1 << 28;

    @Test
    void takesTheEndsOfEachRange() {
        assertThat(new HeadLimits(16, 16, 1).maxHeaderCount()).isEqualTo(1);
        assertThat(new HeadLimits(LARGEST, LARGEST, LARGEST).maxLineBytes()).isEqualTo(LARGEST);
    }

    @ParameterizedTest
    @CsvSource({
        "15, 16, 1, maxLineBytes is 15; legal are 16 to 268435456",
        "16, 15, 1, maxHeaderBytes is 15; legal are 16 to 268435456",
        "16, 16, 0, maxHeaderCount is 0; legal are 1 to 268435456",
        "268435457, 16, 1, maxLineBytes is 268435457; legal are 16 to 268435456",
        "16, 268435457, 1, maxHeaderBytes is 268435457; legal are 16 to 268435456",
        "16, 16, 268435457, maxHeaderCount is 268435457; legal are 1 to 268435456"
    })
    void refusesWhatIsBeyondThem(int line, int header, int count, String message) {
        assertThatThrownBy(() -> new HeadLimits(line, header, count))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
