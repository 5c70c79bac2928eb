package org.httpkit.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Of what was received and cannot be used yet no more is held than the limits allow, and those who made it so have to go. */
final class InputBudgetTest {
    private static final int OVERHEAD = InputBudget.OVERHEAD_BYTES;
    private static final long SECOND = 1_000_000_000;
    private static final int KIB = 1024;

    private final FakeLoop loop = new FakeLoop();
    private final ClientCounts clients = new ClientCounts();

    /** A connection that sends, and ends when the budget reports that the server holds too much. */
    private final class Sender implements Protocol {
        final Link link;
        final FakeWire wire = new FakeWire() {
            @Override
            public int read(ByteBuffer into) {
                int count = Math.min(arriving, into.remaining());
                arriving -= count;
                into.position(count);
                return count;
            }
        };
        int arriving;
        int holds;
        long toldBytes;

        Sender(String address) throws IOException {
            link = new Link(loop, wire);
            link.clientCount(
                    Objects.requireNonNull(clients.tryEnter(InetAddress.getByName(address), Integer.MAX_VALUE)));
            link.start(this);
        }

        /** So much arrives and is held, besides what was held before. */
        Sender sends(int bytes) {
            arriving = bytes;
            while (arriving > 0 && !link.isClosed()) {
                loop.run(() -> link.readable(ByteBuffer.allocate(64 * KIB)));
            }
            return this;
        }

        boolean isGone() {
            loop.runCommands();
            return toldBytes > 0;
        }

        @Override
        public void onInput(ByteBuffer input) {
            holds += input.remaining();
            link.holds(holds, true);
        }

        @Override
        public void onTooMuchHeld(long heldBytes) {
            toldBytes = heldBytes;
            link.close(null);
        }

        @Override
        public void onInputEnd() {}

        @Override
        public void onDrained() {}

        @Override
        public long onDeadline(long nowNanos) {
            return NO_DEADLINE;
        }

        @Override
        public void onServerStopping() {}

        @Override
        public void onClosed(@Nullable IOException failure) {}
    }

    @Test
    void endsTheOneThatHasHeldForLongest() throws IOException {
        loop.maxReceivedBytes = 100 * KIB;
        Sender first = new Sender("192.0.2.1").sends(40 * KIB);
        loop.nanos += 3 * SECOND;
        Sender second = new Sender("192.0.2.2").sends(40 * KIB);
        loop.nanos += SECOND;

        Sender third = new Sender("192.0.2.3").sends(40 * KIB);

        assertThat(first.isGone()).isTrue();
        assertThat(first.toldBytes).isEqualTo(40 * KIB + OVERHEAD);
        assertThat(second.isGone()).isFalse();
        assertThat(third.isGone()).isFalse();
        assertThat(loop.inputBudget().bytes()).isEqualTo(2 * (40 * KIB + OVERHEAD));
        assertThat(loop.inputBudget().links()).isEqualTo(2);
    }

    @Test
    void aClientWithManyConnectionsMayHaveLessHeld() throws IOException {
        loop.maxReceivedBytesPerAddress = 200 * KIB;
        Sender first = new Sender("192.0.2.1").sends(40 * KIB);
        Sender second = new Sender("192.0.2.1").sends(40 * KIB);
        for (int i = 0; i < 100; i++) {
            new Sender("192.0.2.1");
        }
        loop.nanos += SECOND;

        second.sends(20 * KIB);

        assertThat(first.isGone() || second.isGone()).isTrue();
    }

    @Test
    void endsTheOneThatHoldsMostOfThoseWhoHaveHeldForTheSameTime() throws IOException {
        loop.maxReceivedBytes = 100 * KIB;
        Sender little = new Sender("192.0.2.1").sends(30 * KIB);
        Sender much = new Sender("192.0.2.2").sends(50 * KIB);
        loop.nanos += 10 * SECOND;

        new Sender("192.0.2.3").sends(20 * KIB);

        assertThat(much.isGone()).isTrue();
        assertThat(little.isGone()).isFalse();
    }

