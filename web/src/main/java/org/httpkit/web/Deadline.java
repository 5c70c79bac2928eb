package org.httpkit.web;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;
import org.httpkit.server.ResponseBody;
import org.jspecify.annotations.Nullable;

/**
 * Answers 504 if a handler has not answered by a deadline. Safe from any thread.
 *
 * <p>The handler runs on an executor, so that the client need not wait until the handler notices the deadline. At the
 * deadline the filter interrupts the handler and drops its later response, but cannot undo its effects. The executor
 * limits how many such handlers there are; if it refuses one, the client gets 503.
 *
 * <p>A handler that has begun its response by {@link Request#beginResponse}, opened a channel, or switched protocols, has answered in time:
 * it may go on for as long as it likes, and if it fails, the server ends what it has begun. After the deadline those
 * methods throw an {@link IllegalStateException}.
 */
public final class Deadline implements Filter {
    private final Duration limit;
    private final Executor executor;

    private Deadline(Duration limit, Executor executor) {
        this.limit = limit;
        this.executor = executor;
    }

    /**
     * Sets a deadline.
     *
     * @param limit from the call of the handler until its response is there; positive
     * @param executor where handlers run
     * @throws IllegalArgumentException if the limit is not positive
     */
    public static Deadline of(Duration limit, Executor executor) {
        if (limit.isZero() || limit.isNegative()) {
            throw new IllegalArgumentException("limit is " + limit + "; it must be positive");
        }
        return new Deadline(limit, Objects.requireNonNull(executor, "executor"));
    }

    @Override
    public @Nullable Response filter(Request request, Handler next) {
        Call call = new Call(request, next);
        try {
            executor.execute(call);
        } catch (RejectedExecutionException e) {
            return Response.of(503).header("Retry-After", "1");
        }
        call.expireAfter(limit);
        return Response.later(call.answer);
    }

    /**
     * A handler's call, in the thread that runs it until it is over or its time is. The first that settles it decides
     * who answers.
     */
    private static final class Call implements Runnable {
        private enum State {
            WAITING,
            /** What the handler does, even if it fails, is for the server. */
            ANSWERED,
            /** What the handler does is dropped. */
            EXPIRED
        }

        private final CompletableFuture<@Nullable Response> answer = new CompletableFuture<>();
        /** Completes at the deadline, unless the handler has answered. */
        private final CompletableFuture<@Nullable Void> deadline = new CompletableFuture<>();

        private final Request request;
        private final Handler next;
        // Under the call's lock, so that no interrupt hits what the thread does later.
        private @Nullable Thread running;
        private State state = State.WAITING;

        Call(Request request, Handler next) {
            this.next = next;
            this.request = new WatchedRequest(request) {
                @Override
                void takingOver() {
                    super.takingOver();
                    if (!settle(State.ANSWERED)) {
                        throw new IllegalStateException("The deadline is over, and the client gets 504");
                    }
                }
            };
        }

        @Override
        public void run() {
            if (!begin()) {
                return;
            }
            try {
                Response response = next.handle(request);
                if (!(response != null && response.body() instanceof ResponseBody.Later later)) {
                    give(response);
                } else {
                    later.response().whenComplete((late, failure) -> {
                        if (failure != null) {
                            fail(failure);
                        } else {
                            give(late);
                        }
                    });
                }
            } catch (Throwable e) {
                fail(e);
            } finally {
                end();
            }
        }

        void expireAfter(Duration limit) {
            CompletableFuture<Void> unused = deadline.completeOnTimeout(null, limit.toNanos(), TimeUnit.NANOSECONDS)
                    .thenRun(this::expire);
        }

        private void expire() {
            if (settle(State.EXPIRED)) {
                answer.complete(Response.of(504));
                interrupt();
            }
        }

        /** Whether the call has ended that way, now or before. */
        private synchronized boolean settle(State end) {
            if (state == State.WAITING) {
                state = end;
                deadline.cancel(false);
            }
            return state == end;
        }

        private synchronized boolean begin() {
            boolean isWanted = state == State.WAITING;
            if (isWanted) {
                running = Thread.currentThread();
            }
            return isWanted;
        }

        private synchronized void end() {
            running = null;
            if (state == State.EXPIRED) {
                Thread.interrupted();
            }
        }

        private synchronized void interrupt() {
            if (running != null) {
                running.interrupt();
            }
        }

        private void fail(Throwable failure) {
            if (settle(State.ANSWERED)) {
                answer.completeExceptionally(failure);
            }
        }

        private void give(@Nullable Response response) {
            if (settle(State.ANSWERED)) {
                answer.complete(response);
            } else if (response != null && response.body() instanceof ResponseBody.Stream body) {
                try {
                    body.stream().close();
                } catch (IOException e) {
                    return; // no caller waits for the result
                }
            }
        }
    }
}
