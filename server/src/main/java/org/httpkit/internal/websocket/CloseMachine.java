package org.httpkit.internal.websocket;

import org.httpkit.http.CloseCode;
import org.jspecify.annotations.Nullable;

/**
 * Decides how a WebSocket ends (RFC 6455 section 7): which side sends a close frame when, when to drop the connection,
 * and what to report to the application. One per connection; confined to its loop thread.
 *
 * <p>The driver reports the peer's end (close frame, violation, lost connection) in the order of the peer's bytes:
 * after the application has handled the messages before, so that its answers leave before the close frame.
 *
 * <pre>
 * OPEN --closeRequested--> CLOSE_SENT --closeReceived, timedOut, connectionLost--> CLOSED
 * OPEN --closeReceived, violated, givenUp, connectionLost--> CLOSED
 * </pre>
 */
public final class CloseMachine {
    /** The driver's next action. */
    public enum Action {
        /** Nothing: the end was decided before, or needs no action. */
        NOTHING,
        /** Send {@link #closeFrame}, start the close timeout, continue to read. */
        SEND_CLOSE_AND_AWAIT,
        /** Send {@link #closeFrame}, then drop the connection. A server closes first (RFC 6455 section 7.1.1). */
        SEND_CLOSE_AND_DROP,
        /** Drop the connection. */
        DROP
    }

    /** The cause of the end. */
    public enum Ending {
        /** The peer sent a close frame first. */
        PEER_CLOSED,
        /** The server sent a close frame first, and the peer answered. */
        CLOSE_ANSWERED,
        /** The server sent a close frame first, and no answer came in time. */
        CLOSE_UNANSWERED,
        /** The peer broke a rule or a limit, or the server gave it up. */
        VIOLATION,
        /** The connection ended without a close frame from the peer. */
        CONNECTION_LOST
    }

    /**
     * The outcome that the application receives. Immutable.
     *
     * @param code the code of the first close frame received; 1005 if it had none; the code that the server sent if the
     *     peer broke a rule; 1006 if no close frame came (RFC 6455 sections 7.1.5 and 7.1.6)
     * @param reason the text that belongs to the code
     * @param ending the cause of the end
     */
    public record Outcome(int code, String reason, Ending ending) {}

    private enum State {
        OPEN,
        CLOSE_SENT,
        CLOSED
    }

    private State state = State.OPEN;
    private ClosePayload toSend = ClosePayload.EMPTY;
    private @Nullable Outcome outcome;

    /**
     * Is called when the server wants to close.
     *
     * @throws IllegalArgumentException if the code may not be sent
     */
    public Action closeRequested(int code, String reason) {
        return switch (state) {
            case OPEN -> {
                if (!CloseCode.isSendable(code)) {
                    throw new IllegalArgumentException(
                            "Close code " + code + " may not be sent; 1000 to 1003, 1007 to 1014 and 3000 to 4999 may");
                }
                toSend = new ClosePayload(code, reason);
                state = State.CLOSE_SENT;
                yield Action.SEND_CLOSE_AND_AWAIT;
            }
            case CLOSE_SENT, CLOSED -> Action.NOTHING;
        };
    }

    /**
     * Is called when a close frame of the peer has arrived. The answer repeats its content (RFC 6455 section 5.5.1).
     */
    public Action closeReceived(ClosePayload close) {
        return switch (state) {
            case OPEN -> {
                toSend = close;
                yield end(close.code(), close.reason(), Ending.PEER_CLOSED, Action.SEND_CLOSE_AND_DROP);
            }
            case CLOSE_SENT -> end(close.code(), close.reason(), Ending.CLOSE_ANSWERED, Action.DROP);
            case CLOSED -> Action.NOTHING;
        };
    }

    /**
     * Is called when the peer broke a rule: the connection fails (RFC 6455 section 7.1.7), without a second close
     * frame.
     */
    public Action violated(WebSocketViolation violation) {
        return switch (state) {
            case OPEN -> {
                toSend = new ClosePayload(violation.closeCode(), violation.reason());
                yield end(violation.closeCode(), violation.reason(), Ending.VIOLATION, Action.SEND_CLOSE_AND_DROP);
            }
            case CLOSE_SENT -> end(violation.closeCode(), violation.reason(), Ending.VIOLATION, Action.DROP);
            case CLOSED -> Action.NOTHING;
        };
    }

    /**
     * Is called when the server gives up the peer, because of the peer's behaviour or because the server lacks
     * resources. Sends a close frame, but never a second one.
     */
    public Action givenUp(int code, String reason) {
        return switch (state) {
            case OPEN -> {
                toSend = new ClosePayload(code, reason);
                yield end(code, reason, Ending.VIOLATION, Action.SEND_CLOSE_AND_DROP);
            }
            case CLOSE_SENT -> end(code, reason, Ending.VIOLATION, Action.DROP);
            case CLOSED -> Action.NOTHING;
        };
    }

    /** Is called when the close timeout has expired. */
    public Action timedOut() {
        return switch (state) {
            case CLOSE_SENT -> end(CloseCode.ABNORMAL, "", Ending.CLOSE_UNANSWERED, Action.DROP);
            case OPEN, CLOSED -> Action.NOTHING;
        };
    }

    /** Is called when the peer's bytes have ended or the connection has failed. */
    public Action connectionLost() {
        return switch (state) {
            case OPEN, CLOSE_SENT -> end(CloseCode.ABNORMAL, "", Ending.CONNECTION_LOST, Action.DROP);
            case CLOSED -> Action.NOTHING;
        };
    }

    private Action end(int code, String reason, Ending ending, Action action) {
        state = State.CLOSED;
        outcome = new Outcome(code, reason, ending);
        return action;
    }

    /** Whether a ping gets its pong: also behind our own close frame, until the peer's (RFC 6455 section 5.5.2). */
    public boolean answersPings() {
        return state != State.CLOSED;
    }

    /** The close frame to send, after an action that asks for it. */
    public byte[] closeFrame() {
        return FrameEncoder.close(toSend);
    }

    /** The outcome for the application; null until the end. */
    public @Nullable Outcome outcome() {
        return outcome;
    }
}
