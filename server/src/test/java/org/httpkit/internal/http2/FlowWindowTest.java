package org.httpkit.internal.http2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class FlowWindowTest {
    private final FlowWindow stream = FlowWindow.ofStream(100);
    private final FlowWindow connection = FlowWindow.ofConnection(100);

    @Test
    void isChargedWithWhatIsSent() {
        stream.charge(40);
        stream.charge(0);
        stream.charge(60);

        assertThat(stream.bytes()).isZero();
    }

    @Test
    void hasNoRoomForMore() {
        assertThatThrownBy(() -> stream.charge(101)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> stream.charge(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(stream.bytes()).isEqualTo(100);
    }

    @Test
    void isChargedWithWhatIsReceived() throws Http2ViolationException {
        connection.receive(100);
        connection.receive(0);

        assertThat(connection.bytes()).isZero();
        assertViolation(() -> connection.receive(1), Http2Violation.CONNECTION_WINDOW_EXCEEDED);
    }

    @Test
    void blamesTheStreamForWhatExceedsItsOwnWindow() {
        assertViolation(() -> stream.receive(101), Http2Violation.WINDOW_EXCEEDED);
    }

    @Test
    void growsUpToTheLargestWindow() throws Http2ViolationException {
        stream.credit(Integer.MAX_VALUE - 100);

        assertThat(stream.bytes()).isEqualTo(Integer.MAX_VALUE);
        assertViolation(() -> stream.credit(1), Http2Violation.WINDOW_OVERFLOW);
        assertViolation(() -> connection.credit(Integer.MAX_VALUE), Http2Violation.CONNECTION_WINDOW_OVERFLOW);
    }

    @Test
    void becomesNegativeWhenTheClientMakesItSmaller() throws Http2ViolationException {
        stream.charge(80);
        stream.resize(-60);

        assertThat(stream.bytes()).isEqualTo(-40);
        stream.charge(0);
        assertThatThrownBy(() -> stream.charge(1)).isInstanceOf(IllegalArgumentException.class);
        stream.receive(0);
        assertViolation(() -> stream.receive(1), Http2Violation.WINDOW_EXCEEDED);
        stream.credit(41);
        stream.charge(1);
    }

    @Test
    void doesNotGrowTooLargeByASetting() throws Http2ViolationException {
        stream.resize(Integer.MAX_VALUE - 100);

        assertThat(stream.bytes()).isEqualTo(Integer.MAX_VALUE);
        assertViolation(() -> stream.resize(1), Http2Violation.INITIAL_WINDOW_OVERFLOW);
    }

    @Test
    void givesCreditInHalvesOfTheWindow() {
        WindowCredit credit = new WindowCredit(100);

        assertThat(credit.take(49)).isZero();
        assertThat(credit.take(1)).isEqualTo(50);
        assertThat(credit.take(70)).isEqualTo(70);
        assertThat(credit.take(3)).isZero();
        assertThat(credit.flush()).isEqualTo(3);
        assertThat(credit.flush()).isZero();
    }

    @Test
    void givesCreditOfASmallWindowAtOnce() {
        assertThat(new WindowCredit(1).take(1)).isEqualTo(1);
        assertThat(new WindowCredit(0).take(0)).isZero();
    }

    private static void assertViolation(ThrowingCallable call, Http2Violation violation) {
        assertThatThrownBy(call).isInstanceOfSatisfying(Http2ViolationException.class, e -> assertThat(e.violation())
                .isEqualTo(violation));
    }
}
