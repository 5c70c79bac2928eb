package org.httpkit.internal.net;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.io.IOException;
import org.httpkit.internal.net.StressLink.Told;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Mode;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.Signal;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.L_Result;

/** The write claim: one thread writes at a time, each sender's bytes leave in order, none lost and none twice, and each sender learns the outcome. */
final class WriteClaimStress {
    private WriteClaimStress() {}

    @JCStressTest
    @Description("Two threads send two bytes each.")
    @Outcome(
            id = {"abxy", "axby", "axyb", "xaby", "xayb", "xyab"},
            expect = ACCEPTABLE,
            desc = "All, each sender's in order")
    @Outcome(expect = FORBIDDEN, desc = "Lost, doubled or out of order, or the claim is still held")
    @State
    public static class TwoSenders {
        private final StressLink test = new StressLink(100);

        @Actor
        public void one() {
            test.send("a");
            test.send("b");
        }

        @Actor
        public void another() {
            test.link.send(new Told('x'));
            test.send("y");
        }

        @Arbiter
        public void arbiter(L_Result result) {
            result.r1 = test.outcome();
        }
    }

    @JCStressTest
    @Description(
            "A thread sends until the socket is full and the loop has to continue. Another thread sends meanwhile.")
    @Outcome(
            id = {"abxy", "axby", "axyb", "xaby", "xayb", "xyab"},
            expect = ACCEPTABLE,
            desc = "All, each sender's in order")
    @Outcome(expect = FORBIDDEN, desc = "Lost, doubled or out of order, or the claim is still held")
    @State
    public static class TwoSendersFillTheSocket {
        private final StressLink test = new StressLink(1);

        @Actor
        public void one() {
            test.send("a");
            test.send("b");
        }

        @Actor
        public void another() {
            test.send("x");
            test.link.send(new Told('y'));
        }

        @Arbiter
        public void arbiter(L_Result result) {
            test.wire.makeRoom();
            result.r1 = test.outcome();
        }
    }

    @JCStressTest
    @Description("The loop continues with what waits while another thread hands over more.")
    @Outcome(id = "abc", expect = ACCEPTABLE, desc = "All, in order")
    @Outcome(expect = FORBIDDEN, desc = "Lost, doubled or out of order, or the claim is still held")
    @State
    public static class SenderAndLoop {
        private final StressLink test = new StressLink(0);

        public SenderAndLoop() {
            test.send("a");
            test.loop.run(() -> {});
        }

        @Actor
        public void sender() {
            test.send("b");
            test.send("c");
        }

        @Actor
        public void loop() {
            test.wire.makeRoom();
            test.loop.run(test.link::writable);
        }

        @Arbiter
        public void arbiter(L_Result result) {
            result.r1 = test.outcome();
        }
    }

    @JCStressTest
    @Description("A thread finds the socket full while the loop learns that there is room again.")
    @Outcome(id = "abc", expect = ACCEPTABLE, desc = "All, in order")
    @Outcome(expect = FORBIDDEN, desc = "Left lying although there is room")
    @State
    public static class FullSocketAndRoom {
        private final StressLink test = new StressLink(1);

        @Actor
        public void sender() {
            test.send("a");
            test.send("bc");
        }

        @Actor
        public void loop() {
            test.loop.run(() -> {});
            test.wire.makeRoom();
            test.loop.run(test.link::writable);
        }

        @Arbiter
        public void arbiter(L_Result result) {
            result.r1 = test.outcome();
        }
    }

    @JCStressTest
    @Description("The loop gathers two answers for one write while another thread sends.")
    @Outcome(
            id = {"abx", "axb", "xab"},
            expect = ACCEPTABLE,
            desc = "All, the loop's in order")
    @Outcome(expect = FORBIDDEN, desc = "Lost, doubled or out of order, or the claim is still held")
    @State
    public static class GatheringLoopAndSender {
        private final StressLink test = new StressLink(100);

        @Actor
        public void loop() {
            test.loop.run(() -> test.link.batch(() -> {
                test.send("a");
                test.send("b");
            }));
        }

        @Actor
        public void sender() {
            test.send("x");
        }

        @Arbiter
        public void arbiter(L_Result result) {
            result.r1 = test.outcome();
        }
    }

    @JCStressTest
    @Description("The link is closed while a thread sends.")
    @Outcome(
            id = {"a, sent", ", refused"},
            expect = ACCEPTABLE,
            desc = "The sender learns the outcome, once")
    @Outcome(
            expect = FORBIDDEN,
            desc = "The sender learns nothing, too much or something wrong, or bytes still count as waiting")
    @State
    public static class SenderAndClose {
        private final StressLink test = new StressLink(100);
        private final Told segment = new Told('a');

        @Actor
        public void sender() {
            test.link.send(segment);
        }

        @Actor
        public void loop() {
            test.loop.run(() -> test.link.close(new IOException("reset")));
        }

        @Arbiter
        public void arbiter(LL_Result result) {
            result.r1 = test.outcome();
            result.r2 = segment.toString();
        }
    }

    @JCStressTest
    @Description("The link is closed while a thread finds the socket full and leaves the rest to the loop.")
    @Outcome(id = ", refused", expect = ACCEPTABLE, desc = "The sender learns the outcome, once")
    @Outcome(
            expect = FORBIDDEN,
            desc = "The sender learns nothing, too much or something wrong, or bytes still count as waiting")
    @State
    public static class FullSocketAndClose {
        private final StressLink test = new StressLink(0);
        private final Told segment = new Told('a');

