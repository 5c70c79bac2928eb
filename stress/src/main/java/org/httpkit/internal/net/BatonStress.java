package org.httpkit.internal.net;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** The hand-over of a loop during a call: exactly one thread holds the loop at any time, and sees what the holder before it did. */
final class BatonStress {
    private BatonStress() {}

    @JCStressTest
    @Description("The holder makes two calls while the relay finds the baton lying there and takes it.")
    @Outcome(id = "1, 0, 2", expect = ACCEPTABLE, desc = "The holder has it again each time")
    @Outcome(id = "0, 1, 1", expect = ACCEPTABLE, desc = "Lost in the first call")
    @Outcome(id = "0, 1, 2", expect = ACCEPTABLE, desc = "Lost in the second call")
    @Outcome(expect = FORBIDDEN, desc = "Two hold it, or none, or the next does not see what the last did")
    @State
    public static class HolderAndRelay {
        private final Baton baton = new Baton();
        /** Confined to the holder: how many calls were made. */
        private int calls;

        private int seen;
        private boolean kept;
        private boolean taken;

        @Actor
        public void holder() {
            calls++;
            kept = baton.pickUp(baton.putDown());
            if (kept) {
                calls++;
                kept = baton.pickUp(baton.putDown());
                if (kept) {
                    seen = calls;
                }
            }
        }

        @Actor
        public void relay() {
            for (int look = 0; look < 20 && !taken; look++) {
                long turn = baton.turn();
                taken = Baton.isDown(turn) && baton.pickUp(turn);
            }
            if (taken) {
                seen = calls;
            }
        }

        @Arbiter
        public void arbiter(III_Result result) {
            result.r1 = kept ? 1 : 0;
            result.r2 = taken ? 1 : 0;
            result.r3 = seen;
        }
    }

    @JCStressTest
    @Description("The holder and the relay reach for a free baton at once.")
    @Outcome(
            id = {"1, 0, 1", "0, 1, 1"},
            expect = ACCEPTABLE,
            desc = "One of them has it")
    @Outcome(expect = FORBIDDEN, desc = "Both have it, or none, or it still lies there")
    @State
    public static class BothReachForIt {
        private final Baton baton = new Baton();
        private final long turn = baton.putDown();
        private boolean kept;
        private boolean taken;

        @Actor
        public void holder() {
            kept = baton.pickUp(turn);
        }

        @Actor
        public void relay() {
            taken = baton.pickUp(turn);
        }

        @Arbiter
        public void arbiter(III_Result result) {
            result.r1 = kept ? 1 : 0;
            result.r2 = taken ? 1 : 0;
            result.r3 = Baton.isDown(baton.turn()) ? 0 : 1;
        }
    }

    @JCStressTest
    @Description("The relay has seen the baton lying there in an earlier call, and comes late.")
    @Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "The holder keeps it: the earlier call is over")
    @Outcome(expect = FORBIDDEN, desc = "What was seen in an earlier call counts in a later one")
    @State
    public static class LateRelay {
        private final Baton baton = new Baton();
        private final long earlier = baton.putDown();
        private int calls;
        private boolean kept = baton.pickUp(earlier);
        private boolean taken;

        @Actor
        public void holder() {
            calls++;
            kept &= baton.pickUp(baton.putDown());
        }

        @Actor
        public void relay() {
            taken = baton.pickUp(earlier);
        }

        @Arbiter
        public void arbiter(III_Result result) {
            result.r1 = kept ? 1 : 0;
            result.r2 = taken ? 1 : 0;
            result.r3 = calls;
        }
    }

    @JCStressTest
    @Description(
            "The watch looks twice while the holder makes two calls: only one that lasts from look to look is stuck.")
    @Outcome(id = "1, 0, 2", expect = ACCEPTABLE, desc = "The holder has it again each time")
    @Outcome(id = "0, 1, 1", expect = ACCEPTABLE, desc = "Lost in the first call")
    @Outcome(id = "0, 1, 2", expect = ACCEPTABLE, desc = "Lost in the second call")
    @Outcome(expect = FORBIDDEN, desc = "Two hold it, or none, or the next does not see what the last did")
    @State
    public static class HolderAndWatch {
        private final Baton baton = new Baton();
        private final BatonWatch watch = new BatonWatch(new Baton[] {baton}, 0);
        private int calls;
        private int seen;
        private boolean kept;
        private boolean taken;

        @Actor
        public void holder() {
            calls++;
            kept = call();
            if (kept) {
                calls++;
                kept = call();
                if (kept) {
                    seen = calls;
                }
            }
        }

        private boolean call() {
            long turn = baton.putDown();
            for (int i = 0; i < 8; i++) {
                Thread.onSpinWait(); // now and then long enough for the relay to look twice
            }
            return baton.pickUp(turn);
        }

        @Actor
        public void watch() {
            for (int look = 1; look <= 50 && !taken; look++) {
                watch.look(look, i -> {
                    long turn = baton.turn();
                    taken = Baton.isDown(turn) && baton.pickUp(turn);
                });
            }
            if (taken) {
                seen = calls;
            }
        }

        @Arbiter
        public void arbiter(III_Result result) {
            result.r1 = kept ? 1 : 0;
            result.r2 = taken ? 1 : 0;
            result.r3 = seen;
        }
    }
}
