package org.httpkit.internal.http2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import org.httpkit.internal.http2.OddFrames.Odd;
import org.httpkit.internal.http2.OddFrames.Waste;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Floods end, and clients that mean well do not. Time is what the test says. */
class OddFramesTest {
    private static final long MILLISECOND = 1_000_000;
    private static final long SECOND = 1000 * MILLISECOND;

    private long now = Long.MAX_VALUE - SECOND; // the clock of a JVM may be anywhere, and overflow
    private final OddFrames odd = new OddFrames(now);

    /** A step of a client. */
    private interface Step {
        void take(int round) throws Http2ViolationException;
    }

    /** How many of so many steps pass, all within a tenth of a second. */
    private int passed(int steps, Step step) {
        for (int i = 0; i < steps; i++) {
            if (i % (steps / 100) == 0) {
                now += MILLISECOND;
            }
            try {
                step.take(i);
            } catch (Http2ViolationException e) {
                assertThat(e.violation().errorCode()).isEqualTo(ErrorCode.ENHANCE_YOUR_CALM);
                assertThat(e.violation().scope()).isEqualTo(Http2Violation.Scope.CONNECTION);
                return i;
            }
        }
        return steps;
    }

    @Nested
    class Floods {
        private static final int MANY = 100_000;

        /** Pings, settings, priorities, window updates, unknown frames and the answers to nothing (CVE-2019-9512, 9513, 9515). */
        @ParameterizedTest
        @EnumSource
        void ofFramesThatCarryNothingEnd(Odd kind) {
            assertThat(passed(MANY, round -> odd.note(kind, now))).isLessThan(4100);
        }

        /** CVE-2019-9518. */
        @Test
        void ofEmptyDataEnd() {
            assertThat(passed(MANY, round -> odd.noteData(0, false, now))).isLessThan(2100);
        }

        @Test
        void ofDataOfOneByteEnd() {
            assertThat(passed(MANY, round -> odd.noteData(1, false, now))).isLessThan(4100);
        }

        /** CVE-2023-44487. */
        @Test
        void ofRequestsThatAreResetAtOnceEnd() {
            assertThat(passed(MANY, round -> {
                        odd.requestCame();
                        odd.note(Waste.CANCELLED, now);
                    }))
                    .isLessThan(1100);
        }

        /** CVE-2025-8671. */
        @Test
        void ofRequestsThatMakeTheServerResetThemEnd() {
            assertThat(passed(MANY, round -> {
                        odd.requestCame();
                        odd.note(Waste.RESET_BY_SERVER, now);
                    }))
                    .isLessThan(110);
        }

        @Test
        void ofStreamsBeyondTheLimitEnd() {
            assertThat(passed(MANY, round -> odd.note(Waste.REFUSED, now))).isLessThan(1100);
        }

        /** Each change is work for each stream. */
        @Test
        void ofSettingsThatChangeTheWindowsOfManyStreamsEnd() {
            assertThat(passed(MANY, round -> {
                        odd.note(Odd.SETTINGS, now);
                        odd.noteWindowChange(1000, now);
                    }))
                    .isLessThan(20);
        }

        @Test
        void mixedWithARequestNowAndThenEnd() {
            assertThat(passed(MANY, round -> {
                        if (round % 100 == 0) {
                            odd.requestCame();
                            odd.headersSent();
                            odd.answered();
                        }
                        odd.note(Odd.PING, now);
                    }))
                    .isLessThan(3000);
        }

        @Test
        void behindMuchUsefulWorkEndAsSoon() {
            for (int i = 0; i < 1_000_000; i++) {
                odd.dataSent(16_384);
                odd.answered();
            }
            assertThat(passed(MANY, round -> odd.note(Odd.PING, now))).isLessThan(2100);
        }

        @Test
        void afterALongPauseEndAsSoon() {
            now += 1_000_000 * SECOND;

            assertThat(passed(MANY, round -> odd.note(Odd.PING, now))).isLessThan(2100);
        }

        @Test
        void atASteadyRateEnd() {
            assertThat(overSeconds(60, 1000, round -> odd.note(Odd.PING, now))).isFalse();
        }
    }

