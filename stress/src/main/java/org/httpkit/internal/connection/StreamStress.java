package org.httpkit.internal.connection;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.L_Result;

/** What streams of HTTP/2 share: their lock, the connection's window, and the write claim of its link. */
final class StreamStress {
    private static final int PLENTY = 100;

    private StreamStress() {}

    @JCStressTest
    @Description("The client resets a stream while a thread answers it.")
    @Outcome(id = "head1 ab1., sent; 1 told, 1", expect = ACCEPTABLE, desc = "The answer has left before")
    @Outcome(id = ", failed; 1 told, 1", expect = ACCEPTABLE, desc = "Nothing has left, as the answer's sender learns")
    @Outcome(expect = FORBIDDEN, desc = "A part has left, or an end is reported never or twice")
    @State
    public static class AnswerAndCancel {
        private final StressStreams test = new StressStreams(PLENTY);

        @Actor
        public void answering() {
            test.answer(test.first(), "ab");
        }

        @Actor
        public void loop() {
            test.resetByClient(test.first());
        }

        @Arbiter
        public void arbiter(LL_Result result) {
            result.r1 = test.frames();
            result.r2 = test.first().told() + "; " + test.ended();
        }
    }

    @JCStressTest
    @Description("The server resets a stream while a thread answers it.")
    @Outcome(id = "head1 ab1., sent; 1 told, 1", expect = ACCEPTABLE, desc = "The answer has left before")
    @Outcome(id = "reset1, failed; 1 told, 1", expect = ACCEPTABLE, desc = "Reset, and nothing else")
    @Outcome(expect = FORBIDDEN, desc = "Answer and reset, or an end is reported never or twice")
    @State
    public static class AnswerAndReset {
        private final StressStreams test = new StressStreams(PLENTY);

        @Actor
        public void answering() {
            test.answer(test.first(), "ab");
        }

        @Actor
        public void loop() {
            test.resetByServer(test.first());
        }

        @Arbiter
        public void arbiter(LL_Result result) {
            result.r1 = test.frames();
            result.r2 = test.first().told() + "; " + test.ended();
        }
    }

    @JCStressTest
    @Description("A stream gets credit while a thread answers it with more than its window.")
    @Outcome(
            id = {"head1 a1 b1., sent; 1 told, 1", "head1 ab1., sent; 1 told, 1"},
            expect = ACCEPTABLE,
            desc = "All has left")
    @Outcome(expect = FORBIDDEN, desc = "The rest stays")
    @State
    public static class AnswerAndCredit {
        private final StressStreams test = new StressStreams(1);

        @Actor
        public void answering() {
            test.answer(test.first(), "ab");
        }

        @Actor
        public void loop() {
            test.credit(test.first(), PLENTY);
        }

        @Arbiter
        public void arbiter(LL_Result result) {
            result.r1 = test.frames();
            result.r2 = test.first().told() + "; " + test.ended();
        }
    }

    @JCStressTest
    @Description(
            "The connection gets credit for one byte, for which a stream waits, while a thread answers on another.")
    @Outcome(
            id = {"head1 a1. head3, 1 told, 1", "head1 head3 a1., 1 told, 1"},
            expect = ACCEPTABLE,
            desc = "The first stream has used it")
    @Outcome(id = "head1 head3 b3., 1 told, 3", expect = ACCEPTABLE, desc = "The second one has")
    @Outcome(expect = FORBIDDEN, desc = "More than the window has left, or nothing")
    @State
    public static class AnswerAndOneByte {
        private final StressStreams test = new StressStreams(PLENTY).withoutCredit();

        public AnswerAndOneByte() {
            test.answer(test.first(), "a");
        }

        @Actor
        public void answering() {
            test.answer(test.second(), "b");
        }

        @Actor
        public void loop() {
            test.credit(null, 1);
        }

        @Arbiter
        public void arbiter(LL_Result result) {
            result.r1 = test.frames().replaceAll(" backlog.*", ""); // the other byte waits
            result.r2 = test.ended();
        }
    }

    @JCStressTest
    @Description("Two threads answer on two streams.")
    @Outcome(
            id = {
                "head1 a1. head3 b3.",
                "head3 b3. head1 a1.",
                "head1 head3 a1. b3.",
                "head1 head3 b3. a1.",
                "head3 head1 b3. a1.",
                "head3 head1 a1. b3."
            },
            expect = ACCEPTABLE,
            desc = "Both have left")
    @Outcome(expect = FORBIDDEN, desc = "Lost, doubled or mixed")
    @State
    public static class TwoAnswers {
        private final StressStreams test = new StressStreams(PLENTY);

        @Actor
        public void one() {
            test.answer(test.first(), "a");
        }

        @Actor
        public void another() {
            test.answer(test.second(), "b");
        }

        @Arbiter
        public void arbiter(L_Result result) {
            result.r1 = test.frames();
        }
    }
}
