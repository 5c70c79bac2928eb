package org.httpkit.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.httpkit.internal.connection.Http1Intake.State;
import org.httpkit.internal.connection.Http1Intake.Step;
import org.httpkit.internal.exchange.StreamedBody;
import org.httpkit.internal.fields.HeadLimits;
import org.httpkit.internal.fields.ViolationException;
import org.httpkit.internal.http1.DecoderPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests taken in, however the input is cut, and each state with each thing that a driver may ask for. */
final class Http1IntakeTest {
    private static final HeadLimits LIMITS = new HeadLimits(8192, 65_536, 100);
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String POST = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n";
    private static final String CHUNKED =
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n6\r\nefghij\r\n0\r\nX-A: b\r\n\r\n";

    private final Http1Intake intake = new Http1Intake(new DecoderPool());
    private StreamedBody body = newBody();

    private static StreamedBody newBody() {
        return new StreamedBody(
                new ReentrantLock(),
                () -> {},
                () -> {},
                wait -> {},
                10,
                Long.MAX_VALUE,
                org.httpkit.http.Headers.empty(),
                false);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private Step advance(String text) throws ViolationException {
        return intake.advance(bytes(text), LIMITS);
    }

    /** What becomes of requests whose bodies are put together, and which are over at once. */
    private List<String> collectAll(String text, int pieceBytes) throws ViolationException {
        List<String> requests = new ArrayList<>();
        StringBuilder method = new StringBuilder();
        for (int at = 0; at < text.length(); at += pieceBytes) {
            ByteBuffer input = bytes(text.substring(at, Math.min(text.length(), at + pieceBytes)));
            Step step;
            do {
                step = intake.advance(input, LIMITS);
                switch (step) {
                    case HEAD -> {
                        method.setLength(0);
                        method.append(intake.head().method());
                        if (intake.head().contentLength() == 0) {
                            intake.expectNoBody();
                        } else {
                            assertThat(intake.collect(100, input.remaining())).isTrue();
                        }
                    }
                    case COMPLETE -> {
                        byte[] taken = intake.takeBody();
                        requests.add(method + " " + (taken == null ? "-" : new String(taken, StandardCharsets.US_ASCII))
                                + (intake.trailers().size() == 0
                                        ? ""
                                        : " " + intake.trailers().first("X-A")));
                        intake.next();
                    }
                    default -> assertThat(step).isIn(Step.NEED_INPUT, Step.HEAD_BEGUN, Step.BODY);
                }
            } while (step != Step.NEED_INPUT && step != Step.HEAD_BEGUN);
            assertThat(input.hasRemaining()).isFalse();
        }
        return requests;
    }

    @Test
    void takesRequestsInHoweverTheInputIsCut() throws ViolationException {
        String text = GET + POST + "0123456789" + CHUNKED + GET;
        for (int pieceBytes = 1; pieceBytes <= text.length(); pieceBytes++) {
            assertThat(collectAll(text, pieceBytes))
                    .as("in pieces of " + pieceBytes)
                    .containsExactly("GET -", "POST 0123456789", "POST abcdefghij b", "GET -");
            assertThat(intake.isBetweenRequests()).isTrue();
            assertThat(intake.heldBytes()).isZero();
        }
    }

    @Test
    void refusesABodyThatIsAnnouncedTooLarge() throws ViolationException {
        assertThat(advance(POST)).isEqualTo(Step.HEAD);

        assertThat(intake.collect(9, 0)).isFalse();
    }

    @Test
    void refusesChunksThatBecomeTooLarge() throws ViolationException {
        ByteBuffer input = bytes(CHUNKED);
        assertThat(intake.advance(input, LIMITS)).isEqualTo(Step.HEAD);
        assertThat(intake.collect(9, 0)).isTrue();

        assertThat(intake.advance(input, LIMITS)).isEqualTo(Step.BODY);
        assertThat(intake.advance(input, LIMITS)).isEqualTo(Step.TOO_LARGE);
    }

    @Test
    void refusesAChunkThatIsAnnouncedTooLargeBeforeItComes() throws ViolationException {
        assertThat(advance(CHUNKED.substring(0, CHUNKED.indexOf("4\r\nabcd")))).isEqualTo(Step.HEAD);
        assertThat(intake.collect(9, 0)).isTrue();

        assertThat(advance("a\r\n")).isEqualTo(Step.TOO_LARGE);
    }

    @Test
    void givesAStreamedBodyToItsReader() throws Exception {
        assertThat(advance(POST)).isEqualTo(Step.HEAD);
        intake.stream(body);

        assertThat(advance("01234")).isEqualTo(Step.BODY);
        assertThat(intake.pieceBytes()).isEqualTo(5);
        assertThat(intake.isFirstPiece()).isTrue();
        assertThat(advance("56789")).isEqualTo(Step.BODY);
        assertThat(intake.isFirstPiece()).isFalse();
        assertThat(advance("")).isEqualTo(Step.COMPLETE);

        assertThat(intake.state()).isEqualTo(State.DONE);
        assertThat(body.text()).isEqualTo("0123456789");
    }

    @Test
    void saysWhenAReaderHasEnough() throws ViolationException {
        assertThat(advance(POST.replace("10", "1000000"))).isEqualTo(Step.HEAD);
        intake.stream(body);

        Step step = Step.BODY;
        int pieces = 0;
        while (step == Step.BODY) {
            step = advance("x".repeat(8192));
            pieces++;
        }

        assertThat(step).isEqualTo(Step.BODY_ENOUGH);
        assertThat(pieces).isBetween(2, 100);
    }

    @Test
    void dropsTheRestOfABodyThatNobodyWants() throws Exception {
        assertThat(advance(POST)).isEqualTo(Step.HEAD);
        intake.stream(body);
        assertThat(advance("01234")).isEqualTo(Step.BODY);

        intake.discard();

        assertThat(advance("567")).isEqualTo(Step.DROPPED);
        assertThat(advance("89")).isEqualTo(Step.DROPPED);
        assertThat(advance("")).isEqualTo(Step.DISCARDED);
        assertThat(intake.state()).isEqualTo(State.IDLE);
        assertThatThrownBy(body::text).isInstanceOf(IOException.class);
    }

    @Test
    void dropsNoMoreThanAConnectionIsWorth() throws ViolationException {
        assertThat(advance(POST.replace("10", "1000000"))).isEqualTo(Step.HEAD);
        intake.stream(body);
        intake.discard();

        String most = "x".repeat((int) Http1Intake.MAX_DISCARDED_BYTES);
        assertThat(advance(most)).isEqualTo(Step.DROPPED);
        assertThat(advance("x")).isEqualTo(Step.DROPPED_TOO_MUCH);
    }

    @Test
    void breaksAStreamedBodyThatWillNotBeComplete() throws ViolationException {
        assertThat(advance(POST)).isEqualTo(Step.HEAD);
        intake.stream(body);

        intake.fail(new EOFException("gone"));

        assertThat(intake.state()).isEqualTo(State.DONE);
        assertThatThrownBy(body::text).isInstanceOf(EOFException.class).hasMessage("gone");
    }

    @Test
    void saysWhenAHeadHasBegunAfterARest() throws ViolationException {
        assertThat(advance(GET)).isEqualTo(Step.HEAD);
        intake.expectNoBody();
        assertThat(advance("")).isEqualTo(Step.COMPLETE);
        intake.next();

        assertThat(advance("")).isEqualTo(Step.NEED_INPUT);
        assertThat(advance("G")).isEqualTo(Step.HEAD_BEGUN);
        assertThat(intake.isInHead()).isTrue();
        assertThat(intake.heldBytes()).isPositive();
        assertThat(advance("ET /")).isEqualTo(Step.NEED_INPUT);
    }

    /** Brings it into that state. */
    private void reach(State wanted) throws ViolationException {
        if (wanted == State.HEAD) {
            assertThat(advance(POST)).isEqualTo(Step.HEAD);
            return;
        }
        assertThat(advance(wanted == State.IDLE || wanted == State.DONE ? GET : POST))
                .isEqualTo(Step.HEAD);
        switch (wanted) {
            case IDLE, DONE -> {
                intake.expectNoBody();
                assertThat(advance("")).isEqualTo(Step.COMPLETE);
                if (wanted == State.IDLE) {
                    intake.next();
                }
            }
            case COLLECTING -> intake.collect(100, 0);
            case STREAMING -> intake.stream(body);
            case DISCARDING -> {
                intake.stream(body);
                intake.discard();
            }
            case HEAD -> {}
        }
        assertThat(intake.state()).isEqualTo(wanted);
    }

    private void ask(String what) throws ViolationException {
        switch (what) {
            case "expectNoBody" -> intake.expectNoBody();
            case "collect" -> intake.collect(100, 0);
            case "stream" -> intake.stream(newBody());
            case "discard" -> intake.discard();
            case "fail" -> intake.fail(new EOFException("gone"));
            case "abandon" -> intake.abandon();
            case "next" -> intake.next();
            default -> throw new IllegalArgumentException(what);
        }
    }

    /** Each state with each thing that the driver may ask for: the next state, or - if it must not. */
    @ParameterizedTest
    @CsvSource({
        "expectNoBody, -, COLLECTING, -, -, -, -",
        "collect, -, COLLECTING, -, -, -, -",
        "stream, -, STREAMING, -, -, -, -",
        "discard, -, -, -, DISCARDING, -, -",
        "fail, -, -, -, DONE, -, -",
        "abandon, DONE, DONE, DONE, DONE, DONE, DONE",
    })
    void allowsOnlyWhatFitsItsState(
            String what, String idle, String head, String collecting, String streaming, String discarding, String done)
            throws ViolationException {
        List<String> expected = List.of(idle, head, collecting, streaming, discarding, done);
        for (State state : State.values()) {
            Http1IntakeTest fresh = new Http1IntakeTest();
            fresh.reach(state);
            String next = expected.get(state.ordinal());
            if (next.equals("-")) {
                assertThatThrownBy(() -> fresh.ask(what))
                        .as(what + " in " + state)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("in state " + state);
                assertThat(fresh.intake.state()).isEqualTo(state);
            } else {
                fresh.ask(what);
                assertThat(fresh.intake.state()).as(what + " in " + state).isEqualTo(State.valueOf(next));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(State.class)
    void isBetweenRequestsOnlyWhileIdle(State state) throws ViolationException {
        reach(state);

        assertThat(intake.isBetweenRequests()).isEqualTo(state == State.IDLE);
    }

    @Test
    void isBetweenRequestsBeforeTheFirstByte() {
        assertThat(intake.isBetweenRequests()).isTrue();
        assertThat(intake.isInHead()).isFalse();
        assertThat(intake.heldBytes()).isZero();
    }
}
