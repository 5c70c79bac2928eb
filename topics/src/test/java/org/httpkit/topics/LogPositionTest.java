package org.httpkit.topics;

import static org.assertj.core.api.Assertions.assertThat;

import org.httpkit.topics.LogPosition.Outcome;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whether a server can go on reading a log where it was. */
class LogPositionTest {
    private static final byte[] TEN = {10};

    private final LogPosition position = new LogPosition();

    @BeforeEach
    void readUpToTen() {
        assertThat(position.opened("e", 1, 20, null)).isEqualTo(Outcome.GAP);
        for (byte i = 1; i <= 10; i++) {
            assertThat(position.read(i, new byte[] {i})).isEqualTo(Outcome.GOES_ON);
        }
    }

    @Test
    void goesOnWhereTheLogHasWhatIsKnown() {
        assertThat(position.wantsProof("e", 3, 20)).isTrue();
        assertThat(position.opened("e", 3, 20, TEN)).isEqualTo(Outcome.GOES_ON);
        assertThat(position.read(11, new byte[] {11})).isEqualTo(Outcome.GOES_ON);
    }

    @Test
    void goesOnIfOnlyWhatIsKnownWasDropped() {
        assertThat(position.wantsProof("e", 11, 20)).isFalse();
        assertThat(position.opened("e", 11, 20, null)).isEqualTo(Outcome.GOES_ON);
    }

    @Test
    void findsAGapIfMoreWasDropped() {
        assertThat(position.opened("e", 12, 20, null)).isEqualTo(Outcome.GAP);
        assertThat(position.offset()).isEqualTo(11);
    }

    @Test
    void findsAGapBetweenRecords() {
        assertThat(position.read(13, new byte[] {13})).isEqualTo(Outcome.GAP);
        assertThat(position.read(14, new byte[] {14})).isEqualTo(Outcome.GOES_ON);
    }

    @Test
    void knowsARecordThatComesTwice() {
        assertThat(position.read(10, TEN)).isEqualTo(Outcome.KNOWN);
        assertThat(position.read(3, TEN)).isEqualTo(Outcome.KNOWN);
    }

    @Test
    void noticesThatTheBrokerHasLostRecords() {
        assertThat(position.opened("e", 1, 9, null)).isEqualTo(Outcome.LOST);
        assertThat(position.opened("e", 1, 12, new byte[] {99})).isEqualTo(Outcome.LOST);
    }

    @Test
    void hasAGapBehindARecordThatWasLostHereUntilItHasBeenToldOf() {
        position.lost();
        assertThat(position.opened("e", 3, 20, TEN)).isEqualTo(Outcome.GAP);
        assertThat(position.offset()).isEqualTo(10);
        assertThat(position.opened("e", 3, 20, TEN)).isEqualTo(Outcome.GOES_ON);
    }

    @Test
    void beginsAnewInAnotherEpoch() {
        assertThat(position.wantsProof("f", 1, 20)).isFalse();
        assertThat(position.opened("f", 4, 20, null)).isEqualTo(Outcome.GAP);
        assertThat(position.epoch()).isEqualTo("f");
        assertThat(position.offset()).isEqualTo(3);
    }
}
