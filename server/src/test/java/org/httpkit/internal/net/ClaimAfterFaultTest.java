package org.httpkit.internal.net;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever fails while bytes are sent, the write claim is not kept: a closed link would never give back what it holds. */
final class ClaimAfterFaultTest {
    private static final class TolerantLoop extends FakeLoop {
        private final List<Throwable> reported = new ArrayList<>();
        /** What happens when a thread with the claim asks for the time, because it leaves the rest. */
        private Runnable whenAskedForTime = () -> {};

        @Override
        public long freshNanos() {
            whenAskedForTime.run();
            return super.freshNanos();
        }

        @Override
        public void report(Throwable failure) {
            reported.add(failure);
        }
    }

    /** A segment that fails once, when it is asked for the so-manieth time what it holds. */
    private static final class FaultySegment extends Segment {
        private int asksLeft;
        private int left = 100;
        private int told;

        FaultySegment(int asksLeft) {
            this.asksLeft = asksLeft;
        }

        @Override
        public long remainingBytes() {
            return left;
        }

        @Override
        public long heldBytes() {
            if (--asksLeft == 0) {
                throw new InternalError("Played");
            }
            return left;
        }

        @Override
        void writeTo(Transport wire, Scratch scratch) throws IOException {
            left -= wire.write(new byte[left], 0, left, scratch.direct);
        }

        @Override
        protected void done(@Nullable IOException failure) {
            told++;
        }
    }

    private final TolerantLoop loop = new TolerantLoop();
    private final FakeWire wire = new FakeWire();
    private final Link link = new Link(loop, wire);

    ClaimAfterFaultTest() {
        link.start(new IgnoringProtocol());
    }

    private void sendBehindGatheredBytes(Segment segment) {
        loop.run(() -> link.batch(() -> {
            Scratch scratch = link.scratch();
            scratch.bytes.append("gathered".getBytes(US_ASCII));
            link.send(scratch);
            link.send(segment);
        }));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void isReleasedIfASegmentBehindGatheredBytesFails(int ask) {
        FaultySegment faulty = new FaultySegment(ask);
        wire.room = 20;

        sendBehindGatheredBytes(faulty);
        loop.runCommands();
        loop.run(() -> link.close(null));
        loop.runCommands();

        assertThat(link.isDrained()).isTrue();
        assertThat(faulty.told).isOne();
        assertThat(loop.reported).allMatch(InternalError.class::isInstance);
    }

    @Test
    void nothingIsCountedOrHeldIfASegmentFailsBeforeItIsHandedOver() {
        sendBehindGatheredBytes(new FaultySegment(1));
        loop.runCommands();

        assertThat(link.isClosed()).isTrue();
        assertThat(link.queuedBytes()).isZero();
        assertThat(loop.backlog().bytes()).isZero();
        assertThat(wire.writes).isEmpty();
    }

    @Test
    void isReleasedIfTheLinkWasClosedBeforeTheFault() {
        FaultySegment waiting = new FaultySegment(0);
        wire.room = 20;
        loop.run(() -> link.send(waiting));
        assertThat(link.waitsForPeer()).isTrue();

        wire.room = 20;
        loop.whenAskedForTime = () -> {
            loop.whenAskedForTime = () -> {};
            link.close(null); // as the loop may while another thread has the claim
            throw new InternalError("Played");
        };
        loop.run(link::writable);
        loop.runCommands();

        assertThat(loop.reported).hasSize(1);
        assertThat(link.isClosed()).isTrue();
        assertThat(link.isDrained()).isTrue();
        assertThat(waiting.told).isOne();
        assertThat(loop.backlog().bytes()).isZero();
        assertThat(loop.backlog().links()).isZero();
    }
}
