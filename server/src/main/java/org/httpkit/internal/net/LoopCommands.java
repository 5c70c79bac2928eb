package org.httpkit.internal.net;

import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What a loop does besides the turns of its links: tasks from other threads, and new connections. Confined to the
 * holder of the loop's baton, except for methods marked "Any thread".
 *
 * <p>Commands have as much of the loop's time as the turns had before them. With less, they would pile up while ready
 * links go on to make more of them; with more, a flood of them would make ready links wait.
 */
final class LoopCommands {
    /** What commands have in any case. */
    private static final long LEAST_NANOS = 100_000;
    /** What commands that free memory have in any case: they must keep up with what fills it. */
    private static final long URGENT_NANOS = 10_000_000;

    private final Loop loop;
    private final LoopCalls calls;
    private final ConcurrentLinkedQueue<Runnable> commands = new ConcurrentLinkedQueue<>();
    /** Commands that free memory. They run first, however many others wait. */
    private final ConcurrentLinkedQueue<Runnable> urgent = new ConcurrentLinkedQueue<>();

    private boolean flushed;

    LoopCommands(Loop loop, LoopCalls calls) {
        this.loop = loop;
        this.calls = calls;
    }

    /** Adds a command, without waking the loop. Any thread. */
    void add(Runnable command) {
        commands.add(command);
    }

    /** Adds a command that frees memory, without waking the loop. Any thread. */
    void addFirst(Runnable command) {
        urgent.add(command);
    }

    /** Any thread. */
    boolean isEmpty() {
        return commands.isEmpty() && urgent.isEmpty();
    }

    /**
     * Runs commands for some time, one at least. Returns false if the loop was lost in a call.
     *
     * @param sinceNanos when the turns before began
     */
    boolean run(long sinceNanos) {
        if (isEmpty()) {
            return true;
        }
        long begun = loop.readClock();
        long enough = Math.max(LEAST_NANOS, begun - sinceNanos);
        boolean more = true;
        while (more) {
            calls.allow();
            boolean ran = runNext();
            calls.forbid();
            loop.workedLong();
            if (!calls.make()) {
                return false;
            }
            long limit = urgent.isEmpty() ? enough : Math.max(enough, URGENT_NANOS);
            more = ran && loop.readClock() - begun <= limit;
        }
        return true;
    }

    /** Runs one command; returns whether there was one. */
    boolean runNext() {
        assert loop.isHeldByCaller();
        Runnable command = urgent.poll();
        if (command == null) {
            command = commands.poll();
        }
        if (command == null) {
            return false;
        }
        flushed |= command instanceof OutboundQueue;
        try {
            command.run();
        } catch (Throwable e) {
            loop.report(e);
        }
        return true;
    }

    /** Whether the loop has written output that other threads had left to it, since the last call. */
    boolean takeFlushed() {
        boolean taken = flushed;
        flushed = false;
        return taken;
    }
}
