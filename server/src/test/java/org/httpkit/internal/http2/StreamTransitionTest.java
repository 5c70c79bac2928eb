package org.httpkit.internal.http2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every event in every state, as RFC 9113 section 5.1 has it. */
class StreamTransitionTest {
    /** In the order of the events: a state or a violation that follows, {@code =} for no change, {@code drop}, {@code never}. */
    private static final String TABLE = """
            | state              | HEADERS                  | HEADERS END              | DATA                   | DATA END               | RST_STREAM           | WINDOW_UPDATE        | PRIORITY | > HEADERS | > HEADERS END     | > DATA | > DATA END        | > RST_STREAM    | > WINDOW_UPDATE |
            | IDLE               | OPEN                     | HALF_CLOSED_REMOTE       | FRAME_ON_IDLE_STREAM   | FRAME_ON_IDLE_STREAM   | FRAME_ON_IDLE_STREAM | FRAME_ON_IDLE_STREAM | =        | never     | never             | never  | never             | never           | never           |
            | OPEN               | TRAILERS_WITHOUT_END     | HALF_CLOSED_REMOTE       | =                      | HALF_CLOSED_REMOTE     | RESET_BY_CLIENT      | =                    | =        | =         | HALF_CLOSED_LOCAL | =      | HALF_CLOSED_LOCAL | RESET_BY_SERVER | =               |
            | HALF_CLOSED_REMOTE | FRAME_AFTER_END          | FRAME_AFTER_END          | FRAME_AFTER_END        | FRAME_AFTER_END        | RESET_BY_CLIENT      | =                    | =        | =         | ENDED             | =      | ENDED             | RESET_BY_SERVER | never           |
            | HALF_CLOSED_LOCAL  | TRAILERS_WITHOUT_END     | ENDED                    | =                      | ENDED                  | RESET_BY_CLIENT      | =                    | =        | never     | never             | never  | never             | RESET_BY_SERVER | =               |
            | ENDED              | FRAME_ON_CLOSED_STREAM   | FRAME_ON_CLOSED_STREAM   | FRAME_ON_CLOSED_STREAM | FRAME_ON_CLOSED_STREAM | drop                 | drop                 | =        | never     | never             | never  | never             | never           | never           |
            | RESET_BY_CLIENT    | FRAME_AFTER_RESET        | FRAME_AFTER_RESET        | FRAME_AFTER_RESET      | FRAME_AFTER_RESET      | drop                 | drop                 | =        | never     | never             | never  | never             | =               | never           |
            | RESET_BY_SERVER    | drop                     | drop                     | drop                   | drop                   | drop                 | drop                 | =        | never     | never             | never  | never             | never           | never           |
            | SKIPPED            | STREAM_ID_NOT_INCREASING | STREAM_ID_NOT_INCREASING | FRAME_ON_IDLE_STREAM   | FRAME_ON_IDLE_STREAM   | FRAME_ON_IDLE_STREAM | FRAME_ON_IDLE_STREAM | =        | never     | never             | never  | never             | never           | never           |
            """;

    private static final Map<StreamState, List<String>> ROWS = rows();

    private static Map<StreamState, List<String>> rows() {
        Map<StreamState, List<String>> rows = new EnumMap<>(StreamState.class);
        TABLE.lines().skip(1).forEach(line -> {
            List<String> cells =
                    Stream.of(line.split("\\|", -1)).map(String::strip).toList();
            rows.put(StreamState.valueOf(cells.get(1)), cells.subList(2, cells.size() - 1));
        });
        return rows;
    }

    @ParameterizedTest
    @EnumSource
    void leadsWhereTheStandardSays(StreamState state) {
        List<String> actual = new ArrayList<>();
        for (StreamEvent event : StreamEvent.values()) {
            StreamTransition transition = StreamTransition.of(state, event);
            actual.add(
                    switch (transition.outcome()) {
                        case PROCEED ->
                            transition.next() == state ? "=" : transition.next().name();
                        case DISCARD -> "drop";
                        case REFUSE -> String.valueOf(transition.violation());
                        case IMPOSSIBLE -> "never";
                    });
            assertThat(transition.violation() != null)
                    .isEqualTo(transition.outcome() == StreamTransition.Outcome.REFUSE);
        }
        assertThat(actual).isEqualTo(ROWS.get(state));
    }

    @ParameterizedTest
    @EnumSource
    void neverAnswersAResetWithAReset(StreamState state) {
        Http2Violation violation =
                StreamTransition.of(state, StreamEvent.RECEIVE_RST_STREAM).violation();

        assertThat(violation == null || violation.scope() == Http2Violation.Scope.CONNECTION)
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void closesWhatCannotGoOn(StreamState state) {
        assertThat(state.isActive()).isEqualTo(state.receives() || state.sends());
    }

    @Test
    void throwsWhatTheClientMustNotSend() {
        assertThatThrownBy(() -> StreamTransition.next(StreamState.IDLE, StreamEvent.RECEIVE_DATA))
                .isInstanceOfSatisfying(Http2ViolationException.class, e -> assertThat(e.violation())
                        .isEqualTo(Http2Violation.FRAME_ON_IDLE_STREAM));
    }

    @Test
    void throwsWhatTheServerMustNotDo() {
        assertThatThrownBy(() -> StreamTransition.next(StreamState.IDLE, StreamEvent.SEND_DATA))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void tellsFramesWithEndStreamApart() {
        assertThat(StreamEvent.headers(true)).isEqualTo(StreamEvent.RECEIVE_HEADERS_AND_END);
        assertThat(StreamEvent.headers(false)).isEqualTo(StreamEvent.RECEIVE_HEADERS);
        assertThat(StreamEvent.data(true)).isEqualTo(StreamEvent.RECEIVE_DATA_AND_END);
        assertThat(StreamEvent.data(false)).isEqualTo(StreamEvent.RECEIVE_DATA);
    }
}
