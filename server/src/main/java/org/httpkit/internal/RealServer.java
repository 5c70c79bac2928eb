package org.httpkit.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import org.httpkit.internal.connection.Opener;
import org.httpkit.internal.connection.WarmUp;
import org.httpkit.internal.context.Counters;
import org.httpkit.internal.context.ServerContext;
import org.httpkit.internal.exchange.ErrorAnswers;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.Network;
import org.httpkit.internal.net.OutputBudget;
import org.httpkit.internal.net.Patience;
import org.httpkit.internal.net.Protocol;
import org.httpkit.internal.net.SocketFile;
import org.httpkit.internal.net.Traffic;
import org.httpkit.internal.recording.FlightRecording;
import org.httpkit.server.Dispatch;
import org.httpkit.server.DrainReport;
import org.httpkit.server.ListenerFactory;
import org.httpkit.server.ServerObserver;
import org.httpkit.server.ServerOptions;
import org.httpkit.server.ServerStats;
import org.httpkit.server.ServerStatus;
import org.jspecify.annotations.Nullable;

/** A running server, through its states: bound, running, stopping, stopped. Safe from any thread. */
public final class RealServer {
    /** How long a stop may exceed its timeout for the loops, and then once more for the worker's last calls. */
    private static final long LAST_CALLS_NANOS = 1_000_000_000;

    private static final long SHORTEST_SLEEP_NANOS = 1_000_000;
    /** How long a stop waits for the listener to close; a loop that a handler blocks may close it later. */
    private static final long LISTENER_CLOSES_MILLIS = 1000;

    private final ServerContext context;
    private final Network network;
    private final OutputBudget backlog = new OutputBudget(new MaxQueuedBytes(), new MinResponseRate());
    private final ServerWorker worker;
    private final Certificates certificates;
    private final @Nullable SocketFile socketFile;
    private final AtomicBoolean stopAsked = new AtomicBoolean();
    /** When handlers and listeners have to be done; only while the server stops. */
    private final AtomicLong stopsByNanos = new AtomicLong();

    private volatile ServerStatus status = ServerStatus.RUNNING;
    /** Whether connections may still open: those that close meanwhile are not the last ones. */
    private volatile boolean mayOpen = true;

    private final CompletableFuture<DrainReport> stopped = new CompletableFuture<>();
    private final CountDownLatch allClosed = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private @Nullable Thread shutdownHook;

    private RealServer(ServerOptions options) throws IOException {
        WarmUp.begin(options);
        SocketAddress address = options.address();
        worker = new ServerWorker(options);
        ServerObserver observer =
                ServerObserver.all(ServerObserver.all(options.observer()), FlightRecording.observer());
        context = ServerContext.of(options, worker.forLoops(observer), observer);
        ErrorAnswers.prepare(context);
        certificates = new Certificates(context);
        SocketFile file = null;
        try {
            certificates.use(options.tls());
            ListenerFactory factory = options.listenerFactory();
            ServerSocketChannel listener = factory == null ? Network.listenerFor(address) : factory.open(address);
            file = bind(listener, options);
            network = new Network(
                    listener,
                    file == null ? listener.getLocalAddress() : address,
                    options.eventLoops(),
                    options.dispatch() == Dispatch.ADAPTIVE,
                    context,
                    backlog,
                    new Openers(),
                    new NetReports(context, new ClosedIfNone()));
        } catch (IOException | RuntimeException | Error e) {
            if (file != null) {
                file.remove();
            }
            certificates.end();
            worker.discard();
            throw e;
        }
        socketFile = file;
    }

    /** Binds the listener, or closes it on failure; returns the file made for a Unix domain socket, or null. */
    private static @Nullable SocketFile bind(ServerSocketChannel listener, ServerOptions options) throws IOException {
        try {
            if (listener.getLocalAddress() != null) {
                return null; // the factory has bound it
            }
            if (options.address() instanceof UnixDomainSocketAddress unix) {
                return SocketFile.bind(listener, unix.getPath(), options.unixSocketPermissions(), Network.BACKLOG);
            }
            listener.bind(options.address(), Network.BACKLOG);
            return null;
        } catch (IOException | RuntimeException | Error e) {
            listener.close();
            throw e;
        }
    }

