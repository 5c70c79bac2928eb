package org.httpkit.internal.connection;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.io.IOException;
import org.httpkit.server.ChannelBinding;
import org.httpkit.server.SendResult;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.L_Result;

/** The end of a channel: the listener learns of it once and last, and so do concurrent senders, whatever ends the channel. */
final class ChannelStress {
    // Chunks; a space stands for each CRLF.
    private static final String A = "1 a ";
    private static final String B = "1 b ";
    private static final String END = "0  ";

    private ChannelStress() {}

    private static String accepted(SendResult result) {
        return switch (result) {
            case SENT, QUEUED -> "accepted";
            case REJECTED -> "rejected";
            case CLOSED -> "closed";
        };
    }

    @JCStressTest
    @Description("A stream is closed while another thread sends.")
    @Outcome(
            id = A + B + END + ", accepted; sent; opened closed",
            expect = ACCEPTABLE,
            desc = "Accepted and delivered before the end")
    @Outcome(
            id = A + END + ", closed; failed; opened closed",
            expect = ACCEPTABLE,
            desc = "Refused, as the sender learns")
    @Outcome(expect = FORBIDDEN, desc = "Accepted and lost, reported never or twice, or sent behind the end")
    @State
    public static class SendAndClose {
        private final StressChannel test = new StressChannel();
        private volatile String answer = "";

        public SendAndClose() {
            test.beginStream("a");
        }

        @Actor
        public void sender() {
            answer = accepted(test.channel().trySend("b", false, test));
        }

        @Actor
        public void closer() {
            test.channel().close();
        }

        @Arbiter
        public void arbiter(LL_Result result) {
            result.r1 = test.body();
            result.r2 = answer + "; " + test.told() + "; " + test.calls();
        }
    }

    @JCStressTest
    @Description("A stream is closed by two threads.")
    @Outcome(
            id = {A + END + ", true false; opened closed", A + END + ", false true; opened closed"},
            expect = ACCEPTABLE,
            desc = "One of them ends it")
    @Outcome(expect = FORBIDDEN, desc = "Both or none, or the end is reported never or twice")
    @State
    public static class CloseTwice {
        private final StressChannel test = new StressChannel();
        private volatile boolean one;
        private volatile boolean another;

        public CloseTwice() {
            test.beginStream("a");
        }

        @Actor
        public void one() {
            one = test.channel().close();
        }

        @Actor
        public void another() {
            another = test.channel().close();
        }

        @Arbiter
        public void arbiter(LL_Result result) {
            result.r1 = test.body();
            result.r2 = one + " " + another + "; " + test.calls();
        }
    }

    @JCStressTest
    @Description("The client resets the connection while a thread sends.")
    @Outcome(
            id = A + B + ", accepted; sent; opened closed",
            expect = ACCEPTABLE,
            desc = "Accepted, and taken by the system")
    @Outcome(
            id = {A + ", accepted; failed; opened closed", A + ", closed; failed; opened closed"},
            expect = ACCEPTABLE,
            desc = "Not delivered, as the sender learns")
    @Outcome(
            id = A + B + ", accepted; failed; opened closed",
            expect = ACCEPTABLE,
            desc = "Taken by the system, but perhaps not sent")
    @Outcome(expect = FORBIDDEN, desc = "Reported never, twice or wrongly")
    @State
    public static class SendAndReset {
        private final StressChannel test = new StressChannel();
        private volatile String answer = "";

        public SendAndReset() {
            test.beginStream("a");
        }

        @Actor
        public void sender() {
            answer = accepted(test.channel().trySend("b", false, test));
        }

        @Actor
        public void loop() {
            test.loop.run(() -> test.link.close(new IOException("reset")));
        }

        @Arbiter
        public void arbiter(LL_Result result) {
            result.r1 = test.body();
            result.r2 = answer + "; " + test.told() + "; " + test.calls();
        }
    }

    @JCStressTest
    @Description("The client resets the connection while the application closes the channel.")
    @Outcome(
            id = {A + END + ", opened closed", A + ", opened closed"},
            expect = ACCEPTABLE,
            desc = "The end is reported once")
    @Outcome(expect = FORBIDDEN, desc = "The end is reported never or twice")
    @State
    public static class CloseAndReset {
        private final StressChannel test = new StressChannel();

        public CloseAndReset() {
            test.beginStream("a");
        }

        @Actor
        public void closer() {
            test.channel().close();
        }

        @Actor
        public void loop() {
            test.loop.run(() -> test.link.close(new IOException("reset")));
        }

        @Arbiter
        public void arbiter(LL_Result result) {
            result.r1 = test.body();
            result.r2 = test.calls();
        }
    }

    @JCStressTest
    @Description("Messages come while the calls begin that have waited for the callbacks.")
    @Outcome(id = "abcd", expect = ACCEPTABLE, desc = "All, in the order they came")
    @Outcome(expect = FORBIDDEN, desc = "Lost, doubled or out of order")
    @State
    public static class EarlyMessages {
        private final StressCallbacks test = new StressCallbacks();

        public EarlyMessages() {
            test.message('a');
            test.message('b');
        }

        @Actor
        public void loop() {
            test.message('c');
            test.message('d');
        }

        @Actor
        public void handler() {
            ChannelBinding.of(test.channel()).beginCalls();
        }

        @Arbiter
        public void arbiter(L_Result result) {
            result.r1 = test.outcome();
        }
    }

    @JCStressTest
    @Description("Two threads let the calls begin, and messages come.")
    @Outcome(id = "abcd", expect = ACCEPTABLE, desc = "All, in the order they came")
    @Outcome(expect = FORBIDDEN, desc = "Lost, doubled or out of order")
    @State
    public static class BeginTwice {
        private final StressCallbacks test = new StressCallbacks();

        public BeginTwice() {
            test.message('a');
            test.message('b');
        }

        @Actor
        public void listener() {
            ChannelBinding.of(test.channel()).beginCalls();
            test.message('c');
            test.message('d');
        }

        @Actor
        public void handler() {
            ChannelBinding.of(test.channel()).beginCalls();
        }

        @Arbiter
        public void arbiter(L_Result result) {
            result.r1 = test.outcome();
        }
    }

    @JCStressTest
    @Description("The connection ends while the calls begin that have waited for the callbacks.")
    @Outcome(id = "abX", expect = ACCEPTABLE, desc = "The end is reported once, and last")
    @Outcome(expect = FORBIDDEN, desc = "Lost, doubled or out of order")
    @State
    public static class EarlyMessagesAndEnd {
        private final StressCallbacks test = new StressCallbacks();

        public EarlyMessagesAndEnd() {
            test.message('a');
            test.message('b');
        }

        @Actor
        public void loop() {
            test.loop.run(() -> test.link.close(new IOException("reset")));
        }

        @Actor
        public void handler() {
            ChannelBinding.of(test.channel()).beginCalls();
        }

        @Arbiter
        public void arbiter(L_Result result) {
            result.r1 = test.outcome();
        }
    }
}
