package org.httpkit.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A write that fails in the middle leaves nothing counted: the limit for all clients would fill up with what nobody holds. */
final class FailedWriteTest {
    private static final int BYTES = 3 << 20;

    /** A socket that is full, then takes one write, and is reset at the next. */
    private static final class ResetWire extends FakeWire {
        private boolean hasRoom;
        private int writes;

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            if (hasRoom && ++writes > 1) {
                throw new IOException("Connection reset by peer");
            }
            int length = hasRoom ? bytes.remaining() : 0;
            bytes.position(bytes.position() + length);
            return length;
        }
    }

    private final FakeLoop loop = new FakeLoop();
    private final ResetWire wire = new ResetWire();
    private final Link link = new Link(loop, wire);

    static Stream<Named<Supplier<Segment>>> segments() {
        return Stream.of(
                Named.of("an array", () -> new BytesSegment(new byte[BYTES], 0, BYTES)),
                Named.of("a buffer", () -> new BufferSegment(ByteBuffer.allocate(BYTES))),
                Named.of("a direct buffer", () -> new BufferSegment(ByteBuffer.allocateDirect(BYTES))));
    }

    @ParameterizedTest
    @MethodSource("segments")
    void leavesNothingCounted(Supplier<Segment> segment) {
        link.start(new IgnoringProtocol());
        link.send(segment.get());
        loop.runCommands();
        assertThat(loop.backlog().bytes()).isGreaterThanOrEqualTo(BYTES);

        wire.hasRoom = true;
        while (!link.isClosed()) {
            loop.run(link::writable);
            loop.runCommands();
        }

        assertThat(loop.backlog().bytes()).isZero();
        assertThat(link.queuedBytes()).isZero();
    }

    @ParameterizedTest
    @MethodSource("segments")
    void leavesNothingCountedBehindAShortArray(Supplier<Segment> segment) {
        link.start(new IgnoringProtocol());
        link.send(new BytesSegment(new byte[100], 0, 100));
        link.send(segment.get());
        loop.runCommands();

        wire.hasRoom = true;
        while (!link.isClosed()) {
            loop.run(link::writable);
            loop.runCommands();
        }

        assertThat(loop.backlog().bytes()).isZero();
        assertThat(link.queuedBytes()).isZero();
    }
}
