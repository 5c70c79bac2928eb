package org.httpkit.internal.net;

import java.nio.channels.SelectionKey;

/**
 * Gives ready links their turns: those that take long behind all others, so that a peer which sends or takes a lot does
 * not make others wait for longer than one such turn. Confined to the holder of the loop's baton.
 */
final class LoopTurns {
    /** How long demanding links have their turns before the loop looks for others. */
    private static final long DEMANDING_NANOS = 100_000;

    private final Loop loop;
    private final LoopLinks links;
    private final LoopCalls calls;
    private final ReadyKeys ready = new ReadyKeys();
    private final DemandingLinks demanding = new DemandingLinks();

    LoopTurns(Loop loop, LoopLinks links, LoopCalls calls) {
        this.loop = loop;
        this.links = links;
        this.calls = calls;
    }

    /** Adds what the selector has found ready. */
    void add(SelectionKey key) {
        ready.add(key);
    }

    /** Adds a link of which the selector may know nothing. */
    void add(Link link) {
        assert loop.isHeldByCaller();
        demanding.add(link);
    }

    /** Whether links wait for their turns, so that the loop must not sleep. */
    boolean isWaitedFor() {
        return !demanding.isEmpty();
    }

    /** Gives each key its turn, and some of the demanding links, one at least. Returns false if the loop was lost. */
    boolean give() {
        for (SelectionKey key = ready.next(); key != null; key = ready.next()) {
            if (key.attachment() instanceof Link link && link.isDemanding()) {
                demanding.add(link);
                continue;
            }
            calls.allow();
            workOn(key);
            calls.forbid();
            if (!calls.make()) {
                return false;
            }
        }
        return demanding.isEmpty() || giveDemanding();
    }

    private boolean giveDemanding() {
        long begun = loop.readClock();
        for (Link link = demanding.next(); link != null; link = demanding.next()) {
            calls.allow();
            links.workOn(link);
            calls.forbid();
            loop.workedLong();
            if (!calls.make()) {
                return false;
            }
            if (loop.readClock() - begun > DEMANDING_NANOS) {
                break;
            }
        }
        return true;
    }

    private void workOn(SelectionKey key) {
        if (key.attachment() instanceof Link link) {
            links.workOn(link, key);
        } else if (key.attachment() instanceof EventLoop.Listener listener) {
            listener.acceptable();
            loop.workedLong();
        }
    }
}
