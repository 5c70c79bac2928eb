package org.httpkit.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** When a peer has taken something is known soon, whatever its system says of room, and counts for as much as it was. */
final class WriteProgressTest {
    private static final long SECOND = 1_000_000_000;

    private final FakeLoop loop = new FakeLoop();
    private final FakeWire wire = new FakeWire();
    private final Link link = new Link(loop, wire);

    WriteProgressTest() {
        link.start(new IgnoringProtocol());
    }

    private void letWait(int bytes) {
        wire.room = 0;
        link.send(new BytesSegment(new byte[bytes], 0, bytes));
        loop.runCommands();
    }

    private void letTimePass(long nanos) {
        for (long end = loop.nanos + nanos; loop.nanos < end; ) {
            loop.nanos += SECOND / 10;
            loop.run(() -> loop.wheel().run(loop.nanos));
        }
    }

    private void take(int bytes) {
        wire.room = bytes;
        loop.run(link::writable);
    }

    /** Linux says so only once a third of its buffer is free, which is minutes for one that reads 20 kB a second. */
    @Test
    void triesToWriteThoughNobodySaysThatThereIsRoom() {
        letWait(1000);
        letTimePass(SECOND);
        wire.room = 100;

        letTimePass(3 * SECOND);

        assertThat(wire.room).isZero();
        assertThat(link.queuedBytes()).isBetween(900L, 1000L);
        assertThat(loop.nanos - link.progressNanos()).isLessThanOrEqualTo(3 * SECOND);
    }

    @Test
    void doesNotTryOftenIfThatIsInVain() {
        letWait(1000);
        int before = wire.writes.size();

        letTimePass(60 * SECOND);

        assertThat(wire.writes.size() - before).isBetween(20, 32);
        assertThat(loop.nanos - link.progressNanos()).isEqualTo(60 * SECOND);
    }

    @Test
    void countsWhatLittleWasTakenForNoMoreThanTheTimeThatItMayTake() {
        loop.minBytesPerSecond = 1000;
        letWait(100_000);
        loop.nanos += 25 * SECOND;

        take(5000);

        assertThat(link.progressNanos()).isEqualTo(5 * SECOND);
    }

    @Test
    void savesNothingUpForLater() {
        loop.minBytesPerSecond = 1000;
        letWait(100_000);
        loop.nanos += SECOND;
        take(50_000);
        assertThat(link.progressNanos()).isEqualTo(loop.nanos);
        loop.nanos += 10 * SECOND;

        take(1000);

        assertThat(link.progressNanos()).isEqualTo(2 * SECOND);
    }

    @Test
    void beginsAnewWhenEverythingWasTaken() {
        loop.minBytesPerSecond = 1000;
        letWait(1000);
        loop.nanos += 25 * SECOND;
        take(1_000_000);
        loop.nanos += 60 * SECOND;

        letWait(1000);

        assertThat(link.progressNanos()).isEqualTo(loop.nanos);
    }

    @Test
    void anyByteCountsIfThereIsNoLeastRate() {
        letWait(100_000);
        loop.nanos += 25 * SECOND;

        take(1);

        assertThat(link.progressNanos()).isEqualTo(loop.nanos);
    }
}
