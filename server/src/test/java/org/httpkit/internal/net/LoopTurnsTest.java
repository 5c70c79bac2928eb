package org.httpkit.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** In which order ready links have their turns. */
final class LoopTurnsTest {
    /** A key of a socket that has input. */
    private static final class ReadyKey extends SelectionKey {
        ReadyKey(Link link) {
            attach(link);
        }

        @Override
        public SelectableChannel channel() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Selector selector() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isValid() {
            return true;
        }

        @Override
        public void cancel() {}

        @Override
        public int interestOps() {
            return OP_READ;
        }

        @Override
        public SelectionKey interestOps(int ops) {
            return this;
        }

        @Override
        public int readyOps() {
            return OP_READ;
        }
    }

    /** A peer that has sent some bytes. */
    private final class Peer extends FakeWire {
        final String name;
        final Link link = new Link(loop, this);
        int bytes;

        Peer(String name, int bytes) {
            this.name = name;
            this.bytes = bytes;
            link.start(new IgnoringProtocol() {
                @Override
                public void onInput(ByteBuffer input) {
                    served.add(name);
                    loop.nanos += nanosEach;
                }
            });
        }

        @Override
        public int read(ByteBuffer into) {
            int count = Math.min(bytes, into.remaining());
            into.position(into.position() + count);
            bytes -= count;
            return count;
        }
    }

    private final FakeLoop loop = new FakeLoop();
    private final List<String> served = new ArrayList<>();
    private long nanosEach = 1_000_000;
    private Selector selector;
    private LoopTurns turns;

    @BeforeEach
    void open() throws IOException {
        selector = Selector.open();
        LoopCalls calls = new LoopCalls(loop, new LoopClock(), new Standby() {
            @Override
            public boolean isReady() {
                return false;
            }

            @Override
            public void rouse() {}
        });
        turns = new LoopTurns(loop, new LoopLinks(loop, selector, calls, null, null), calls);
    }

    @AfterEach
    void close() throws IOException {
        selector.close();
    }

    /** Lets each of the peers have its turn if it has input, as after a select. */
    private List<String> cycle(Peer... ready) {
        served.clear();
        for (Peer peer : ready) {
            if (peer.bytes > 0) {
                turns.add(new ReadyKey(peer.link));
            }
        }
        loop.run(() -> assertThat(turns.give()).isTrue());
        return served;
    }

    @Test
    void aPeerThatSendsALotWaitsForThoseThatSendLittle() {
        Peer flood = new Peer("flood", 1 << 20);
        cycle(flood);

        assertThat(cycle(flood, new Peer("a", 1), new Peer("b", 1))).containsExactly("a", "b", "flood");
    }

    @Test
    void afterALongTurnTheLoopLooksForOthersAndThenTheNextHasItsTurn() {
        Peer one = new Peer("one", 1 << 20);
        Peer two = new Peer("two", 1 << 20);
        Peer three = new Peer("three", 1 << 20);
        cycle(one, two, three);

        assertThat(cycle(one, two, three)).containsExactly("one");
        assertThat(turns.isWaitedFor()).isTrue();
        assertThat(cycle(one, two, three, new Peer("light", 1))).containsExactly("light", "two");
        assertThat(cycle(one, two, three)).containsExactly("three");
        assertThat(cycle(one, two, three)).containsExactly("one");
    }

    @Test
    void peersWhoseInputIsQuicklyDoneHaveTheirTurnsTogether() {
        nanosEach = 1_000;
        Peer one = new Peer("one", 1024 + 1000);
        Peer two = new Peer("two", 1024 + 1000);
        cycle(one, two);

        assertThat(cycle(one, two)).containsExactly("one", "two");
        assertThat(turns.isWaitedFor()).isFalse();
    }

    @Test
    void aLinkOfWhichTheSelectorKnowsNothingHasItsTurn() {
        Peer held = new Peer("held", 10);
        loop.run(() -> turns.add(held.link));

        assertThat(cycle()).containsExactly("held");
    }
}
