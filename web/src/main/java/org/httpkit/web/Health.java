package org.httpkit.web;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.httpkit.server.Handler;
import org.httpkit.server.Request;
import org.httpkit.server.Response;

/**
 * Reports whether the things that an application needs work: 200 if all checks succeed, otherwise 503, with a JSON
 * object that names each check. Safe from any thread; no thread waits for a check.
 *
 * <pre>{@code
 * Routes.of().get("/health", Health.of(Duration.ofSeconds(2)).check("database", () -> connection.isValid(1)))
 * }</pre>
 *
 * <p>Each check has a thread and runs once at a time: requests that arrive meanwhile get the outcome of the current
 * run. A check that does not end in time counts as failed until it ends. Its exceptions are dropped, because a client
 * must not read them.
 */
public final class Health implements Handler {
    private final Duration limit;
    private final Map<String, Check> checks;

    private Health(Duration limit, Map<String, Check> checks) {
        this.limit = limit;
        this.checks = checks;
    }

    /**
     * A health check without checks, which always succeeds.
     *
     * @param limit how long a check may take; positive. No request waits longer
     * @throws IllegalArgumentException if the limit is not positive
     */
    public static Health of(Duration limit) {
        if (limit.isZero() || limit.isNegative()) {
            throw new IllegalArgumentException("limit is " + limit + "; it must be positive");
        }
        return new Health(limit, Map.of());
    }

    /**
     * Adds a check.
     *
     * @param name letters, digits, dots, underscores and hyphens
     * @param check fails by throwing, or by returning {@code false}
     * @throws IllegalArgumentException if the name has another character, or another check has it
     */
    public Health check(String name, Callable<Boolean> check) {
        if (!name.matches("[A-Za-z0-9._-]+") || checks.containsKey(name)) {
            throw new IllegalArgumentException("The name of the check is malformed or already used: " + name);
        }
        Map<String, Check> more = new LinkedHashMap<>(checks);
        more.put(name, new Check(name, Objects.requireNonNull(check, "check")));
        return new Health(limit, more);
    }

    @Override
    public Response handle(Request request) {
        Map<String, CompletableFuture<Boolean>> outcomes = new LinkedHashMap<>();
        checks.forEach((name, check) -> outcomes.put(name, check.outcome(limit)));
        return Response.later(CompletableFuture.allOf(outcomes.values().toArray(new CompletableFuture<?>[0]))
                .thenApply(all -> answer(outcomes)));
    }

    private static Response answer(Map<String, CompletableFuture<Boolean>> outcomes) {
        boolean isUp = outcomes.values().stream().allMatch(CompletableFuture::join);
        StringBuilder json =
                new StringBuilder("{\"status\":\"").append(isUp ? "up" : "down").append("\",\"checks\":{");
        String separator = "";
        for (Map.Entry<String, CompletableFuture<Boolean>> outcome : outcomes.entrySet()) {
            json.append(separator).append('"').append(outcome.getKey()).append("\":\"");
            json.append(outcome.getValue().join() ? "up" : "down").append('"');
            separator = ",";
        }
        return Response.json(json.append("}}").toString())
                .status(isUp ? 200 : 503)
                .header("Cache-Control", "no-store");
    }

    /** A check, which runs once at a time. */
    private static final class Check {
        private final String name;
        private final Callable<Boolean> check;
        private CompletableFuture<Boolean> run = CompletableFuture.completedFuture(true);
        /** That of the run; all requests share it, so that nothing is kept of each while the run hangs. */
        private CompletableFuture<Boolean> outcome = run;

        Check(String name, Callable<Boolean> check) {
            this.name = name;
            this.check = check;
        }

        /** The outcome of the run that is under way, or of a new one; never fails. */
        synchronized CompletableFuture<Boolean> outcome(Duration limit) {
            if (run.isDone()) {
                CompletableFuture<Boolean> next = new CompletableFuture<>();
                Thread thread = new Thread(() -> next.complete(run()), "httpkit-health-" + name);
                thread.setDaemon(true);
                thread.start();
                run = next;
                outcome = next.copy().completeOnTimeout(false, limit.toNanos(), TimeUnit.NANOSECONDS);
            }
            return outcome;
        }

        private boolean run() {
            try {
                return Boolean.TRUE.equals(check.call());
            } catch (Throwable e) {
                return false;
            }
        }
    }
}
