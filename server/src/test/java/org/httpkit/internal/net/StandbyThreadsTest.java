package org.httpkit.internal.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

final class StandbyThreadsTest {
    /** Connections are neither made nor limited here. */
    static class NoLimits implements ConnectionLimits {
        @Override
        public long maxReceivedBytesTotal() {
            return Long.MAX_VALUE;
        }

        @Override
        public long maxReceivedBytesPerAddress() {
            return Long.MAX_VALUE;
        }

        @Override
        public int maxConnections() {
            return 100;
        }

        @Override
        public int maxConnectionsPerAddress() {
            return 1;
        }

        @Override
        public boolean isExempt(InetAddress address) {
            return true;
        }
    }

    static final class Strict implements NetObserver {
        @Override
        public void closed(Link link) {}

        @Override
        public void closeFailed(IOException cause) {
            throw new AssertionError(cause);
        }

        @Override
        public void acceptFailed(IOException cause) {
            throw new AssertionError(cause);
        }

        @Override
        public void connectionsExhausted(int open) {}

        @Override
        public void connectionRefused(InetAddress client) {}

        @Override
        public void loopFailed(Throwable fault) {
            throw new AssertionError(fault);
        }
    }

    private static ServerSocketChannel listener(SocketAddress address) throws IOException {
        return Network.listenerFor(address).bind(address);
    }

    @RepeatedTest(50)
    void leavesTheAddressFreeWhenAStartIsGivenUp() throws Exception {
        ServerSocketChannel listener = listener(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        SocketAddress address = listener.getLocalAddress();
        Network network = new Network(
                listener,
                address,
                2,
                true,
                new NoLimits(),
                new OutputBudget(growing -> Long.MAX_VALUE),
                () -> link -> new IgnoringProtocol(),
                new Strict());
        network.start();

        listener.close();
        network.relay().abandon(TimeUnit.SECONDS.toNanos(10));

        assertThatCode(() -> listener(address).close()).doesNotThrowAnyException();
        network.relay().end(TimeUnit.SECONDS.toNanos(10));
    }

    /** Otherwise no call would ever be made on a loop. */
    @Test
    void aThreadStandsByForEachOfManyLoops() throws Exception {
        ServerSocketChannel listener = listener(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        Network network = new Network(
                listener,
                listener.getLocalAddress(),
                65,
                true,
                new NoLimits(),
                new OutputBudget(growing -> Long.MAX_VALUE),
                () -> link -> new IgnoringProtocol(),
                new Strict());
        network.start();
        try {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (!network.relay().isReady() && System.nanoTime() < deadline) {
                Patience.sleepUntil(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(5));
            }
            assertThat(network.relay().isReady()).isTrue();
        } finally {
            listener.close();
            network.relay().abandon(TimeUnit.SECONDS.toNanos(10));
            network.relay().end(TimeUnit.SECONDS.toNanos(10));
        }
    }

    /** A loop that listens earlier may accept connections for loops that never run. */
    @Test
    void theLoopThatListensIsTheLastToRun() throws Exception {
        LoopSurroundings surroundings = new LoopSurroundings(
                null,
                new Admission(new NoLimits(), () -> {}),
                new Traffic(),
                new OutputBudget(growing -> Long.MAX_VALUE),
                new InputBudget(new NoLimits()),
                new BlockingThreads(),
                null,
                new Strict());
        EventLoop[] loops = new EventLoop[3];
        for (int i = 0; i < loops.length; i++) {
            loops[i] = new EventLoop(surroundings, link -> new IgnoringProtocol());
        }
        List<Thread> begun = new ArrayList<>();
        StandbyThreads threads = new StandbyThreads(loops, true, new Strict()) {
            @Override
            void begin(Thread thread) {
                if (begun.size() == loops.length) {
                    throw new OutOfMemoryError("Played");
                }
                begun.add(thread);
                super.begin(thread);
            }
        };

        assertThatThrownBy(threads::start).isInstanceOf(OutOfMemoryError.class);
        threads.abandon(TimeUnit.SECONDS.toNanos(10));

        assertThat(begun)
                .extracting(Thread::getName)
                .containsExactly("httpkit-loop-3", "httpkit-loop-2", "httpkit-relay");
        for (Thread thread : begun) {
            thread.join(10_000);
            assertThat(thread.isAlive()).as(thread.getName()).isFalse();
        }
    }
}
