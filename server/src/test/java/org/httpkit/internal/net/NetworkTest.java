package org.httpkit.internal.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What is left of a network that cannot start: nothing. */
final class NetworkTest {
    private final AtomicInteger made = new AtomicInteger();

    /** Suffices for one loop. */
    private Function<Link, Protocol> littleMemory() {
        if (made.getAndIncrement() > 0) {
            throw new OutOfMemoryError("Played");
        }
        return link -> new IgnoringProtocol();
    }

    @Test
    void closesTheListenerIfThereIsNoMemoryForALoop() throws IOException {
        ServerSocketChannel listener =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));

        assertThatThrownBy(() -> new Network(
                        listener,
                        listener.getLocalAddress(),
                        2,
                        false,
                        new StandbyThreadsTest.NoLimits(),
                        new OutputBudget(growing -> Long.MAX_VALUE),
                        this::littleMemory,
                        new StandbyThreadsTest.Strict()))
                .isInstanceOf(OutOfMemoryError.class);

        assertThat(listener.isOpen()).isFalse();
    }
}
