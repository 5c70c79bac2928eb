package org.httpkit.internal.net;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is sent soon is written by the loop, with what else comes until then; never late, out of order or lost. */
final class SendSoonTest {
    private final FakeLoop loop = new FakeLoop();
    private final FakeWire wire = new FakeWire();
    private final Link link = new Link(loop, wire);

    SendSoonTest() {
        link.start(new IgnoringProtocol());
    }

    private static BytesSegment bytes(String text) {
        return new BytesSegment(text.getBytes(US_ASCII), 0, text.length());
    }

    @Test
    void leavesInOneWriteAtTheLoopsNextTurn() {
        assertThat(link.sendSoon(bytes("one "))).isTrue();
        assertThat(link.sendSoon(bytes("two "))).isTrue();
        link.sendSoon(bytes("three"));
        assertThat(wire.writes).isEmpty();
        assertThat(link.isDrained()).isFalse();

        loop.runCommands();

        assertThat(wire.writes).containsExactly("one two three");
        assertThat(link.isDrained()).isTrue();
        assertThat(link.queuedBytes()).isZero();
        assertThat(loop.backlog().bytes()).isZero();
    }

    @Test
    void leavesAheadOfWhatIsSentAtOnceAndWithIt() {
        link.sendSoon(bytes("one "));
        link.send(bytes("two"));

        assertThat(wire.writes).containsExactly("one two");
        loop.runCommands();
        assertThat(wire.writes).hasSize(1);
        assertThat(loop.backlog().bytes()).isZero();
    }

    @Test
    void leavesAheadOfWhatWasGatheredAndSentAtOnce() {
        link.sendSoon(bytes("one "));
        Scratch scratch = link.scratch();
        scratch.bytes.append("two".getBytes(US_ASCII));
        link.send(scratch);

        assertThat(wire.writes).containsExactly("one two");
    }

    @Test
    void whatWasGatheredCanBeSentSoonToo() {
        Scratch scratch = link.scratch();
        scratch.bytes.append("one ".getBytes(US_ASCII));
        link.sendSoon(scratch);
        link.sendSoon(bytes("two"));
        assertThat(wire.writes).isEmpty();

        loop.runCommands();

        assertThat(wire.writes).containsExactly("one two");
    }

    @Test
    void whatIsMuchDoesNotWait() {
        link.sendSoon(bytes("x".repeat(10_000)));
        assertThat(wire.written()).hasSize(10_000);

        for (int i = 0; i < 100; i++) {
            link.sendSoon(bytes("y".repeat(1000)));
            assertThat(link.queuedBytes()).isLessThan(9_000);
        }
        loop.runCommands();
        assertThat(wire.written()).hasSize(110_000);
    }

    @Test
    void whoWaitsForTheEndOfTheQueueWritesIt() throws Exception {
        link.sendSoon(bytes("one"));

        link.awaitDrained();

        assertThat(wire.writes).containsExactly("one");
        assertThat(link.isDrained()).isTrue();
    }

    @Test
    void whatTheSocketDoesNotTakeWaitsForRoom() {
        wire.room = 5;
        link.sendSoon(bytes("one "));
        link.sendSoon(bytes("two"));
        loop.runCommands();
        assertThat(wire.written()).isEqualTo("one t");
        assertThat(wire.wantsRoom).isTrue();

        assertThat(link.sendSoon(bytes(" three"))).isTrue();
        wire.room = 100;
        loop.run(link::writable);

        assertThat(wire.written()).isEqualTo("one two three");
        assertThat(link.isDrained()).isTrue();
        assertThat(loop.backlog().bytes()).isZero();
    }

    @Test
    void allThatTheSocketDoesNotTakeIsCountedAsWaiting() {
        wire.room = 5;
        for (String text : List.of("one ", "two ", "three ", "four")) {
            link.sendSoon(bytes(text));
        }
        assertThat(loop.backlog().bytes()).isZero(); // it waits for the loop, not for the peer

        loop.runCommands();

        assertThat(link.queuedBytes()).isGreaterThan("wo three four".length());
        assertThat(loop.backlog().bytes()).isEqualTo(link.queuedBytes());
        wire.room = 100;
        loop.run(link::writable);
        assertThat(loop.backlog().bytes()).isZero();
    }

    @Test
    void leavesBeforeAnOrderlyClose() {
        link.sendSoon(bytes("one"));

        loop.run(() -> link.close(null));
        loop.runCommands();

        assertThat(wire.writes).containsExactly("one");
        assertThat(link.queuedBytes()).isZero();
    }

    @Test
    void isToldOfABrokenConnection() {
        List<Throwable> told = new ArrayList<>();
        link.sendSoon(bytes("one"));
        link.sendSoon(new NotifySegment(told::add));
        IOException broken = new IOException("Connection reset");

        loop.run(() -> link.close(broken));
        loop.runCommands();

        assertThat(wire.writes).isEmpty();
        assertThat(told).containsExactly(broken);
        assertThat(link.queuedBytes()).isZero();
        assertThat(link.sendSoon(bytes("two"))).isFalse();
    }
}
