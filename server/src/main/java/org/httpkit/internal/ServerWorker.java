package org.httpkit.internal;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.httpkit.internal.dispatch.LazyExecutor;
import org.httpkit.internal.dispatch.OffLoopExecutor;
import org.httpkit.internal.dispatch.RejectingExecutor;
import org.httpkit.internal.dispatch.Waiting;
import org.httpkit.internal.net.CallingThread;
import org.httpkit.server.ServerObserver;
import org.httpkit.server.ServerOptions;
import org.httpkit.server.Worker;
import org.jspecify.annotations.Nullable;

/**
 * Runs a server's handlers on threads: on those made for the server, which end with it, or on the application's. Safe
 * from any thread.
 */
final class ServerWorker {
    /** How often the end looks whether its deadline has come nearer. */
    private static final long LOOK_NANOS = 50_000_000;

    private final Executor worker;
    /** The worker made for this server; null if the application supplied one, which we must not end. */
    private final @Nullable ExecutorService own;

    /** Takes tasks that the application's executor would run on a loop. */
    private final LazyExecutor instead = new LazyExecutor(new Instead());

    /** A class where a lambda would do: the first lambda of a JVM takes longer than loading all of our classes. */
    private static final class Instead implements Supplier<ExecutorService> {
        @Override
        public ExecutorService get() {
            return Worker.create().pool();
        }
    }

    ServerWorker(ServerOptions options) {
        Executor given = options.worker();
        own = given == null ? made(options).pool() : null;
        worker = own == null ? Objects.requireNonNull(given) : own;
    }

    private static Worker made(ServerOptions options) {
        Worker.Builder wanted = options.ownWorker();
        return wanted == null ? Worker.create() : wanted.build();
    }

    /** The executor to which loops may give calls; the application's is wrapped to make it safe for them. */
    Executor forLoops(ServerObserver observer) {
        return own != null
                ? own
                : new RejectingExecutor(
                        new OffLoopExecutor(worker, instead, CallingThread::isOnAnyLoop), observer::loopFailed);
    }

    /** The number of tasks that wait for a thread; -1 if unknown. */
    int waiting() {
        return Waiting.in(worker);
    }

    /** Ends the worker of a server that could not start. */
    void discard() {
        if (own != null) {
            own.shutdown();
        }
    }

    /** Lets listeners finish until the deadline, which may come nearer meanwhile, then interrupts those that have not. */
    void end(LongSupplier deadlineNanos) {
        ExecutorService insteadOfGiven = instead.end();
        List<ExecutorService> ours = Stream.of(own, insteadOfGiven)
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .toList();
        ours.forEach(ExecutorService::shutdown);
        for (ExecutorService each : ours) {
            try {
                long left = deadlineNanos.getAsLong() - System.nanoTime();
                while (!each.awaitTermination(Math.min(left, LOOK_NANOS), TimeUnit.NANOSECONDS) && left > 0) {
                    left = deadlineNanos.getAsLong() - System.nanoTime();
                }
            } catch (InterruptedException e) {
                // The rest is interrupted, too.
            }
            if (!each.isTerminated()) {
                each.shutdownNow();
            }
        }
    }
}
