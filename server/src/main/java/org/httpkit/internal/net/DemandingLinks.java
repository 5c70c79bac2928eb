package org.httpkit.internal.net;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The ready links whose turns take long, in order of arrival. All others have their turns first, so that a peer which
 * sends or takes a lot does not make them wait. Confined to the loop.
 */
final class DemandingLinks {
    private final Set<Link> waiting = new LinkedHashSet<>();

    /** Adds the link, unless it waits already. */
    void add(Link link) {
        waiting.add(link);
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Removes and returns the link that has waited for longest; null if none waits. */
    @Nullable
    Link next() {
        if (waiting.isEmpty()) {
            return null;
        }
        Link first = waiting.iterator().next();
        waiting.remove(first);
        return first;
    }
}
