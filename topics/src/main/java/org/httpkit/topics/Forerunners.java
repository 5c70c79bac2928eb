package org.httpkit.topics;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Receivers whose clients come from another server, which has read further in the shared log. Their commands wait until
 * this server has read as far, so that a lag of milliseconds does not look like a gap. Each channel waits at most
 * {@link #PATIENCE_NANOS}. Confined to the thread of topics.
 */
final class Forerunners {
    static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** @param after the last message that the client has seen */
    private record Command(Receiver receiver, MessageId after, Runnable task, long untilNanos) {}

    /** In order of arrival, so that the first is the first to be out of patience. */
    private final Deque<Command> waiting = new ArrayDeque<>();

    /** The last command of each receiver that waits. */
    private final Map<Receiver, Command> last = new HashMap<>();

    /** No command is after an earlier place than this. */
    private long least = Long.MAX_VALUE;

    int size() {
        return waiting.size();
    }

    /**
     * Makes a command wait if its client is ahead of the table, or earlier commands of its receiver wait. Returns false
     * if it need not wait.
     */
    boolean add(Receiver receiver, @Nullable MessageId after, Runnable task, TopicTable table, long nowNanos) {
        Command before = last.get(receiver);
        if (before != null) { // in their order
            put(new Command(receiver, before.after, task, before.untilNanos));
            return true;
        }
        if (after == null || !table.isBehind(after)) {
            return false;
        }
        put(new Command(receiver, after, task, nowNanos + PATIENCE_NANOS));
        return true;
    }

    private void put(Command command) {
        waiting.add(command);
        last.put(command.receiver, command);
        least = Math.min(least, command.after.offset());
    }

    /** How long until the first is out of patience. */
    long dueInNanos(long nowNanos) {
        Command first = waiting.peek();
        return first == null ? Long.MAX_VALUE : first.untilNanos - nowNanos;
    }

    /** Takes the commands that need not wait any more. */
    Deque<Runnable> take(TopicTable table, long nowNanos) {
        Deque<Runnable> ready = new ArrayDeque<>();
        if (waiting.isEmpty() || (dueInNanos(nowNanos) > 0 && !table.mayHaveReached(least))) {
            return ready;
        }
        forget();
        for (int left = waiting.size(); left > 0; left--) {
            Command command = waiting.remove();
            if (table.isBehind(command.after) && command.untilNanos - nowNanos > 0) {
                put(command);
            } else {
                ready.add(command.task);
            }
        }
        return ready;
    }

    /** Takes all commands, because too many wait. */
    Deque<Runnable> takeAll() {
        Deque<Runnable> all = new ArrayDeque<>();
        waiting.forEach(each -> all.add(each.task));
        waiting.clear();
        forget();
        return all;
    }

    private void forget() {
        least = Long.MAX_VALUE;
        last.clear();
    }
}
