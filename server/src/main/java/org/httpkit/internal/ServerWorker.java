package org.httpkit.internal;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
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

/** The threads that a server's handlers run on: those made for it, which end with it, or the application's. Safe from any thread. */
final class ServerWorker {
    private final Executor worker;
    /** The worker made for this server; null if the application brought its own, which is not ours to end. */
    private final @Nullable ExecutorService own;

    /** Takes what the application's own executor would run on a loop. */
    private final LazyExecutor instead = new LazyExecutor(new Instead());

    /** A class where a lambda would do: the first lambda of a JVM takes longer than loading all of ours. */
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

    /** Where loops may leave calls: what is the application's is made safe for them. */
    Executor forLoops(ServerObserver observer) {
        return own != null
                ? own
                : new RejectingExecutor(
                        new OffLoopExecutor(worker, instead, CallingThread::isOnAnyLoop), observer::loopFailed);
    }

    /** How many tasks wait for a thread; -1 if that is not known. */
    int waiting() {
        return Waiting.in(worker);
    }

    /** The server has not started after all. */
    void discard() {
        if (own != null) {
            own.shutdown();
        }
    }

    /** Lets listeners finish until the deadline; what does not end by itself is interrupted. */
    void end(long deadlineNanos) {
        ExecutorService insteadOfGiven = instead.end();
        List<ExecutorService> ours = Stream.of(own, insteadOfGiven)
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .toList();
        ours.forEach(ExecutorService::shutdown);
        for (ExecutorService each : ours) {
            try {
                if (!each.awaitTermination(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    each.shutdownNow();
                }
            } catch (InterruptedException e) {
                each.shutdownNow();
            }
        }
    }
}
