package org.httpkit.internal.net;

import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What a loop does besides the turns of its links: tasks from other threads, and new connections. Confined to the
 * holder of the loop's baton, except for methods marked "Any thread".
 */
final class LoopCommands {
    private static final int MOST_PER_CYCLE = 128;
    /** After this long, ready links have their turns before the next command. */
    private static final long LONG_NANOS = 100_000;

    private final Loop loop;
    private final LoopCalls calls;
    private final ConcurrentLinkedQueue<Runnable> commands = new ConcurrentLinkedQueue<>();
    private boolean flushed;

    LoopCommands(Loop loop, LoopCalls calls) {
        this.loop = loop;
        this.calls = calls;
    }

    /** Adds a command, without waking the loop. Any thread. */
    void add(Runnable command) {
        commands.add(command);
    }

    /** Any thread. */
    boolean isEmpty() {
        return commands.isEmpty();
    }

    /** Runs commands for some time, one at least. Returns false if the loop was lost in a call. */
    boolean run() {
        if (commands.isEmpty()) {
            return true;
        }
        long begun = loop.readClock();
        for (int i = 0; i < MOST_PER_CYCLE; i++) {
            calls.allow();
            boolean ran = runNext();
            calls.forbid();
            loop.workedLong();
            if (!calls.make()) {
                return false;
            }
            if (!ran || loop.readClock() - begun > LONG_NANOS) {
                break;
            }
        }
        return true;
    }

    /** Runs one command; returns whether there was one. */
    boolean runNext() {
        assert loop.isHeldByCaller();
        Runnable command = commands.poll();
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
