package org.httpkit.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When the source of pulled bytes learns that they have left. */
final class PulledSegmentTest {

    /** A layer that takes everything, and holds it until its socket has room. */
    private static final class HoldingWire extends FakeWire {
        boolean holds = true;

        @Override
        public boolean flush() {
            return !holds;
        }
    }

    /** Has some pieces of ten bytes each. */
    private static final class Pieces implements PulledSegment.Source {
        final List<String> told = new ArrayList<>();
        int left;

        Pieces(int left) {
            this.left = left;
        }

        @Override
        public boolean pull(ByteBuffer into) {
            into.put(new byte[10]);
            left--;
            return left > 0;
        }

        @Override
        public void written() {
            told.add("written");
        }

        @Override
        public void unwritten(IOException cause) {
            told.add(cause.getMessage());
        }
    }

    private final FakeLoop loop = new FakeLoop();
    private final HoldingWire wire = new HoldingWire();
    private final Link link = new Link(loop, wire);

    PulledSegmentTest() {
        link.start(new IgnoringProtocol());
    }

    private void makeRoom() {
        loop.runCommands();
        loop.run(link::writable);
    }

    @Test
    void bytesThatALayerHoldsAreNotWritten() {
        Pieces pieces = new Pieces(1);

        link.send(new PulledSegment(pieces));

        assertThat(pieces.told).isEmpty();
        makeRoom();
        assertThat(pieces.told).isEmpty();
        wire.holds = false;
        makeRoom();
        assertThat(pieces.told).containsExactly("written");
        assertThat(link.isDrained()).isTrue();
    }

    @Test
    void pullsNothingWhileALayerHoldsWhatItPulledBefore() {
        Pieces pieces = new Pieces(3);

        link.send(new PulledSegment(pieces));
        makeRoom();

        assertThat(pieces.left).isEqualTo(2);
        wire.holds = false;
        makeRoom();
        assertThat(pieces.told).containsExactly("written", "written", "written");
    }

    @Test
    void bytesThatALayerHeldInPartAreNotWrittenEither() {
        Pieces pieces = new Pieces(1);
        wire.room = 4;
        link.send(new PulledSegment(pieces));

        wire.room = Integer.MAX_VALUE;
        makeRoom();

        assertThat(wire.written()).hasSize(10);
        assertThat(pieces.told).isEmpty();
        wire.holds = false;
        makeRoom();
        assertThat(pieces.told).containsExactly("written");
    }

    @Test
    void bytesThatALayerStillHeldAtTheEndWereNeverWritten() {
        Pieces pieces = new Pieces(1);
        link.send(new PulledSegment(pieces));

        loop.run(() -> link.close(new IOException("cut")));

        assertThat(pieces.told).containsExactly("cut");
    }
}