    @Test
    void sparesTheOneThatHasMostButSendsQuickly() throws IOException {
        loop.maxReceivedBytes = 1024 * KIB;
        List<Sender> slow = new ArrayList<>();
        for (int i = 1; i <= 15; i++) {
            slow.add(new Sender("192.0.2." + i).sends(33 * KIB));
        }
        Sender quick = new Sender("198.51.100.1");
        for (int i = 0; i < 16; i++) {
            loop.nanos += SECOND / 4;
            quick.sends(60 * KIB);
        }

        assertThat(quick.isGone()).isFalse();
        assertThat(slow.stream().filter(Sender::isGone)).hasSizeGreaterThan(10);
    }

    @Test
    void aByteNowAndThenDoesNotMakeASenderQuick() throws IOException {
        loop.maxReceivedBytes = 230 * KIB;
        Sender trickling = new Sender("192.0.2.1").sends(40 * KIB);
        Sender steady = new Sender("192.0.2.2").sends(16 * KIB);
        for (int i = 0; i < 10; i++) {
            loop.nanos += SECOND;
            trickling.sends(1);
            steady.sends(16 * KIB);
        }

        steady.sends(20 * KIB);

        assertThat(trickling.isGone()).isTrue();
        assertThat(steady.isGone()).isFalse();
    }

    @Test
    void holdsEachClientToItsShareHoweverManyConnectionsItHas() throws IOException {
        loop.maxReceivedBytesPerAddress = 100 * KIB;
        Sender other = new Sender("198.51.100.1").sends(60 * KIB);
        loop.nanos += 60 * SECOND;
        List<Sender> attackers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            attackers.add(new Sender("192.0.2.1").sends(8 * KIB));
        }

