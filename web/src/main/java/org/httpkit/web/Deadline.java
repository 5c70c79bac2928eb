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
 * <p>The handler runs on an executor, so that its client need not wait until it notices. It is interrupted at the
 * deadline, and its later response is dropped. Its effects cannot be undone. The executor limits how many such
 * handlers there are; if it refuses one, the client gets 503. A handler that has opened a channel has answered in
 * time, no matter how long the channel lives.
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
        Response late = Response.of(504);
        CompletableFuture<Void> unused = call.answer
                .completeOnTimeout(late, limit.toNanos(), TimeUnit.NANOSECONDS)
                .thenAccept(response -> {
                    if (response == late) {
                        call.expire();
                    }
                });
        return Response.later(call.answer);
    }

    /** A handler's call, in the thread that runs it until it is over or its time is. */
    private static final class Call implements Runnable {
        private final CompletableFuture<@Nullable Response> answer = new CompletableFuture<>();
        private final Request request;
        private final Handler next;
        // Under the call's lock, so that no interrupt hits what the thread does later.
        private @Nullable Thread running;
        private boolean expired;

        Call(Request request, Handler next) {
            this.request = request;
            this.next = next;
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
                            answer.completeExceptionally(failure);
                        } else {
                            give(late);
                        }
                    });
                }
            } catch (Throwable e) {
                answer.completeExceptionally(e);
            } finally {
                end();
            }
        }

        private synchronized boolean begin() {
            if (!expired) {
                running = Thread.currentThread();
            }
            return !expired;
        }

        private synchronized void end() {
            running = null;
            if (expired) {
                Thread.interrupted();
            }
        }

        synchronized void expire() {
            expired = true;
            if (running != null) {
                running.interrupt();
            }
        }

        private void give(@Nullable Response response) {
            if (!answer.complete(response) && response != null && response.body() instanceof ResponseBody.Stream body) {
                try {
                    body.stream().close();
                } catch (IOException e) {
                    return; // no caller waits for the result
                }
            }
        }
    }
}
