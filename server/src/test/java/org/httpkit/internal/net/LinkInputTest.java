package org.httpkit.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** How much a link reads in a turn. */
final class LinkInputTest {
    private static final int KIB = 1024;

    /** A socket of a peer that sends as fast as it can, until it has sent everything. */
    private static final class FloodedWire extends FakeWire {
        long left = Long.MAX_VALUE;
        int besides;
        /** Whether a layer keeps bytes for the peer until the wire has room. */
        boolean owes;

        int flushes;

        @Override
        public int read(ByteBuffer into) {
            int count = (int) Math.min(left, into.remaining() - besides);
            into.position(into.position() + count);
            left -= count;
            return count;
        }

        @Override
        public int mostBytesAtOnce() {
            return besides;
        }

        @Override
        public boolean wantsFlush() {
            return owes;
        }

        @Override
        public boolean flush() {
            flushes++;
            owes &= room == 0;
            return !owes;
        }
    }

    /** A protocol that needs some time for each input. */
    private static final class SlowProtocol extends IgnoringProtocol {
        private final FakeLoop loop;
        long nanosEach;
        long taken;

        SlowProtocol(FakeLoop loop) {
            this.loop = loop;
        }

        @Override
        public void onInput(ByteBuffer input) {
            taken += input.remaining();
            loop.nanos += nanosEach;
        }
    }

    private final FakeLoop loop = new FakeLoop();
    private final FloodedWire wire = new FloodedWire();
    private final Link link = new Link(loop, wire);
    private final SlowProtocol protocol = new SlowProtocol(loop);
    private final ByteBuffer buffer = ByteBuffer.allocate(64 * KIB);

    private void start() {
        link.start(protocol);
    }

    private long takenInATurn() {
        protocol.taken = 0;
        loop.run(() -> link.readable(buffer));
        return protocol.taken;
    }

    @Test
    void takesLittleOfAPeerOfWhichNothingIsKnown() {
        start();

        assertThat(takenInATurn()).isEqualTo(KIB);
    }

    @Test
    void takesMoreAndMoreOfInputThatIsQuicklyDone() {
        start();
        takenInATurn();

        assertThat(takenInATurn()).isEqualTo((1 + 2 + 4 + 8) * KIB);
        assertThat(takenInATurn()).isEqualTo((16 + 32 + 64 + 64) * KIB);
        assertThat(takenInATurn()).isEqualTo(4 * 64 * KIB);
    }

    @Test
    void takesLessAndLessOfInputThatTakesLong() {
        start();
        for (int i = 0; i < 3; i++) {
            takenInATurn();
        }
        protocol.nanosEach = 1_000_000;

        assertThat(takenInATurn()).isEqualTo(64 * KIB);
        assertThat(takenInATurn()).isEqualTo(32 * KIB);
        for (int i = 0; i < 5; i++) {
            takenInATurn();
        }
        assertThat(takenInATurn()).isEqualTo(KIB);
    }

    @Test
    void endsATurnThatHasTakenLong() {
        start();
        takenInATurn();
        protocol.nanosEach = 60_000; // neither quick nor slow

        assertThat(takenInATurn()).isEqualTo(KIB);
        assertThat(link.isDemanding()).isTrue();
    }

    @Test
    void takesAWholeRequestAtOnceOfAPeerWhoseRequestsAreALittleLarger() {
        start();
        wire.left = 1500;
        assertThat(takenInATurn()).isEqualTo(KIB);
        assertThat(takenInATurn()).isEqualTo(1500 - KIB);

        wire.left = 1500;
        assertThat(takenInATurn()).isEqualTo(1500);
        assertThat(link.isDemanding()).isFalse();
    }

    @Test
    void isDemandingWhileThePeerSendsAsMuchAsIsRead() {
        start();
        assertThat(link.isDemanding()).isFalse();
        wire.left = 2 * KIB - 1;

        takenInATurn();
        assertThat(link.isDemanding()).isTrue();
        takenInATurn();
        assertThat(link.isDemanding()).isFalse();
    }

    @Test
    void leavesALayerOfRecordsRoomForAWholeOne() {
        wire.besides = 16 * KIB;
        start();

        assertThat(takenInATurn()).isEqualTo(KIB);
        takenInATurn();
        takenInATurn();
        assertThat(takenInATurn()).isEqualTo(4 * 48 * KIB);
    }

    @Test
    void asksOnlyOnceForALayersOwnWordsToLeaveHoweverOftenItReadsMeanwhile() {
        start();
        wire.room = 0;
        wire.owes = true;
        for (int i = 0; i < 100; i++) {
            wire.left = 1;
            takenInATurn();
        }
        wire.room = Integer.MAX_VALUE;
        wire.flushes = 0;

        loop.runCommands();
        loop.run(link::writable);

        assertThat(wire.flushes)
                .as("one that was asked for, and the one behind everything")
                .isEqualTo(2);
        assertThat(wire.owes).isFalse();
        assertThat(link.isDrained()).isTrue();
    }

    @Test
    void asksForNoneBehindOutputThatWaitsForRoomWhichEndsWithOne() {
        start();
        wire.room = 10;
        link.send(new BytesSegment(new byte[100], 0, 100));
        loop.runCommands();
        wire.room = 0;
        wire.owes = true;
        for (int i = 0; i < 100; i++) {
            wire.left = 1;
            takenInATurn();
        }
        wire.room = Integer.MAX_VALUE;
        wire.flushes = 0;

        loop.run(link::writable);

        assertThat(wire.flushes).isEqualTo(1);
        assertThat(wire.owes).isFalse();
        assertThat(link.isDrained()).isTrue();
    }

    @Test
    void asksAgainWhenALayerOwesSomethingNew() {
        start();
        for (int i = 0; i < 3; i++) {
            wire.owes = true;
            wire.left = 1;
            takenInATurn();

            assertThat(wire.owes).isFalse();
        }
    }
}