        long left = attackers.stream().filter(sender -> !sender.isGone()).count();
        assertThat(left).isBetween(4L, 9L); // each open connection counts, besides what is held
        assertThat(attackers.get(49).isGone()).isFalse();
        assertThat(other.isGone()).isFalse();
        assertThat(loop.inputBudget().bytes()).isEqualTo(60 * KIB + OVERHEAD + left * (8 * KIB + OVERHEAD));
    }

    @Test
    void endsAConnectionOfTheClientThatHoldsMostInAll() throws IOException {
        loop.maxReceivedBytes = 200 * KIB;
        Sender alone = new Sender("198.51.100.1").sends(60 * KIB);
        List<Sender> many = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            many.add(new Sender("192.0.2.1").sends(9 * KIB));
        }
        loop.nanos += 10 * SECOND;

        new Sender("203.0.113.1").sends(20 * KIB);

        assertThat(alone.isGone()).isFalse();
        assertThat(many.stream().filter(Sender::isGone)).hasSize(2);
    }

    @Test
    void leavesTheOnlyOneToTheLimitsOfABody() throws IOException {
        loop.maxReceivedBytes = 10 * KIB;
        loop.maxReceivedBytesPerAddress = 10 * KIB;

        assertThat(new Sender("192.0.2.1").sends(60 * KIB).isGone()).isFalse();
    }

    @Test
    void endsTheNewcomerWhileTheApplicationWorksWithTheRest() throws IOException {
        loop.maxReceivedBytes = 100 * KIB;
        Sender atWork = new Sender("192.0.2.1").sends(60 * KIB);
        atWork.link.holds(atWork.holds, false);
        loop.nanos += 60 * SECOND;

        Sender newcomer = new Sender("192.0.2.2").sends(60 * KIB);

        assertThat(newcomer.isGone()).isTrue();
        assertThat(atWork.isGone()).isFalse();
    }

    @Test
    void sparesThoseWhoHaveLittleWhileTheApplicationWorksWithTheRest() throws IOException {
        loop.maxReceivedBytes = 100 * KIB;
        Sender atWork = new Sender("192.0.2.1").sends(98 * KIB);
        atWork.link.holds(atWork.holds, false);
        List<Sender> others = new ArrayList<>();
        for (int i = 1; i <= 4; i++) {
            others.add(new Sender("198.51.100." + i).sends(KIB));
            loop.nanos += SECOND;
        }
        assertThat(others.stream().filter(Sender::isGone)).isEmpty();

        Sender more = new Sender("203.0.113.1").sends(4 * KIB);

        assertThat(more.isGone()).isFalse();
        assertThat(others.stream().filter(Sender::isGone)).hasSize(2);
    }

    @Test
    void whatIsKeptLeavesAnEighthToThoseWhoWait() throws IOException {
        loop.maxReceivedBytes = 100 * KIB;
        Sender first = new Sender("192.0.2.1").sends(60 * KIB);
        assertThat(first.link.tryKeep()).isTrue();
        Sender second = new Sender("192.0.2.2").sends(30 * KIB);
        assertThat(second.isGone()).isFalse();

        assertThat(second.link.tryKeep()).isFalse();

        assertThat(second.isGone()).isTrue();
        assertThat(first.isGone()).isFalse();
        loop.nanos += 60 * SECOND;
        assertThat(new Sender("198.51.100.1").sends(8 * KIB).isGone()).isFalse();
        assertThat(first.isGone()).isFalse();
    }

    @Test
    void whoMayNotKeepWhatItHasCostsNobodyElseAnything() throws IOException {
        loop.maxReceivedBytes = 100 * KIB;
        loop.maxReceivedBytesPerAddress = 100 * KIB;
        Sender first = new Sender("192.0.2.1").sends(95 * KIB);
        assertThat(first.link.tryKeep()).isTrue();
        Sender other = new Sender("198.51.100.1").sends(128);
        loop.nanos += SECOND / 1000;
        Sender second = new Sender("192.0.2.2").sends(3 * KIB);

        assertThat(second.link.tryKeep()).isFalse();

        assertThat(second.isGone()).isTrue();
        assertThat(other.isGone()).isFalse();
    }

    @Test
    void whoHoldsLittleGoesLastHoweverLongItHasWaited() throws IOException {
        loop.maxReceivedBytes = 100 * KIB;
        Sender little = new Sender("198.51.100.1").sends(128);
        loop.nanos += 60 * SECOND;
        Sender first = new Sender("192.0.2.1").sends(60 * KIB);

        Sender second = new Sender("192.0.2.2").sends(60 * KIB);

        assertThat(little.isGone()).isFalse();
        assertThat(first.isGone()).isTrue();
        assertThat(second.isGone()).isFalse();
    }

    @Test
    void theOnlyOneMayKeepMoreThanTheLimit() throws IOException {
        loop.maxReceivedBytes = 10 * KIB;
        Sender alone = new Sender("192.0.2.1").sends(60 * KIB);

        assertThat(alone.link.tryKeep()).isTrue();
    }

    @Test
    void tellsNobodyWhoHasLetGoOfItMeanwhile() throws IOException {
        loop.maxReceivedBytes = 100 * KIB;
        Sender first = new Sender("192.0.2.1").sends(60 * KIB);
        loop.nanos += SECOND;
        new Sender("192.0.2.2").sends(60 * KIB);

        first.link.holdsNothing();

        assertThat(first.isGone()).isFalse();
        first.holds = 0;
        first.sends(8 * KIB);
        assertThat(loop.inputBudget().bytes()).isEqualTo(60 * KIB + 8 * KIB + 2 * OVERHEAD);
    }

    @Test
    void countsNothingOnceTheConnectionsAreClosed() throws IOException {
        Sender first = new Sender("192.0.2.1").sends(60 * KIB);
        ClientCounts.Count count = Objects.requireNonNull(first.link.clientCount());
        assertThat(count.heldBytes.get()).isEqualTo(60 * KIB + OVERHEAD);

        first.link.close(null);

        assertThat(count.heldBytes.get()).isZero();
        assertThat(first.link.clientCount()).isSameAs(count);
        assertThat(loop.inputBudget().bytes()).isZero();
        assertThat(loop.inputBudget().links()).isZero();
    }
}
