package org.httpkit.internal.net;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Searches all loops for the links that have been idle longest, when a new connection finds no room, and gives them up.
 * Confined to the acceptor's loop.
 *
 * <p>A search looks at each link once, so it gives up several: first one, then twice as many each time that this was
 * not enough for a second.
 */
final class IdleSearch {
    /** A client idle for less may be about to send its next request. */
    static final long LEAST_IDLE_NANOS = 1_000_000_000;

    /** A search that has taken this long ends without the loops that have not answered. */
    static final long LONGEST_NANOS = 1_000_000_000;

    private static final long SOON_NANOS = 1_000_000_000;
    private static final int MOST = 64;

    /** The owner of the search, which wants room. */
    interface Owner {
        /** Is called with the number of idle connections given up; if it is 0, others may become idle soon. */
        void searched(int givenUp);
    }

    private final EventLoop[] loops;
    private final EventLoop home;
    private final Owner owner;
    private final List<LongestIdle.Idle> found = new ArrayList<>();
    /** Counts searches, so that an answer that comes after the end is forgotten. */
    private int search;

    /** The loops that have not answered yet; 0 if no search runs. */
    private int loopsMissing;

    private long begunNanos;
    private int wanted = 1;
    /** When links were last given up. */
    private long lastNanos;

    /** @param home the loop to which the search is confined */
    IdleSearch(EventLoop[] loops, EventLoop home, Owner owner) {
        this.loops = loops;
        this.home = home;
        this.owner = owner;
        this.lastNanos = home.nanos() - SOON_NANOS;
    }

    /**
     * Begins a search if none runs; the owner receives the number of links given up. To be called again after {@link
     * #LONGEST_NANOS} unless the owner has: that ends a search to which a loop has not answered, because it is stuck or
     * had no memory.
     */
    void begin() {
        assert home.isHeldByCaller();
        long now = home.nanos();
        if (loopsMissing > 0) {
            if (now - begunNanos >= LONGEST_NANOS) {
                decide();
            }
            return;
        }
        begunNanos = now;
        int number = ++search;
        found.clear();
        wanted = now - lastNanos < SOON_NANOS ? Math.min(MOST, 2 * wanted) : 1;
        int most = wanted;
        loopsMissing = loops.length;
        for (EventLoop loop : loops) {
            loop.execute(() -> found(number, lookAt(loop, most)));
        }
    }

    /** Finds nothing if the loop cannot look for lack of memory: the search must end. */
    private static List<LongestIdle.Idle> lookAt(EventLoop loop, int most) {
        try {
            return loop.links().longestIdle(most);
        } catch (RuntimeException | Error e) {
            loop.report(e);
            return List.of();
        }
    }

    private void found(int number, List<LongestIdle.Idle> some) {
        home.execute(() -> {
            if (number == search) {
                add(some);
            }
        });
    }

    private void add(List<LongestIdle.Idle> some) {
        assert home.isHeldByCaller();
        found.addAll(some);
        if (--loopsMissing == 0) {
            decide();
        }
    }

    /** Gives up those that have been idle longest, of the loops that have answered. */
    private void decide() {
        search++;
        loopsMissing = 0;
        long enough = System.nanoTime() - LEAST_IDLE_NANOS;
        found.sort(Comparator.comparingLong(idle -> idle.sinceNanos() - enough));
        int givenUp = 0;
        for (LongestIdle.Idle idle : found) {
            if (givenUp < wanted && idle.sinceNanos() - enough <= 0) {
                idle.link().execute(idle.link()::giveUpIdle);
                givenUp++;
            }
        }
        found.clear();
        if (givenUp > 0) {
            lastNanos = home.nanos();
        }
        owner.searched(givenUp);
    }
}
