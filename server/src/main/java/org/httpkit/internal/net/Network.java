package org.httpkit.internal.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Collection;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** The listening socket and the loops that serve its connections. Safe from any thread. */
public final class Network {
    /** How many connections the kernel should keep for a listener until the server accepts them. */
    public static final int BACKLOG = 4096;

    /** How long a failed start waits for its loops to end. */
    private static final long LAST_CALLS_NANOS = 1_000_000_000;

    private final EventLoop[] loops;
    private final StandbyThreads relay;
    private final SocketAddress address;
    private final Acceptor acceptor;
    private final Admission admission;
    private final CountDownLatch listening = new CountDownLatch(1);
    private final Traffic traffic = new Traffic();
    private final InputBudget inputBudget;
    private final BlockingThreads blockingThreads = new BlockingThreads();

    /** Makes the listener check again. */
    private final class RoomAgain implements Runnable {
        @Override
        public void run() {
            loops[0].execute(acceptor::roomAgain);
        }
    }

    /**
     * Makes the loops, and accepts nothing yet.
     *
     * @param listener bound; closed if an exception is thrown
     * @param address the listener's address, under its public name
     * @param callsOnLoops whether the loops make calls of the application's code, so that they need standby threads
     * @param backlog counts the bytes that wait for peers
     * @param protocols returns for each loop the maker of its new links' protocols, which runs on that loop
     * @throws IOException if a loop cannot be made; then nothing is left behind
     */
    public Network(
            ServerSocketChannel listener,
            SocketAddress address,
            int loopCount,
            boolean callsOnLoops,
            ConnectionLimits limits,
            OutputBudget backlog,
            Supplier<Function<Link, Protocol>> protocols,
            NetObserver observer)
            throws IOException {
        this.address = address;
        this.admission = new Admission(limits, new RoomAgain());
        this.inputBudget = new InputBudget(limits);
        this.loops = new EventLoop[loopCount];
        this.relay = new StandbyThreads(loops, callsOnLoops, observer);
        LoopSurroundings surroundings = new LoopSurroundings(
                address, admission, traffic, backlog, inputBudget, blockingThreads, relay, observer);
        int made = 0;
        try {
            listener.configureBlocking(false);
            for (; made < loopCount; made++) {
                loops[made] = new EventLoop(surroundings, protocols.get());
            }
            acceptor = new Acceptor(listener, loops, admission, traffic, observer);
        } catch (IOException | RuntimeException | Error e) {
            for (int i = 0; i < made; i++) {
                loops[i].discard();
            }
            listener.close();
            throw e;
        }
    }

    /** Makes a listening socket for this kind of address, with SO_REUSEADDR where it has a meaning. */
    public static ServerSocketChannel listenerFor(SocketAddress address) throws IOException {
        if (address instanceof UnixDomainSocketAddress) {
            return ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        }
        ServerSocketChannel listener = ServerSocketChannel.open();
        listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        return listener;
    }

    /**
     * Starts the loops, and begins to accept.
     *
     * @throws IOException for lack of descriptors. Then, and after an error for lack of threads, nothing is left behind
     */
    public void start() throws IOException {
        try {
            closeOne();
            acceptor.start();
            relay.start();
        } catch (IOException | RuntimeException | Error e) {
            acceptor.abandon();
            relay.abandon(LAST_CALLS_NANOS);
            throw e;
        }
    }

    /**
     * Closes a socket while there are descriptors. The JDK's setup for the first close needs some itself; if it fails,
     * the process can never close a socket again.
     */
    private static void closeOne() throws IOException {
        SocketChannel.open().close();
    }

    /** The port bound, or -1 if the address has none. */
    public int port() {
        return address instanceof InetSocketAddress inet ? inet.getPort() : -1;
    }

    public SocketAddress address() {
        return address;
    }

    public Traffic traffic() {
        return traffic;
    }

