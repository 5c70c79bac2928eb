package org.httpkit.internal.net;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * The door into a real loop with a thread and a selector. No command may be lost, whether the loop is about to sleep or about to end.
 */
final class LoopDoorStress {
    /** Longer than any scheduler makes a thread wait. A loop that nobody wakes sleeps forever. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private LoopDoorStress() {}

    /** A loop for all states of a test. It goes to sleep after each command, so that the next command meets it on the way. */
    private static final class SharedLoop {
        static final EventLoop LOOP = startedInBackground().loop(0);
    }

    /** Makes daemon threads, so that they do not keep the JVM alive. */
    private static Network startedInBackground() {
        CompletableFuture<Network> network = new CompletableFuture<>();
        Thread starter = new Thread(() -> network.complete(started(true)));
        starter.setDaemon(true);
        starter.start();
        return network.join();
    }

    private static Network started(boolean callsOnLoops) {
        try {
            ServerSocketChannel listener =
                    Network.listenerFor(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            SocketAddress address = listener.getLocalAddress();
            Network network = new Network(
                    listener,
                    address,
                    1,
                    callsOnLoops,
                    new NoLimits(),
                    new OutputBudget(growing -> Long.MAX_VALUE),
                    () -> link -> {
                        throw new IllegalStateException("Nobody connects");
                    },
                    new Silent());
            network.start();
            return network;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A command that somebody waits for. */
    private static final class Command implements Runnable {
        private volatile boolean ran;

        @Override
        public void run() {
            ran = true;
        }

        int await() {
            long begun = System.nanoTime();
            while (!ran && System.nanoTime() - begun < PATIENCE_NANOS) {
                Thread.yield();
            }
            return ran ? 1 : 0;
        }
    }

    @JCStressTest
    @Description("A command comes while the loop, which has just run one, goes to sleep.")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "It runs")
    @Outcome(expect = FORBIDDEN, desc = "The loop was not woken")
    @State
    public static class CommandAndSleep {
        @Actor
        public void sender(I_Result result) {
            Command command = new Command();
            SharedLoop.LOOP.execute(command);
            result.r1 = command.await();
        }
    }

    @JCStressTest
    @Description("Commands come from two threads while the loop goes to sleep.")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Both run")
    @Outcome(expect = FORBIDDEN, desc = "The loop was not woken")
    @State
    public static class TwoCommandsAndSleep {
        @Actor
        public void one(II_Result result) {
            Command command = new Command();
            SharedLoop.LOOP.execute(command);
            result.r1 = command.await();
        }

        @Actor
        public void another(II_Result result) {
            Command command = new Command();
            SharedLoop.LOOP.execute(command);
            result.r2 = command.await();
        }
    }

    @JCStressTest
    @Description(
            "A command comes while the loop ends. The thread that waits for it must learn its outcome, late as it is.")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "It runs")
    @Outcome(expect = FORBIDDEN, desc = "Lost")
    @State
    public static class CommandAndEnd {
        private final AtomicInteger arrived = new AtomicInteger();
        private final Command command = new Command();
        private @Nullable Network network;

        /** Made here rather than with the state: jcstress makes thousands of states at a time, each of which would hold descriptors. */
        private synchronized Network network() {
            Network made = network;
            if (made == null) {
                made = started(false);
                network = made;
            }
            return made;
        }

        private void meet() {
            arrived.incrementAndGet();
            while (arrived.get() < 2) {
                Thread.yield();
            }
        }

        @Actor
        public void sender() {
            EventLoop loop = network().loop(0);
            meet();
            loop.execute(command);
        }

        @Actor
        public void stopper() {
            Network ending = network();
            meet();
            long deadline = System.nanoTime() + PATIENCE_NANOS;
            ending.stopListening(deadline);
            ending.end(deadline);
        }

        @Arbiter
        public void arbiter(I_Result result) {
            result.r1 = command.await();
        }
    }

    private static final class NoLimits implements ConnectionLimits {
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
            return Integer.MAX_VALUE;
        }

        @Override
        public int maxConnectionsPerAddress() {
            return Integer.MAX_VALUE;
        }

        @Override
        public boolean isExempt(InetAddress address) {
            return true;
        }
    }

    private static final class Silent implements NetObserver {
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
        public void loopFailed(Throwable fault) {}
    }
}
