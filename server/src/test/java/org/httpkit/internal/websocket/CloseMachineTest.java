package org.httpkit.internal.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.httpkit.internal.websocket.CloseMachine.Action;
import org.httpkit.internal.websocket.CloseMachine.Ending;
import org.httpkit.internal.websocket.CloseMachine.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CloseMachineTest {
    private final CloseMachine machine = new CloseMachine();

    @Test
    void answersThePeersCloseWithItsCode() {
        assertThat(machine.closeReceived(new ClosePayload(3000, "bye"))).isEqualTo(Action.SEND_CLOSE_AND_DROP);
        assertFrame("88 05 0b b8 62 79 65");
        assertOutcome(3000, "bye", Ending.PEER_CLOSED);
    }

    @Test
    void answersAnEmptyCloseWithAnEmptyOne() {
        assertThat(machine.closeReceived(ClosePayload.EMPTY)).isEqualTo(Action.SEND_CLOSE_AND_DROP);
        assertFrame("88 00");
        assertOutcome(1005, "", Ending.PEER_CLOSED);
    }

    @Test
    void awaitsTheAnswerToItsOwnClose() {
        assertThat(machine.closeRequested(1001, "moved")).isEqualTo(Action.SEND_CLOSE_AND_AWAIT);
        assertFrame("88 07 03 e9 6d 6f 76 65 64");
        assertThat(machine.answersPings()).isTrue();
        assertThat(machine.outcome()).isNull();

        assertThat(machine.closeReceived(new ClosePayload(1001, ""))).isEqualTo(Action.DROP);
        assertOutcome(1001, "", Ending.CLOSE_ANSWERED);
    }

    @Test
    void tellsThePeersCodeIfBothCloseAtOnce() {
        machine.closeRequested(1000, "");

        assertThat(machine.closeReceived(new ClosePayload(4001, "mine"))).isEqualTo(Action.DROP);
        assertOutcome(4001, "mine", Ending.CLOSE_ANSWERED);
    }

    @Test
    void dropsThePeerThatDoesNotAnswerInTime() {
        machine.closeRequested(1000, "");

        assertThat(machine.timedOut()).isEqualTo(Action.DROP);
        assertOutcome(1006, "", Ending.CLOSE_UNANSWERED);
    }

    @Test
    void ignoresATimeoutOutsideOfTheCloseHandshake() {
        assertThat(machine.timedOut()).isEqualTo(Action.NOTHING);
        assertThat(machine.answersPings()).isTrue();
    }

    @Test
    void failsTheConnectionWithTheCodeOfTheViolation() {
        assertThat(machine.violated(WebSocketViolation.TEXT_NOT_UTF8)).isEqualTo(Action.SEND_CLOSE_AND_DROP);
        assertThat(HexFormat.ofDelimiter(" ").formatHex(machine.closeFrame())).startsWith("88 13 03 ef");
        assertOutcome(1007, "Text is not UTF-8", Ending.VIOLATION);
    }

    @Test
    void sendsNoSecondCloseForAViolationAfterItsOwn() {
        machine.closeRequested(1000, "");

        assertThat(machine.violated(WebSocketViolation.NOT_MASKED)).isEqualTo(Action.DROP);
        assertOutcome(1002, "Frame not masked", Ending.VIOLATION);
    }

    @Test
    void tellsOfALostConnection() {
        assertThat(machine.connectionLost()).isEqualTo(Action.DROP);
        assertOutcome(1006, "", Ending.CONNECTION_LOST);
    }

    @Test
    void tellsOfAConnectionLostWhileAwaitingTheAnswer() {
        machine.closeRequested(1000, "");

        assertThat(machine.connectionLost()).isEqualTo(Action.DROP);
        assertOutcome(1006, "", Ending.CONNECTION_LOST);
    }

    @Test
    void decidesOnlyOnce() {
        machine.closeReceived(new ClosePayload(1000, "first"));

        assertThat(machine.closeReceived(new ClosePayload(1001, "second"))).isEqualTo(Action.NOTHING);
        assertThat(machine.closeRequested(1001, "third")).isEqualTo(Action.NOTHING);
        assertThat(machine.violated(WebSocketViolation.NOT_MASKED)).isEqualTo(Action.NOTHING);
        assertThat(machine.timedOut()).isEqualTo(Action.NOTHING);
        assertThat(machine.connectionLost()).isEqualTo(Action.NOTHING);
        assertOutcome(1000, "first", Ending.PEER_CLOSED);
    }

    @Test
    void sendsOnlyItsFirstClose() {
        machine.closeRequested(1000, "");

        assertThat(machine.closeRequested(1001, "again")).isEqualTo(Action.NOTHING);
        assertFrame("88 02 03 e8");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 999, 1004, 1005, 1006, 1015, 2999, 5000})
    void refusesToSendACodeThatIsNotForFrames(int code) {
        assertThatThrownBy(() -> machine.closeRequested(code, ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Close code " + code + " may not be sent");
        assertThat(machine.answersPings()).isTrue();
    }

    private void assertFrame(String hex) {
        assertThat(HexFormat.ofDelimiter(" ").formatHex(machine.closeFrame())).isEqualTo(hex);
    }

    private void assertOutcome(int code, String reason, Ending ending) {
        assertThat(machine.outcome()).isEqualTo(new Outcome(code, reason, ending));
        assertThat(machine.answersPings()).isFalse();
    }
}
