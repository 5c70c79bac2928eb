package org.httpkit.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Past the limit of a server, the link for whose peer most waits is closed: at once, whenever the limit is passed. */
final class OutputBudgetTest {
    private static final int LIMIT = 1000;

    private final FakeLoop loop = new FakeLoop(LIMIT);

    private Link link(Transport wire) {
        Link link = new Link(loop, wire);
        link.start(new IgnoringProtocol());
        return link;
    }

    private Link stalled(int bytes) {
        FakeWire wire = new FakeWire();
        wire.room = 0;
        Link link = link(wire);
        link.send(segment(bytes));
        return link;
    }

    private static BytesSegment segment(int bytes) {
        return new BytesSegment(new byte[bytes], 0, bytes);
    }

    @Test
    void closesTheOneForWhomMostWaits() {
        Link little = stalled(300);
        Link most = stalled(600);
        loop.runCommands();
        assertThat(most.isClosed()).isFalse();

        Link last = stalled(101);
        loop.runCommands();

        assertThat(most.isClosed()).isTrue();
        assertThat(little.isClosed()).isFalse();
        assertThat(last.isClosed()).isFalse();
        assertThat(loop.backlog().bytes()).isEqualTo(little.queuedBytes() + last.queuedBytes());
        assertThat(loop.backlog().links()).isEqualTo(2);
    }

    @Test
    void closesTheOneThatHasWaitedLongestOfThoseForWhomTheSameWaits() {
        List<Link> links = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            links.add(stalled(LIMIT / 4 - 48)); // so that each holds a quarter, with what it takes besides its bytes
        }
        loop.runCommands();

        assertThat(links.remove(0).isClosed()).isTrue();
        assertThat(links).noneMatch(Link::isClosed);
    }

    /** Who stays below those that wait for more could have all of them closed, one after the other. */
    @Test
    void sparesTheOneThatTakesItsAnswerAsQuicklyAsItComes() {
        List<Link> attackers = List.of(stalled(200), stalled(200), stalled(200));
        loop.nanos += 5_000_000_000L;
        FakeWire wire = new FakeWire();
        wire.room = 0;
        Link quick = link(wire);
        quick.send(segment(350));
        wire.room = 10;
        quick.writable();
        loop.nanos += 5_000_000;

        quick.send(segment(250));
        loop.runCommands();

        assertThat(quick.isClosed()).isFalse();
        assertThat(attackers.get(0).isClosed()).isTrue();
    }

    @Test
    void closesALinkOfTheClientForWhichMostWaitsInAll() throws UnknownHostException {
        ClientCounts clients = new ClientCounts();
        Link alone = stalled(300);
        List<Link> many = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            FakeWire wire = new FakeWire();
            wire.room = 0;
            Link link = link(wire);
            link.clientCount(clients.tryEnter(InetAddress.getByName("192.0.2.1"), 10));
            many.add(link);
        }
        many.forEach(link -> link.send(segment(110)));

        stalled(100);
        loop.runCommands();

        assertThat(alone.isClosed()).isFalse();
        assertThat(many).filteredOn(Link::isClosed).hasSize(1);
        many.forEach(link -> link.close(null));
        assertThat(clients.clients()).isOne();
        assertThat(loop.backlog().bytes()).isEqualTo(alone.queuedBytes() + 148);
    }

    /** Another thread sends right when the loop has written the last of what waited. */
    @Test
    void knowsThatALinkWaitsWhichWaitsAgainAtOnce() {
        FakeWire wire = new FakeWire();
        wire.room = 0;
        Link link = link(wire);
        link.send(segment(600));
        wire.room = 600;
        boolean[] sent = {false};
        loop.whenAskedForBacklog = () -> {
            if (link.isDrained() && !sent[0]) {
                sent[0] = true;
                link.send(segment(300));
            }
        };

        link.writable();
        loop.backlog(); // at the latest now

        assertThat(link.waitsForPeer()).isTrue();
        assertThat(loop.backlog().links()).isEqualTo(1);
        Link little = stalled(200);
        Link less = stalled(501);
        loop.runCommands();
        assertThat(less.isClosed()).isTrue();
        assertThat(little.isClosed()).isFalse();
    }

    @Test
    void closesAnotherIfTheFirstWasNotEnough() {
        Link first = stalled(600);
        Link second = stalled(500);
        Link third = stalled(1500); // comes while the first is as good as closed

        loop.runCommands();

        assertThat(first.isClosed()).isTrue();
        assertThat(third.isClosed()).isTrue();
        assertThat(second.isClosed()).isFalse();
        assertThat(loop.backlog().bytes()).isEqualTo(second.queuedBytes());
    }

    @Test
    void closesAnotherIfTheFirstHadTakenEverythingBeforeItWasClosed() {
        FakeWire wire = new FakeWire();
        wire.room = 0;
        Link first = link(wire);
        first.send(segment(LIMIT + 1));
        Link second = stalled(700);
        Link third = stalled(600);

        wire.room = LIMIT + 1;
        first.writable();
        loop.runCommands();

        assertThat(first.isClosed()).isTrue();
        assertThat(second.isClosed()).isTrue();
        assertThat(loop.backlog().bytes()).isEqualTo(third.queuedBytes());
    }

    @Test
    void countsWhatIsSentDuringAWriteAfterWhichThereIsNoRoom() {
        List<Link> links = new ArrayList<>();
        FakeWire wire = new FakeWire() {
            @Override
            public int write(ByteBuffer bytes) throws IOException {
                if (writes.isEmpty()) {
                    room = bytes.remaining();
                    links.get(0)
                            .send(segment(LIMIT + 1)); // counted while nobody knows yet that the peer does not keep up
                }
                return super.write(bytes);
            }
        };
        links.add(link(wire));

        Link little = stalled(300);
        links.get(0).send(segment(10));
        loop.runCommands();

        assertThat(links.get(0).isClosed()).isTrue();
        assertThat(little.isClosed()).isFalse();
        assertThat(loop.backlog().bytes()).isEqualTo(little.queuedBytes());
    }

    @Test
    void allowsOneClientHalfOfWhatMayWaitForAll() throws UnknownHostException {
        ClientCounts clients = new ClientCounts();
        List<Link> greedy = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            greedy.add(counted(clients, "192.0.2.1"));
        }
        Link other = counted(clients, "192.0.2.2");

        stall(greedy.get(0), 150);
        stall(greedy.get(1), 130);
        stall(other, 120);
        loop.runCommands();
        assertThat(greedy).noneMatch(Link::isClosed);

        stall(greedy.get(2), 100);
        loop.runCommands();

        assertThat(greedy.get(0).isClosed()).isTrue();
        assertThat(greedy.subList(1, 3)).noneMatch(Link::isClosed);
        assertThat(other.isClosed()).isFalse();
    }

    private Link counted(ClientCounts clients, String address) throws UnknownHostException {
        FakeWire wire = new FakeWire();
        wire.room = 0;
        Link link = link(wire);
        link.clientCount(clients.tryEnter(InetAddress.getByName(address), 10));
        return link;
    }

    private static void stall(Link link, int bytes) {
        link.send(segment(bytes));
    }
}