    /** Binds and serves. */
    public static RealServer start(ServerOptions options) throws IOException {
        RealServer server;
        try {
            server = new RealServer(options);
            server.begin();
        } catch (IOException e) {
            throw e instanceof Certificates.UselessException
                    ? e
                    : new IOException("Cannot listen on " + options.address() + ": " + e.getMessage(), e);
        }
        server.stopOnShutdown(options.stopOnShutdown());
        return server;
    }

    private void begin() throws IOException {
        try {
            network.start();
        } catch (IOException | RuntimeException | Error e) {
            removeSocketFile();
            certificates.end();
            worker.discard();
            throw e;
        }
    }

    public int port() {
        return network.port();
    }

    public SocketAddress address() {
        return network.address();
    }

    public ServerStatus status() {
        return status;
    }

    /** The options that hold now. */
    public ServerOptions options() {
        return context.current().options();
    }

    /**
     * Replaces the options by the change's result; one change at a time. If the change throws, nothing changes.
     *
     * @throws UncheckedIOException if the new certificates cannot be loaded
     */
    @SuppressWarnings("ReferenceEquality") // the same description asked for anew means: load the files anew
    public synchronized void reconfigure(UnaryOperator<ServerOptions> change) {
        ServerOptions running = options();
        ServerOptions wanted = change.apply(running);
        ServerContext next = context.with(wanted);
        if (wanted.tls() != running.tls()) {
            try {
                certificates.use(wanted.tls());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        context.changeTo(next);
        ErrorAnswers.prepare(context.current());
        network.limitsChanged();
    }

    public ServerStats stats() {
        Counters counters = context.counters();
        Traffic traffic = network.traffic();
        long running = counters.exchangesRunning(); // first, so that the statuses include all that has ended
        long[] statusClasses = counters.statusClasses();
        return new ServerStats(
                network.openConnections(),
                traffic.accepted(),
                traffic.acceptFailures(),
                running,
                counters.webSocketsOpen(),
                worker.waiting(),
                backlog.bytes(),
                network.heldBytes(),
                counters.exchangesBegun(),
                statusClasses[1] + statusClasses[2],
                statusClasses[3],
                statusClasses[4],
                statusClasses[5],
                traffic.bytesRead(),
                traffic.bytesWritten(),
                counters.handshakesFull(),
                counters.handshakesResumed(),
                counters.handshakesFailed(),
                counters.streamsOpen(),
                counters.streamsOpened(),
                counters.streamsResetByClients(),
                counters.streamsResetByServer(),
                counters.streamsHeldBack(),
                counters.closes());
    }

    /** Whether the caller runs one of the server's loops, so that the server cannot stop while the caller waits. */
    public boolean isOnLoop() {
        return network.isOnLoop();
    }

    public void join() throws InterruptedException {
        ended.await();
    }

    public CompletableFuture<DrainReport> stop(Duration timeout) {
        CompletableFuture<DrainReport> first = stopFirst(timeout);
        if (first != null) {
            return first;
        }
        hurry(timeout);
        return stopped.copy();
    }

    /** Limits the rest of a running stop to this time. */
    private void hurry(Duration timeout) {
        long now = System.nanoTime();
        stopsByNanos.accumulateAndGet(timeout.toNanos(), (by, left) -> now + Math.min(by - now, left));
        if (timeout.isZero()) {
            allClosed.countDown();
        } else {
            CompletableFuture.delayedExecutor(timeout.toNanos(), TimeUnit.NANOSECONDS, Runnable::run)
                    .execute(allClosed::countDown);
        }
    }

    /** Stops; returns null if the server is stopping already. */
    public @Nullable CompletableFuture<DrainReport> stopFirst(Duration timeout) {
        if (!stopAsked.compareAndSet(false, true)) {
            return null;
        }
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        stopsByNanos.set(deadlineNanos);
        CountDownLatch begun = new CountDownLatch(1);
        try {
            new Thread(() -> runStop(begun, deadlineNanos), "httpkit-stop").start();
        } catch (Error e) { // the system has no more threads: nothing has changed yet
            stopAsked.set(false);
            throw e;
        }
        status = ServerStatus.STOPPING;
        context.stop(System.nanoTime() + timeout.toNanos() / 2);
        context.observer().drainBegun(network.openConnections());
        begun.countDown();
        network.awaitNotListening(LISTENER_CLOSES_MILLIS);
        return stopped.copy();
    }

    /** Stops by a deadline that depends on no loop, no worker and no interrupt: any of them may be stuck. */
    private void runStop(CountDownLatch begun, long deadlineNanos) {
        long lastCallsNanos = deadlineNanos + LAST_CALLS_NANOS;
        DrainReport report = new DrainReport(0, 0);
        try {
            boolean unused = Patience.await(begun, lastCallsNanos);
            removeSocketFile(); // before the listener closes; see there
            network.stopListening(aWhile(lastCallsNanos));
            mayOpen = false;
            tellInTurn(List.copyOf(network.stopLinks(aWhile(lastCallsNanos))), deadlineNanos);
            closedIfNone();
            unused = Patience.await(allClosed, deadlineNanos);
            lastCallsNanos = System.nanoTime() + LAST_CALLS_NANOS; // another call may have shortened it
            context.cut();
            DrainCount count = new DrainCount(context.counters(), network.openConnections() > 0);
            network.interruptCalls();
            network.closeLinks(aWhile(lastCallsNanos));
            network.interruptCalls(); // the calls to which closing has led
            report = count.report();
        } catch (RuntimeException | Error e) {
            context.observer().loopFailed(e);
        }
        try {
            network.end(lastCallsNanos);
            certificates.end();
            context.end();
        } finally {
            finish(report);
        }
    }

    /**
     * How long to wait for a loop that may be stuck: half of the remaining time, but not so long that others wait in
     * vain.
     */
    private static long aWhile(long deadlineNanos) {
        long now = System.nanoTime();
        return now + Math.min(Math.max(0, deadlineNanos - now) / 2, LAST_CALLS_NANOS);
    }

    /** Announces the stop to clients during half of the time; the other half is for them to react. */
    private void tellInTurn(List<Link> links, long deadlineNanos) {
        long now = System.nanoTime();
        Pace pace = Pace.of(links.size(), options().drainRate(), now, now + (deadlineNanos - now) / 2);
        for (int i = 0; i < links.size(); i++) {
            Link link = links.get(i);
            long early = pace.dueNanos(i) - System.nanoTime();
            if (early > SHORTEST_SLEEP_NANOS && !link.isClosed()) {
                boolean hurried = Patience.await(allClosed, System.nanoTime() + early);
                if (hurried) {
                    return; // the rest is closed, with or without an announcement
                }
            }
            link.stopSoon();
        }
    }

    private void finish(DrainReport report) {
        context.observer().drainEnded(report);
        // In any case this leaves a moment for the calls that report the end to listeners.
        long now = System.nanoTime();
        worker.end(() -> now + Math.max(stopsByNanos.get() - now, LAST_CALLS_NANOS));
        network.endCalls(stopsByNanos::get); // they have had that moment while the loops ended
        forgetShutdownHook();
        status = ServerStatus.STOPPED;
        ended.countDown();
        stopped.complete(report);
    }

    private void removeSocketFile() {
        if (socketFile != null) {
            socketFile.remove();
        }
    }

    private void closedIfNone() {
        if (status == ServerStatus.STOPPING && !mayOpen && network.openConnections() == 0) {
            allClosed.countDown();
        }
    }

    private void stopOnShutdown(@Nullable Duration timeout) {
        if (timeout != null) {
            Thread hook = new Thread(() -> stop(timeout).join(), "httpkit-shutdown");
            shutdownHook = hook;
            Runtime.getRuntime().addShutdownHook(hook);
        }
    }

    private void forgetShutdownHook() {
        if (shutdownHook != null) {
            try {
                Runtime.getRuntime().removeShutdownHook(shutdownHook);
            } catch (IllegalStateException e) {
                // The JVM is shutting down: the hook itself runs this.
            }
        }
    }

    // Classes where lambdas would do: the first lambda of a JVM takes longer than loading all of our classes, and every
    // start would wait for it.

    private final class MaxQueuedBytes implements ToLongFunction<OutputBudget.@Nullable Sender> {
        @Override
        public long applyAsLong(OutputBudget.@Nullable Sender growing) {
            return options().maxQueuedBytesTotal();
        }
    }

    private final class MinResponseRate implements LongSupplier {
        @Override
        public long getAsLong() {
            return options().minResponseRate();
        }
    }

    private final class ClosedIfNone implements Runnable {
        @Override
        public void run() {
            closedIfNone();
        }
    }

    private final class Openers implements Supplier<Function<Link, Protocol>> {
        @Override
        public Function<Link, Protocol> get() {
            return new Opener(context);
        }
    }
}