    /** How many received bytes are held. */
    public long heldBytes() {
        return inputBudget.bytes();
    }

    public int openConnections() {
        return admission.open();
    }

    /** Whether the caller is on one of the loops, where nothing may block. */
    public boolean isOnLoop() {
        for (EventLoop loop : loops) {
            if (loop.isCurrent()) {
                return true;
            }
        }
        return false;
    }

    /** Applies changed limits and deadlines to existing connections. */
    public void limitsChanged() {
        loops[0].execute(acceptor::roomAgain);
        for (EventLoop loop : loops) {
            loop.execute(loop.links()::check);
        }
    }

    /**
     * Stops listening. If the listening loop does not do it by the deadline, because a call of the application's code
     * does not return, this thread closes the listening socket; then connections that the kernel has accepted are lost.
     */
    public void stopListening(long deadlineNanos) {
        loops[0].execute(() -> {
            try {
                acceptor.close();
                loops[0].letGoOfClosed();
            } catch (IOException e) {
                loops[0].report(e);
            } finally {
                listening.countDown();
            }
        });
        if (!Patience.await(listening, deadlineNanos)) {
            acceptor.abandon();
            loops[0].deregisterClosed();
            listening.countDown();
        }
    }

    /**
     * Tells every link to finish its work, except for the links whose clients must be informed one by one: returns
     * these. Does not wait for a loop beyond the deadline.
     */
    public Collection<Link> stopLinks(long deadlineNanos) {
        Collection<Link> inTurn = new ConcurrentLinkedQueue<>();
        AtomicBoolean late = new AtomicBoolean();
        Consumer<Link> add = link -> {
            inTurn.add(link);
            if (late.get()) {
                link.stopping(); // there will be no later call for these
            }
        };
        onEachLoop(loop -> loop.links().stop(add), deadlineNanos);
        late.set(true);
        return inTurn;
    }

    /** Waits until the listening socket is closed, so that its address is free; returns at once on a loop. */
    public void awaitNotListening(long timeoutMillis) {
        if (!isOnLoop()) {
            boolean unused =
                    Patience.await(listening, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis));
        }
    }

    /** Interrupts the calls of the application's code on loops. */
    public void interruptCalls() {
        for (EventLoop loop : loops) {
            loop.calls().interrupt();
        }
    }

    /** Closes every link that is still open. Does not wait for a loop beyond the deadline. */
    public void closeLinks(long deadlineNanos) {
        onEachLoop(loop -> loop.links().close(), deadlineNanos);
    }

    /**
     * Ends the loops and waits for their threads until the deadline. If a thread does not return from a call of the
     * application's code, its loop's resources are freed without it. Not from a loop.
     */
    public void end(long deadlineNanos) {
        for (EventLoop loop : loops) {
            loop.end();
        }
        try {
            for (EventLoop loop : loops) {
                if (!loop.join(deadlineNanos)) {
                    loop.abandon();
                }
            }
        } finally {
            relay.end(deadlineNanos);
            blockingThreads.end();
        }
    }

    /**
     * After the end: gives calls of the application's code that have lost their loop until the deadline, which may come
     * closer meanwhile, and interrupts them then.
     */
    public void endCalls(LongSupplier deadlineNanos) {
        relay.endCalls(deadlineNanos);
    }

    /** Runs an action on each loop, and waits until all have run it, but not beyond the deadline. */
    private void onEachLoop(Consumer<EventLoop> action, long deadlineNanos) {
        CountDownLatch done = new CountDownLatch(loops.length);
        for (EventLoop loop : loops) {
            loop.execute(() -> {
                try {
                    action.accept(loop);
                } finally {
                    done.countDown();
                }
            });
        }
        boolean unused = Patience.await(done, deadlineNanos);
    }

    // ---- for tests

    StandbyThreads relay() {
        return relay;
    }

    /** The loop with this number. */
    EventLoop loop(int number) {
        return loops[number];
    }
}
