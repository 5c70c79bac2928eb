package org.httpkit.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Once many peers do not keep up, the system is to hold less for each: else it has nothing left for the others. */
final class SystemBufferTest {
    @TempDir
    private Path folder;

    private final FakeLoop loop = new FakeLoop();
    private final List<Link> slow = new ArrayList<>();
    private final List<FakeWire> wires = new ArrayList<>();

    private Link link(Transport wire) {
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
            wires.add(wire);
        }
    }

    private static BytesSegment segment() {
        return new BytesSegment(new byte[1], 0, 1);
    }

    /** The buffer sizes that a link sets on its socket while it sends two answers. */
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
        assertThat(limitsOfGathered()).containsExactly(1 << 19);
    }

    /** However many come at once: what one was given, no other gets. */
    @Test
    void holdsNoMoreForAllTogetherThanIsMeantForThem() {
        letWait(900);

        long granted = wires.stream()
                .flatMap(wire -> wire.systemLimits.stream())
                .mapToLong(Integer::longValue)
                .sum();
        assertThat(wires).filteredOn(wire -> !wire.systemLimits.isEmpty()).hasSize(900 - 64);
        assertThat(granted).isBetween(60L << 20, (64L << 20) + 900 * (16 << 10));
    }

    @Test
    void mayHoldMoreForOneAgainWhenOthersHaveTakenWhatWaited() {
        letWait(900);
        wires.subList(64, 900).forEach(wire -> wire.room = 1000);
        slow.subList(64, 900).forEach(Link::writable);

        assertThat(limits()).containsExactly(1 << 20);
    }

    @Test
    void mayHoldMoreForOneAgainWhenOthersAreClosed() {
        letWait(900);
        slow.subList(64, 900).forEach(link -> link.close(null));

        assertThat(limits()).containsExactly(1 << 20);
    }

    /** The system may have taken all of an answer, so that nobody waits, and hold megabytes of it. */
    @Test
    void holdsLessOfLargeAnswersIfThereWereManyLately() {
        for (int i = 0; i < 64; i++) {
            assertThat(limitsOfLarge()).isEmpty();
        }
        assertThat(limitsOfLarge()).containsExactly(256 << 10);
        assertThat(limits()).isEmpty();

        loop.nanos += 3_000_000_000L;
        assertThat(limitsOfLarge()).isEmpty();
    }

    @Test
    void countsAnAnswerInPiecesOnceItHasBecomeLarge() {
        for (int i = 0; i < 65; i++) {
            FakeWire wire = new FakeWire();
            Link link = link(wire);
            for (int sent = 0; sent < 10 * 48 * 1024; sent += 48 * 1024) {
                Scratch scratch = link.scratch();
                scratch.bytes.append(new byte[48 * 1024]);
                scratch.grewTo(sent + 48 * 1024);
                link.send(scratch);
            }
            assertThat(wire.systemLimits).hasSize(i < 64 ? 0 : 1);
        }
    }

    @Test
    void mayHoldWhatItLikesOfFilesThatItSendsItself() throws IOException {
        Path path = Files.write(folder.resolve("large"), new byte[256 << 10]);
        for (int i = 0; i < 65; i++) {
            assertThat(limitsOfFile(path, false)).isEmpty();
        }
        for (int i = 0; i < 64; i++) {
            assertThat(limitsOfFile(path, true)).isEmpty();
        }
        assertThat(limitsOfFile(path, true)).containsExactly(256 << 10);
    }

    /** @param copies whether the layer reads the file instead of the system */
    private List<Integer> limitsOfFile(Path path, boolean copies) throws IOException {
        FakeWire wire = new FakeWire() {
            @Override
            public boolean copies() {
                return copies;
            }

            @Override
            public long transfer(FileChannel file, long position, long count) {
                return count;
            }
        };
        link(wire).send(FileSegment.of(path, FileChannel.open(path), 256 << 10, fault -> {}));
        return wire.systemLimits;
    }

    private List<Integer> limitsOfLarge() {
        FakeWire wire = new FakeWire();
        link(wire).send(new BytesSegment(new byte[256 << 10], 0, 256 << 10));
        return wire.systemLimits;
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
