package org.httpkit.internal.http2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class StreamIdsTest {
    private final StreamIds ids = new StreamIds();

    @Test
    void knowsNoStreamBeforeTheFirst() {
        assertThat(ids.last()).isZero();
        assertThat(ids.openedCount()).isZero();
        assertThat(ids.stateOf(1)).isEqualTo(StreamState.IDLE);
    }

    @Test
    void opensOddNumbersThatGrow() throws Http2ViolationException {
        ids.open(1);
        ids.open(3);
        ids.open(Integer.MAX_VALUE);

        assertThat(ids.last()).isEqualTo(Integer.MAX_VALUE);
        assertThat(ids.openedCount()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4, Integer.MAX_VALUE - 1})
    void refusesEvenNumbers(int streamId) {
        assertViolation(streamId, Http2Violation.EVEN_STREAM_ID);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 5})
    void refusesNumbersThatDoNotGrow(int streamId) throws Http2ViolationException {
        ids.open(5);

        assertViolation(streamId, Http2Violation.STREAM_ID_NOT_INCREASING);
    }

    @Test
    void knowsWhichNumbersWereSkipped() throws Http2ViolationException {
        ids.open(5);
        ids.open(7);
        ids.open(13);

        assertThat(ids.stateOf(1)).isEqualTo(StreamState.SKIPPED);
        assertThat(ids.stateOf(3)).isEqualTo(StreamState.SKIPPED);
        assertThat(ids.stateOf(5)).isEqualTo(StreamState.ENDED);
        assertThat(ids.stateOf(7)).isEqualTo(StreamState.ENDED);
        assertThat(ids.stateOf(9)).isEqualTo(StreamState.SKIPPED);
        assertThat(ids.stateOf(11)).isEqualTo(StreamState.SKIPPED);
        assertThat(ids.stateOf(13)).isEqualTo(StreamState.ENDED);
        assertThat(ids.stateOf(15)).isEqualTo(StreamState.IDLE);
        assertThat(ids.stateOf(6)).isEqualTo(StreamState.IDLE);
    }

    @Test
    void forgetsTheOldestGaps() throws Http2ViolationException {
        for (int i = 0; i < 100; i++) {
            ids.open(4 * i + 3);
        }

        assertThat(ids.stateOf(4 * 91 + 1)).isEqualTo(StreamState.ENDED);
        for (int i = 92; i < 100; i++) {
            assertThat(ids.stateOf(4 * i + 1)).isEqualTo(StreamState.SKIPPED);
            assertThat(ids.stateOf(4 * i + 3)).isEqualTo(StreamState.ENDED);
        }
    }

    @Test
    void remembersWhoHasResetAStream() throws Http2ViolationException {
        ids.open(1);
        ids.open(3);
        ids.open(5);
        ids.close(1, StreamState.RESET_BY_CLIENT);
        ids.close(3, StreamState.RESET_BY_SERVER);
        ids.close(5, StreamState.ENDED);

        assertThat(ids.stateOf(1)).isEqualTo(StreamState.RESET_BY_CLIENT);
        assertThat(ids.stateOf(3)).isEqualTo(StreamState.RESET_BY_SERVER);
        assertThat(ids.stateOf(5)).isEqualTo(StreamState.ENDED);
    }

    @ParameterizedTest
    @ValueSource(ints = {256, 257, 511, 512, 513, 5000})
    void forgetsAllButTheLatest256Resets(int resets) throws Http2ViolationException {
        for (int i = 0; i < resets; i++) {
            ids.open(2 * i + 1);
            ids.close(2 * i + 1, i % 3 == 0 ? StreamState.RESET_BY_CLIENT : StreamState.RESET_BY_SERVER);
        }

        for (int i = Math.max(0, resets - 300); i < resets; i++) {
            StreamState expected = i < resets - 256
                    ? StreamState.ENDED
                    : i % 3 == 0 ? StreamState.RESET_BY_CLIENT : StreamState.RESET_BY_SERVER;
            assertThat(ids.stateOf(2 * i + 1)).as("stream %d", 2 * i + 1).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"IDLE", "OPEN", "HALF_CLOSED_LOCAL", "HALF_CLOSED_REMOTE", "SKIPPED"})
    void closesNothingThatIsNotClosed(StreamState state) {
        assertThatThrownBy(() -> ids.close(1, state)).isInstanceOf(IllegalArgumentException.class);
    }

    private void assertViolation(int streamId, Http2Violation violation) {
        assertThatThrownBy(() -> ids.open(streamId))
                .isInstanceOfSatisfying(Http2ViolationException.class, e -> assertThat(e.violation())
                        .isEqualTo(violation));
    }
}
