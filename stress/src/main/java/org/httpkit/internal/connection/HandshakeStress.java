package org.httpkit.internal.connection;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LI_Result;

/** The hand-over of a handshake: one of two threads has it at any time, and no input is forgotten. */
final class HandshakeStress {
    private HandshakeStress() {}

    @JCStressTest
    @Description("Input comes to the loop while the thread that has computed gives the handshake back.")
    @Outcome(id = "loop, 2", expect = ACCEPTABLE, desc = "The loop finds the handshake free")
    @Outcome(id = "call, 2", expect = ACCEPTABLE, desc = "The thread calls the loop")
    @Outcome(
            expect = FORBIDDEN,
            desc = "Nobody uses the input, or both do, or the loop does not see what the thread did")
    @State
    public static class InputAndGivingBack {
        private final HandshakeHolder holder = new HandshakeHolder();
        /** Confined to the holder. */
        private int steps;

        private boolean taken;
        private boolean called;

        public InputAndGivingBack() {
            holder.giveToThread();
        }

        @Actor
        public void loop() {
            taken = holder.tryTake();
            if (taken) {
                steps++;
            }
        }

        @Actor
        public void thread() {
            steps++;
            called = !holder.tryGiveBack();
        }

        @Arbiter
        public void arbiter(LI_Result result) {
            if (called) {
                holder.take();
                steps++;
            }
            result.r1 = (taken ? "loop" : "") + (called ? "call" : "");
            result.r2 = steps;
        }
    }
}
