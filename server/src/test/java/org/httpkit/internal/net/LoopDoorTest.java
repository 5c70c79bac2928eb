package org.httpkit.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** No command is left lying at a loop that is about to sleep. */
final class LoopDoorTest {
    private static final int COMMANDS = 300_000;
    /** A loop that was not woken sleeps for ever. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Network network = start();
    private volatile int ran;

    private static Network start() {
        try {
            ServerSocketChannel listener =
                    ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            Network made = new Network(
                    listener,
                    listener.getLocalAddress(),
                    1,
                    false,
                    new RelayTest.NoLimits(),
                    new Backlog(() -> Long.MAX_VALUE),
                    () -> link -> new IgnoringProtocol(),
                    new RelayTest.Strict());
            made.start();
            return made;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void end() {
        network.end(System.nanoTime() + PATIENCE_NANOS);
    }

    @Test
    void runsEachCommandThatComesAsItGoesToSleep() {
        EventLoop loop = network.loop(0);
        for (int i = 1; i <= COMMANDS; i++) {
            int number = i;
            loop.execute(() -> ran = number);
            long deadline = System.nanoTime() + PATIENCE_NANOS;
            while (ran != number && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }
            assertThat(ran).isEqualTo(number);
        }
    }
}