        @Actor
        public void sender() {
            test.link.send(segment);
        }

        @Actor
        public void loop() {
            test.loop.run(() -> test.link.close(null));
        }

        @Arbiter
        public void arbiter(LL_Result result) {
            result.r1 = test.outcome();
            result.r2 = segment.toString();
        }
    }

    @JCStressTest
    @Description("The link is closed while a thread hands over what comes behind something that waits.")
    @Outcome(id = ", refused", expect = ACCEPTABLE, desc = "The sender learns the outcome, once")
    @Outcome(
            expect = FORBIDDEN,
            desc = "The sender learns nothing, too much or something wrong, or bytes still count as waiting")
    @State
    public static class WaitingAndClose {
        private final StressLink test = new StressLink(0);
        private final Told segment = new Told('a');

        public WaitingAndClose() {
            test.send("before");
            test.loop.run(() -> {});
        }

        @Actor
        public void sender() {
            test.link.send(segment);
        }

        @Actor
        public void loop() {
            test.loop.run(() -> test.link.close(null));
        }

        @Arbiter
        public void arbiter(LL_Result result) {
            result.r1 = test.outcome();
            result.r2 = segment.toString();
        }
    }

    @JCStressTest
    @Description("A thread leaves bytes to the loop's next turn. Another sends bytes that must not wait.")
    @Outcome(
            id = {"abxy", "axby", "axyb", "xaby", "xayb", "xyab"},
            expect = ACCEPTABLE,
            desc = "All, each sender's in order")
    @Outcome(expect = FORBIDDEN, desc = "Lost, doubled or out of order, or the claim is still held")
    @State
    public static class SoonAndNow {
        private final StressLink test = new StressLink(100);

        @Actor
        public void soon() {
            test.link.sendSoon(new Told('a'));
            test.link.sendSoon(new Told('b'));
        }

        @Actor
        public void now() {
            test.send("x");
            test.send("y");
        }

        @Arbiter
        public void arbiter(L_Result result) {
            result.r1 = test.outcome();
        }
    }

    @JCStressTest
    @Description("A thread leaves bytes to the loop while the loop writes earlier ones.")
    @Outcome(id = "abc", expect = ACCEPTABLE, desc = "All, in order")
    @Outcome(expect = FORBIDDEN, desc = "Lost, doubled or out of order, or the claim is still held")
    @State
    public static class SoonAndLoop {
        private final StressLink test = new StressLink(100);

        public SoonAndLoop() {
            test.link.sendSoon(new Told('a'));
        }

        @Actor
        public void soon() {
            test.link.sendSoon(new Told('b'));
            test.link.sendSoon(new Told('c'));
        }

        @Actor
        public void loop() {
            test.loop.run(() -> {});
            test.loop.run(() -> {});
        }

        @Arbiter
        public void arbiter(L_Result result) {
            result.r1 = test.outcome();
        }
    }

    @JCStressTest
    @Description("The link is closed while a thread leaves bytes to the loop's next turn.")
    @Outcome(
            id = {"a, sent", ", refused"},
            expect = ACCEPTABLE,
            desc = "The sender learns the outcome, once")
    @Outcome(
            expect = FORBIDDEN,
            desc = "The sender learns nothing, too much or something wrong, or bytes still count as waiting")
    @State
    public static class SoonAndClose {
        private final StressLink test = new StressLink(100);
        private final Told segment = new Told('a');

        @Actor
        public void soon() {
            test.link.sendSoon(segment);
        }

        @Actor
        public void loop() {
            test.loop.run(() -> test.link.close(new IOException("reset")));
        }

        @Arbiter
        public void arbiter(LL_Result result) {
            result.r1 = test.outcome();
            result.r2 = segment.toString();
        }
    }

    @JCStressTest(Mode.Termination)
    @Description("A thread waits until the peer has taken everything, while the loop writes the rest.")
    @Outcome(id = "TERMINATED", expect = ACCEPTABLE, desc = "The thread goes on")
    @Outcome(id = "STALE", expect = FORBIDDEN, desc = "It waits forever")
    @State
    public static class WaitingForTheEnd {
        private final StressLink test = new StressLink(0);

        public WaitingForTheEnd() {
            test.send("a");
            test.loop.run(() -> {});
        }

        @Actor
        public void sender() throws IOException, InterruptedException {
            test.link.awaitDrained();
        }

        @Signal
        public void loop() {
            test.wire.makeRoom();
            test.loop.run(test.link::writable);
        }
    }

    @JCStressTest(Mode.Termination)
    @Description("A thread waits until the peer has taken everything, while the link is closed.")
    @Outcome(id = "TERMINATED", expect = ACCEPTABLE, desc = "The thread goes on")
    @Outcome(id = "STALE", expect = FORBIDDEN, desc = "It waits forever")
    @State
    public static class WaitingAndTheClose {
        private final StressLink test = new StressLink(0);

        public WaitingAndTheClose() {
            test.send("a");
            test.loop.run(() -> {});
        }

        @Actor
        public void sender() throws InterruptedException {
            try {
                test.link.awaitDrained();
            } catch (IOException e) {
                // The link is closed, as it should be.
            }
        }

        @Signal
        public void loop() {
            test.loop.run(() -> test.link.close(null));
        }
    }
}
