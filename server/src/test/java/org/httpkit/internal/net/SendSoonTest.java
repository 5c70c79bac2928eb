package org.httpkit.internal.net;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is sent soon is written by the loop, with what else comes until then; never late, out of order or lost. */
final class SendSoonTest {
    private final FakeLoop loop = new FakeLoop();
    private final FakeWire wire = new FakeWire();
    private final Link link = new Link(loop, wire);

    SendSoonTest() {
        link.start(new Ignoring());
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
        assertThat(loop.backlog.bytes()).isZero();
    }

    @Test
    void leavesAheadOfWhatIsSentAtOnceAndWithIt() {
        link.sendSoon(bytes("one "));
        link.send(bytes("two"));

        assertThat(wire.writes).containsExactly("one two");
        loop.runCommands();
        assertThat(wire.writes).hasSize(1);
        assertThat(loop.backlog.bytes()).isZero();
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
        assertThat(loop.backlog.bytes()).isZero();
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

    /** Runs commands when told to. */
    private static final class FakeLoop implements Loop {
        private final ArrayDeque<Runnable> commands = new ArrayDeque<>();
        private final Backlog backlog = new Backlog(() -> Long.MAX_VALUE);
        private final DeadlineWheel wheel = new DeadlineWheel(0);
        private final Scratch scratch = new Scratch();
        private boolean current;

        void run(Runnable work) {
            current = true;
            work.run();
            current = false;
        }

        void runCommands() {
            for (Runnable command = commands.poll(); command != null; command = commands.poll()) {
                run(command);
            }
        }

        @Override
        public boolean isCurrent() {
            return current;
        }

        @Override
        public void execute(Runnable command) {
            commands.add(command);
        }

        @Override
        public long nanos() {
            return 0;
        }

        @Override
        public boolean callNext(Link link, Call call) {
            return false;
        }

        @Override
        public boolean hasCall() {
            return false;
        }

        @Override
        public DeadlineWheel wheel() {
            return wheel;
        }

        @Override
        public Scratch scratch() {
            return scratch;
        }

        @Override
        public Backlog backlog() {
            return backlog;
        }

        @Override
        public boolean countFor(InetAddress client, Link link) {
            return true;
        }

        @Override
        public void closeFailed(IOException cause) {
            throw new AssertionError(cause);
        }

        @Override
        public void closed(Link link) {}

        @Override
        public void report(Throwable failure) {
            throw new AssertionError(failure);
        }
    }

    /** Takes as much as there is room for, and remembers each write. */
    private static final class FakeWire implements Wire {
        private final List<String> writes = new ArrayList<>();
        private int room = Integer.MAX_VALUE;
        private boolean wantsRoom;

        String written() {
            return String.join("", writes);
        }

        @Override
        public int read(ByteBuffer into) {
            return 0;
        }

        @Override
        public int write(ByteBuffer bytes) {
            byte[] taken = new byte[Math.min(room, bytes.remaining())];
            bytes.get(taken);
            room -= taken.length;
            writes.add(new String(taken, US_ASCII));
            return taken.length;
        }

        @Override
        public long write(ByteBuffer first, ByteBuffer second) {
            return write(first) + (first.hasRemaining() ? 0 : write(second));
        }

        @Override
        public long transfer(FileChannel file, long position, long count) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void shutdownOutput() {}

        @Override
        public void interest(boolean reading, boolean writing) {
            wantsRoom = writing;
        }

        @Override
        public void close() {}

        @Override
        public @Nullable SocketAddress localAddress() {
            return null;
        }

        @Override
        public @Nullable SocketAddress remoteAddress() {
            return null;
        }
    }

    private static final class Ignoring implements Protocol {
        @Override
        public void onInput(ByteBuffer input) {}

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
}