    @Nested
    class HonestClients {
        @Test
        void maySendTwoWindowUpdatesAndAPingForEachData() {
            assertPasses(100_000, round -> {
                odd.dataSent(5);
                odd.note(Odd.WINDOW_UPDATE, now);
                odd.note(Odd.WINDOW_UPDATE, now);
                odd.note(Odd.PING, now);
            });
        }

        /** Those of a large frame come as the client reads it. */
        @Test
        void maySendManyWindowUpdatesForALargeData() {
            assertPasses(1000, round -> {
                odd.dataSent(1 << 20);
                for (int i = 0; i < 128; i++) {
                    odd.note(Odd.WINDOW_UPDATE, now);
                }
            });
        }

        @Test
        void maySendAPingForEachAnswer() {
            assertPasses(100_000, round -> {
                odd.requestCame();
                odd.headersSent();
                odd.answered();
                odd.note(Odd.PING, now);
            });
        }

        @Test
        void maySendThreePrioritiesForEachRequest() {
            assertPasses(100_000, round -> {
                odd.requestCame();
                for (int i = 0; i < 3; i++) {
                    odd.note(Odd.PRIORITY, now);
                }
            });
        }

        @Test
        void maySendMessagesOfFiveBytesInFramesOfTheirOwn() {
            assertPasses(10_000, round -> odd.noteData(5, false, now));
        }

        @Test
        void mayEndEachBodyWithAnEmptyFrame() {
            assertPasses(100_000, round -> {
                odd.requestCame();
                odd.noteData(0, true, now);
            });
        }

        @Test
        void mayCancelFortyAtOnce() {
            assertPasses(40 * 100, round -> {
                if (round % 40 == 0) {
                    now += SECOND;
                }
                odd.requestCame();
                odd.note(Waste.CANCELLED, now);
            });
        }

        @Test
        void mayCancelOneEachThirtyMilliseconds() {
            assertPasses(100_000, round -> {
                now += 30 * MILLISECOND;
                odd.requestCame();
                odd.note(Waste.CANCELLED, now);
            });
        }

        /** A thousand calls in two seconds, nine of ten before any answer. */
        @Test
        void mayCancelAThousandCallsOfGrpc() {
            assertPasses(1000, round -> {
                now += 2 * MILLISECOND;
                odd.requestCame();
                if (round % 10 == 0) {
                    odd.headersSent();
                    odd.dataSent(5);
                } else {
                    odd.note(Waste.CANCELLED, now);
                }
            });
        }

        /** As grpc-go measures the bandwidth: 4538 pings in 10 000 messages, and half as many WINDOW_UPDATE frames as DATA. */
        @Test
        void mayPingBehindNearlyEveryMessageOfGrpc() {
            assertPasses(10_000, round -> {
                odd.dataSent(12);
                if (round % 2 == 0) {
                    odd.note(Odd.PING, now);
                    odd.note(Odd.WINDOW_UPDATE, now);
                }
            });
        }

        @Test
        void mayChangeTheInitialWindowEightTimesInMidStream() {
            assertPasses(100, round -> {
                if (round < 8) {
                    odd.note(Odd.SETTINGS, now);
                    odd.noteWindowChange(100, now);
                }
            });
        }

        @Test
        void mayKeepAnIdleConnectionAliveForDays() {
            assertThat(overSeconds(1_000_000, 0.1, round -> odd.note(Odd.PING, now)))
                    .isTrue();
        }

        /** What was on its way when the server reset the streams. */
        @Test
        void mayHaveAWindowOfDataOnItsWay() {
            assertPasses(1000, round -> odd.note(Odd.LATE, now));
        }

        private void assertPasses(int rounds, Step step) {
            assertThatCode(() -> {
                        for (int i = 0; i < rounds; i++) {
                            step.take(i);
                        }
                    })
                    .doesNotThrowAnyException();
        }
    }

    /** Whether a client may take so many steps a second for so long. */
    private boolean overSeconds(int seconds, double stepsPerSecond, Step step) {
        long pause = (long) (SECOND / stepsPerSecond);
        for (int i = 0; i < seconds * stepsPerSecond; i++) {
            now += pause;
            try {
                step.take(i);
            } catch (Http2ViolationException e) {
                return false;
            }
        }
        return true;
    }
}
