package org.httpkit.internal.net;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A thread that waits for its data to leave goes on when no other thread reads that data any more. */
final class AwaitDrainedTest {
    /** A socket in whose writes a thread stays for as long as the test wants. */
    private static final class HeldWire extends FakeWire {
        private final CountDownLatch entered = new CountDownLatch(1);
        private final CountDownLatch release = new CountDownLatch(1);

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            entered.countDown();
            try {
                if (!release.await(10, TimeUnit.SECONDS)) {
                    throw new AssertionError("Not released");
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return super.write(bytes);
        }
    }

    private final HeldWire wire = new HeldWire();
    private final Link link = new Link(new FakeLoop(), wire);

    AwaitDrainedTest() {
        link.start(new IgnoringProtocol());
    }

    private static BytesSegment bytes(byte[] bytes) {
        return new BytesSegment(bytes, 0, bytes.length);
    }

    private static void eventuallyWaits(Thread thread) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(5))
                .until(() -> thread.getState() == Thread.State.WAITING || thread.getState() == Thread.State.TERMINATED);
        assertThat(thread.getState()).isEqualTo(Thread.State.WAITING);
    }

    @Test
    void waitsWhileAnotherThreadWrites() throws Exception {
        Thread writes = new Thread(() -> link.send(bytes("one ".getBytes(US_ASCII))));
        writes.start();
        assertThat(wire.entered.await(10, TimeUnit.SECONDS)).isTrue();
        byte[] reused = "two".getBytes(US_ASCII);
        Thread waits = new Thread(() -> {
            link.send(bytes(reused));
            try {
                link.awaitDrained();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
            reused[0] = '!';
        });

        waits.start();
        eventuallyWaits(waits);
        wire.release.countDown();
        waits.join();
        writes.join();

        assertThat(wire.written()).isEqualTo("one two");
    }
}
