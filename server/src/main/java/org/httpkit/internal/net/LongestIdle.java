package org.httpkit.internal.net;

import java.util.List;
import java.util.PriorityQueue;

/** Keeps the longest idle of the links offered. Confined to one loop. */
final class LongestIdle {
    /** A link, and since when it has been idle. */
    record Idle(Link link, long sinceNanos) {}

    private final int most;
    /** The shortest idle at the head: it is dropped first. */
    private final PriorityQueue<Idle> kept = new PriorityQueue<>((a, b) -> Long.signum(b.sinceNanos - a.sinceNanos));

    LongestIdle(int most) {
        this.most = most;
    }

    void add(Link link, long sinceNanos) {
        kept.add(new Idle(link, sinceNanos));
        if (kept.size() > most) {
            kept.remove();
        }
    }

    List<Idle> all() {
        return List.copyOf(kept);
    }
}
