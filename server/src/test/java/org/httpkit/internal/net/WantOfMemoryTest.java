package org.httpkit.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A loop that runs out of memory, at whatever it does, closes the connection, tells of it when it can, and lives. */
final class WantOfMemoryTest {
    /** Where the memory ends. */
    enum At {
        ACCEPTING,
        OPENING,
        INPUT,
        CLOSED,
        COMMAND
    }

    private final List<Throwable> told = new CopyOnWriteArrayList<>();
    private final AtomicInteger refusals = new AtomicInteger();
    private volatile boolean nothingLeft;
    private Network network;
    private SocketAddress address;

    private void takeMemory() {
        if (nothingLeft) {
            refusals.incrementAndGet();
            throw new OutOfMemoryError("Played");
        }
    }

    private final class Observer implements NetObserver {
        @Override
        public void closed(Link link) {}

        @Override
        public void closeFailed(IOException cause) {}

        @Override
        public void acceptFailed(IOException cause) {}

        @Override
        public void connectionsExhausted(int open) {}

        @Override
        public void connectionRefused(InetAddress client) {}

        @Override
        public void loopFailed(Throwable fault) {
            takeMemory();
            told.add(fault);
        }
    }

    private final class Echo extends IgnoringProtocol {
        private final Link link;
        private final At at;

        Echo(Link link, At at) {
            this.link = link;
            this.at = at;
            if (at == At.OPENING) {
                takeMemory();
            }
        }

        @Override
        public void onInput(ByteBuffer input) {
            if (at == At.INPUT) {
                takeMemory();
            }
            if (at == At.COMMAND) {
                link.execute(WantOfMemoryTest.this::takeMemory);
            }
            Scratch scratch = link.scratch();
            while (input.hasRemaining()) {
                scratch.bytes.append(input.get());
            }
            link.send(scratch);
        }

        @Override
        public void onInputEnd() {
            link.close(null);
        }

        @Override
        public void onClosed(@Nullable IOException failure) {
            if (at == At.CLOSED) {
                takeMemory();
            }
        }
    }

    private void start(At at) throws IOException {
        ServerSocketChannel listener =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        address = listener.getLocalAddress();
        network = new Network(
                listener,
                address,
                1,
                false,
                new StandbyThreadsTest.NoLimits() {
                    @Override
                    public boolean isExempt(InetAddress client) {
                        if (at == At.ACCEPTING) {
                            takeMemory();
                        }
                        return super.isExempt(client);
                    }
                },
                new OutputBudget(growing -> Long.MAX_VALUE),
                () -> link -> new Echo(link, at),
                new Observer());
        network.start();
    }

    @AfterEach
    void end() {
        nothingLeft = false;
        network.end(System.nanoTime() + TimeUnit.SECONDS.toNanos(10));
    }

    /** What comes back of a byte: itself, or -1 if the connection is closed instead. */
    private int echo() throws IOException {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(10_000);
            socket.connect(address);
            OutputStream out = socket.getOutputStream();
            out.write('x');
            try {
                return socket.getInputStream().read();
            } catch (java.net.SocketException e) {
                return -1; // reset, with the byte unread
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void theLoopLives(At at) throws IOException {
        start(at);
        assertThat(echo()).isEqualTo('x');

        nothingLeft = true;
        int meanwhile = echo();
        Awaitility.await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> assertThat(refusals)
                .hasPositiveValue());
        nothingLeft = false;

        assertThat(meanwhile).isEqualTo(at == At.COMMAND || at == At.CLOSED ? 'x' : -1);
        assertThat(echo()).isEqualTo('x');
        Awaitility.await()
                .atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(told).isNotEmpty().allMatch(OutOfMemoryError.class::isInstance));
        Awaitility.await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> assertThat(network.openConnections())
                .isZero());
    }
}
