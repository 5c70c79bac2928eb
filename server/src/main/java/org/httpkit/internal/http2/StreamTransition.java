package org.httpkit.internal.http2;

import static org.httpkit.internal.http2.StreamState.ENDED;
import static org.httpkit.internal.http2.StreamState.HALF_CLOSED_LOCAL;
import static org.httpkit.internal.http2.StreamState.HALF_CLOSED_REMOTE;
import static org.httpkit.internal.http2.StreamState.OPEN;
import static org.httpkit.internal.http2.StreamState.RESET_BY_CLIENT;
import static org.httpkit.internal.http2.StreamState.RESET_BY_SERVER;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The effect of an event in a state: the whole of RFC 9113 section 5.1 as one table. Immutable.
 *
 * @param next the next state; equal to the old one if nothing changes
 * @param outcome how to treat the frame
 * @param violation the rule that the frame breaks; null if none
 */
public record StreamTransition(
        StreamState next, Outcome outcome, @Nullable Http2Violation violation) {
    /** How to treat a frame. */
    public enum Outcome {
        /** Process it. */
        PROCEED,
        /**
         * It comes too late to have an effect, except that DATA counts against the connection's window and a field
         * block is decoded.
         */
        DISCARD,
        /** It breaks a rule. */
        REFUSE,
        /** The server must not send it: a bug in the server. */
        IMPOSSIBLE
    }

    private static final Map<StreamState, Map<StreamEvent, StreamTransition>> TABLE = table();

    /** Returns the effect of an event in a state. */
    public static StreamTransition of(StreamState state, StreamEvent event) {
        return Objects.requireNonNull(Objects.requireNonNull(TABLE.get(state)).get(event));
    }

    /**
     * Returns the next state.
     *
     * @throws Http2ViolationException if the client must not send this frame
     * @throws IllegalStateException if the server must not send this frame
     */
    public static StreamState next(StreamState state, StreamEvent event) throws Http2ViolationException {
        StreamTransition transition = of(state, event);
        if (transition.violation != null) {
            throw transition.violation.exception();
        }
        if (transition.outcome == Outcome.IMPOSSIBLE) {
            throw new IllegalStateException(event + " in " + state);
        }
        return transition.next;
    }

    private static Map<StreamState, Map<StreamEvent, StreamTransition>> table() {
        Map<StreamState, Map<StreamEvent, StreamTransition>> table = new EnumMap<>(StreamState.class);
        for (StreamState state : StreamState.values()) {
            Map<StreamEvent, StreamTransition> row = new EnumMap<>(StreamEvent.class);
            for (StreamEvent event : StreamEvent.values()) {
                row.put(event, event.isSent() ? sent(state, event) : received(state, event));
            }
            table.put(state, row);
        }
        return table;
    }

    private static StreamTransition received(StreamState state, StreamEvent event) {
        if (event == StreamEvent.RECEIVE_PRIORITY) {
            return to(state); // in any state (section 6.3, RFC 9218 section 7.1)
        }
        return switch (state) {
            case IDLE ->
                switch (event) {
                    case RECEIVE_HEADERS -> to(OPEN);
                    case RECEIVE_HEADERS_AND_END -> to(HALF_CLOSED_REMOTE);
                    default -> refuse(state, Http2Violation.FRAME_ON_IDLE_STREAM);
                };
            case OPEN ->
                switch (event) {
                    case RECEIVE_HEADERS -> refuse(state, Http2Violation.TRAILERS_WITHOUT_END);
                    case RECEIVE_HEADERS_AND_END, RECEIVE_DATA_AND_END -> to(HALF_CLOSED_REMOTE);
                    case RECEIVE_RST_STREAM -> to(RESET_BY_CLIENT);
                    default -> to(state);
                };
            case HALF_CLOSED_LOCAL ->
                switch (event) {
                    case RECEIVE_HEADERS -> refuse(state, Http2Violation.TRAILERS_WITHOUT_END);
                    case RECEIVE_HEADERS_AND_END, RECEIVE_DATA_AND_END -> to(ENDED);
                    case RECEIVE_RST_STREAM -> to(RESET_BY_CLIENT);
                    default -> to(state);
                };
            case HALF_CLOSED_REMOTE ->
                switch (event) {
                    case RECEIVE_RST_STREAM -> to(RESET_BY_CLIENT);
                    case RECEIVE_WINDOW_UPDATE -> to(state);
                    default -> refuse(state, Http2Violation.FRAME_AFTER_END);
                };
            case ENDED -> late(state, event, Http2Violation.FRAME_ON_CLOSED_STREAM);
            case RESET_BY_CLIENT -> late(state, event, Http2Violation.FRAME_AFTER_RESET);
            case RESET_BY_SERVER -> discard(state);
            case SKIPPED ->
                switch (event) {
                    case RECEIVE_HEADERS, RECEIVE_HEADERS_AND_END ->
                        refuse(state, Http2Violation.STREAM_ID_NOT_INCREASING);
                    default -> refuse(state, Http2Violation.FRAME_ON_IDLE_STREAM);
                };
        };
    }

    /** RST_STREAM and WINDOW_UPDATE may have been on their way when the stream was closed. */
    private static StreamTransition late(StreamState state, StreamEvent event, Http2Violation violation) {
        return switch (event) {
            case RECEIVE_RST_STREAM, RECEIVE_WINDOW_UPDATE -> discard(state);
            default -> refuse(state, violation);
        };
    }

    private static StreamTransition sent(StreamState state, StreamEvent event) {
        return switch (event) {
            case SEND_RST_STREAM -> reset(state);
            case SEND_WINDOW_UPDATE -> state.receives() ? to(state) : impossible(state);
            case SEND_HEADERS, SEND_DATA -> state.sends() ? to(state) : impossible(state);
            case SEND_HEADERS_AND_END, SEND_DATA_AND_END ->
                switch (state) {
                    case OPEN -> to(HALF_CLOSED_LOCAL);
                    case HALF_CLOSED_REMOTE -> to(ENDED);
                    default -> impossible(state);
                };
            default -> throw new AssertionError(event + " is not sent");
        };
    }

    /**
     * The server resets a refused stream in the state that it would have left. A frame after the client's own reset
     * gets STREAM_CLOSED, which changes nothing; RST_STREAM never gets an answer (section 5.4.2).
     */
    private static StreamTransition reset(StreamState state) {
        return switch (state) {
            case OPEN, HALF_CLOSED_LOCAL, HALF_CLOSED_REMOTE -> to(RESET_BY_SERVER);
            case RESET_BY_CLIENT -> to(state);
            case IDLE, ENDED, RESET_BY_SERVER, SKIPPED -> impossible(state);
        };
    }

    private static StreamTransition to(StreamState next) {
        return new StreamTransition(next, Outcome.PROCEED, null);
    }

    private static StreamTransition discard(StreamState state) {
        return new StreamTransition(state, Outcome.DISCARD, null);
    }

    private static StreamTransition refuse(StreamState state, Http2Violation violation) {
        return new StreamTransition(state, Outcome.REFUSE, violation);
    }

    private static StreamTransition impossible(StreamState state) {
        return new StreamTransition(state, Outcome.IMPOSSIBLE, null);
    }
}
