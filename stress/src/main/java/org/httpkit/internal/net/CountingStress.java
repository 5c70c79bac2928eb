package org.httpkit.internal.net;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.L_Result;

/** The server's counts: connections of each client, and bytes that wait. */
final class CountingStress {
    private static final InetAddress CLIENT = InetAddress.getLoopbackAddress();

    private CountingStress() {}

    private static int entered(ClientCounts.@Nullable Count count) {
        return count == null ? 0 : 1;
    }

    @JCStressTest
    @Description("Two connections of a client that may have one.")
    @Outcome(
            id = {"1, 0, 0", "0, 1, 0"},
            expect = ACCEPTABLE,
            desc = "One of them, and nothing is left of it")
    @Outcome(expect = FORBIDDEN, desc = "Both or none, or something is left behind")
    @State
    public static class TwoForOnePlace {
        private final ClientCounts counts = new ClientCounts();
        private ClientCounts.@Nullable Count one;
        private ClientCounts.@Nullable Count another;

        @Actor
        public void one() {
            one = counts.tryEnter(CLIENT, 1);
        }

        @Actor
        public void another() {
            another = counts.tryEnter(CLIENT, 1);
        }

        @Arbiter
        public void arbiter(III_Result result) {
            result.r1 = entered(one);
            result.r2 = entered(another);
            if (one != null) {
                counts.leave(one);
            }
            if (another != null) {
                counts.leave(another);
            }
            result.r3 = counts.clients();
        }
    }

    @JCStressTest
    @Description("A client's last connection goes while the next comes, of two allowed.")
    @Outcome(id = "1, 1, 0", expect = ACCEPTABLE, desc = "It is counted until it goes, and nothing is left of it")
    @Outcome(expect = FORBIDDEN, desc = "Refused, forgotten or left behind")
    @State
    public static class LastGoesNextComes {
        private final ClientCounts counts = new ClientCounts();
        private final ClientCounts.Count first;
        private ClientCounts.@Nullable Count next;

        public LastGoesNextComes() {
            ClientCounts.Count entered = counts.tryEnter(CLIENT, 2);
            if (entered == null) {
                throw new IllegalStateException("There was room for two");
            }
            first = entered;
        }

        @Actor
        public void leaves() {
            counts.leave(first);
        }

        @Actor
        public void comes() {
            next = counts.tryEnter(CLIENT, 2);
        }

        @Arbiter
        public void arbiter(III_Result result) {
            result.r1 = entered(next);
            result.r2 = counts.clients();
            if (next != null) {
                counts.leave(next);
            }
            result.r3 = counts.clients();
        }
    }

    @JCStressTest
    @Description("Two threads hand over what has to wait, until the loop writes it.")
    @Outcome(
            id = {"ab", "ba"},
            expect = ACCEPTABLE,
            desc = "Written, and nothing counted any more")
    @Outcome(expect = FORBIDDEN, desc = "Counted wrongly")
    @State
    public static class WaitingBytes {
        private final StressLink test = new StressLink(0);

        @Actor
        public void one() {
            test.send("a");
        }

        @Actor
        public void another() {
            test.send("b");
            test.wire.makeRoom();
        }

        @Arbiter
        public void arbiter(L_Result result) {
            result.r1 = test.outcome();
        }
    }
}
