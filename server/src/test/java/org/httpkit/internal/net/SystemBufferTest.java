package org.httpkit.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Once many peers do not keep up, the system is to hold less for each: else it has nothing left for the others. */
final class SystemBufferTest {
    private final FakeLoop loop = new FakeLoop();
    private final List<Link> slow = new ArrayList<>();

    private Link link(Wire wire) {
        Link link = new Link(loop, wire);
        link.start(new IgnoringProtocol());
        return link;
    }

    private void letWait(int count) {
        while (slow.size() < count) {
            FakeWire wire = new FakeWire();
            wire.room = 0;
            Link link = link(wire);
            link.send(segment());
            slow.add(link);
        }
    }

    private static BytesSegment segment() {
        return new BytesSegment(new byte[1], 0, 1);
    }

    /** What the socket is told of a link that sends two answers. */
    private List<Integer> limits() {
        FakeWire wire = new FakeWire();
        Link link = link(wire);
        link.send(segment());
        link.send(segment());
        return wire.systemLimits;
    }

    private List<Integer> limitsOfGathered() {
        FakeWire wire = new FakeWire();
        Link link = link(wire);
        loop.run(() -> {
            loop.scratch().bytes.append(new byte[] {'a'});
            link.send(loop.scratch());
            link.flush();
        });
        return wire.systemLimits;
    }

    @Test
    void mayHoldWhatItLikesForFew() {
        letWait(63);

        assertThat(limits()).isEmpty();
        assertThat(limitsOfGathered()).isEmpty();
    }

    @Test
    void isToldOnceForEachThatSendsWhileManyWait() {
        letWait(64);

        assertThat(limits()).containsExactly(1 << 20);
        assertThat(limitsOfGathered()).containsExactly(1 << 20);
    }

    @Test
    void holdsLessTheMoreWait() {
        letWait(900);

        assertThat(limits()).containsExactly((64 << 20) / 900);
    }

    @Test
    void neverHoldsTooLittleToBeOfUse() {
        letWait(5000);

        assertThat(limits()).containsExactly(16 << 10);
    }

    @Test
    void mayHoldWhatItLikesWhenTheManyHaveGone() {
        letWait(64);
        slow.forEach(link -> link.close(null));

        assertThat(limits()).isEmpty();
    }
}
