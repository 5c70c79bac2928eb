package org.httpkit.ring;

import clojure.lang.Keyword;
import java.util.Set;
import org.httpkit.server.Worker;
import org.jspecify.annotations.Nullable;

/**
 * The options of a worker among those of {@code run-server} and {@code new-worker}, those of earlier versions among
 * them. Immutable.
 */
final class WorkerOptions {
    static final Set<String> NAMES = Set.of(
            "queue-size",
            "n-min-threads",
            "n-max-threads",
            "n-threads",
            "queue-type",
            "prefix",
            "allow-virtual?",
            "thread",
            "worker-name-prefix",
            "pool-opts");

    private final RingOptions outer;
    /** The value of {@code :pool-opts}, which comes first. */
    private final RingOptions inner;

    WorkerOptions(RingOptions options) {
        this.outer = options;
        this.inner = new RingOptions(options.get("pool-opts"));
    }

    /** Whether there is any such option. */
    boolean areGiven() {
        return NAMES.stream().anyMatch(outer::has);
    }

    /** The worker that the options describe. */
    Worker.Builder worker() {
        Worker.Builder builder = Worker.builder();
        Integer threads = threads();
        if (threads != null) {
            builder.threads(threads);
        }
        Integer min = count("n-min-threads");
        if (min != null) {
            builder.minThreads(min);
        }
        Integer max = count("n-max-threads");
        if (max != null) {
            builder.maxThreads(max);
        }
        Integer queueSize = count("queue-size");
        if (queueSize != null) {
            builder.queueSize(queueSize);
        }
        builder.prefix(prefix());
        Object queueType = with("queue-type").get("queue-type");
        if (queueType != null) {
            builder.queueType(queueType(queueType));
        }
        return builder.allowVirtual(!with("allow-virtual?").isFalse("allow-virtual?"));
    }

    private @Nullable Integer threads() {
        Integer threads = count("n-threads");
        return threads == null ? count(outer, "thread") : threads;
    }

    private @Nullable Integer count(String name) {
        return count(with(name), name);
    }

    private static @Nullable Integer count(RingOptions options, String name) {
        Long number = options.number(name, Integer.MAX_VALUE);
        return number == null ? null : number.intValue();
    }

    /** The one of the two maps whose option of that name counts. */
    private RingOptions with(String name) {
        return inner.has(name) ? inner : outer;
    }

    /** The prefix of the names of the worker's threads. */
    String prefix() {
        Object prefix = inner.get("prefix");
        prefix = prefix == null ? outer.get("prefix") : prefix;
        prefix = prefix == null ? outer.get("worker-name-prefix") : prefix;
        return prefix == null ? "http-kit-server-worker-" : prefix.toString();
    }

    private static Worker.QueueType queueType(Object value) {
        return switch (value instanceof Keyword keyword ? keyword.getName() : "") {
            case "array" -> Worker.QueueType.ARRAY;
            case "linked" -> Worker.QueueType.LINKED;
            default -> throw RingOptions.mustBe(":queue-type", value, ":array or :linked");
        };
    }
}
