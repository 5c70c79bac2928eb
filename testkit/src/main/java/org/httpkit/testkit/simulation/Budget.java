package org.httpkit.testkit.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.httpkit.internal.net.Link;
import org.httpkit.internal.net.OutputBudget;
import org.jspecify.annotations.Nullable;

/**
 * The limit on what waits for all clients, and the connections that the server has to close for it: first the one most to blame,
 * and the next only when that one has returned its bytes. Sees every check of the limit that the server makes.
 */
final class Budget implements ToLongFunction<OutputBudget.@Nullable Sender> {
    final OutputBudget backlog = new OutputBudget(this);
    /** The most that waits for a client because its sender left it to the loop. */
    private static final int MOST_SOON_BYTES = 8 * 1024;

    /** The most that the holder of a connection's write claim takes from the streams at once. */
    private static final int MOST_PULLED_BYTES = 68 * 1024;

    private final long maxBytes;
    private final List<Link> links = new ArrayList<>();
    /** The owners of HTTP/2 output, one for each connection, as far as the server has counted them. */
    private final Set<OutputBudget.Sender> streams = new LinkedHashSet<>();
    /** The connections that have to close, and how much waited for each at that time. */
    private final Map<OutputBudget.Sender, Long> chosen = new HashMap<>();

    private OutputBudget.@Nullable Sender latest;

    Budget(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    void add(Link link) {
        links.add(link);
    }

    boolean isLimited() {
        return maxBytes < Long.MAX_VALUE;
    }

    @Override
    public long applyAsLong(OutputBudget.@Nullable Sender growing) {
        if (growing != null && !(growing instanceof Link)) {
            streams.add(growing);
        }
        if (backlog.bytes() > maxBytes && (latest == null || latest.queuedBytes() == 0)) {
            choose(growing);
        }
        return maxBytes;
    }

    /** The bytes that the server counts. Data left to the loop counts only from the loop's turn on. */
    private void choose(OutputBudget.@Nullable Sender growing) {
        double heaviest = 0;
        long number = Long.MAX_VALUE;
        List<OutputBudget.Sender> all = new ArrayList<>(links);
        all.addAll(streams);
        for (OutputBudget.Sender link : all) {
            boolean counts = link.equals(growing) || backlog.number(link) < Long.MAX_VALUE;
            double weight = counts ? backlog.weight(link) : 0;
            if (weight > heaviest || (weight == heaviest && weight > 0 && backlog.number(link) < number)) {
                heaviest = weight;
                latest = link;
                number = backlog.number(link);
            }
        }
        long most = heaviest > 0 && latest != null ? latest.queuedBytes() : 0;
        if (latest != null && most > 0) {
            // A connection that is chosen again, since it grew before its loop closed it, counts with the first choice.
            chosen.putIfAbsent(latest, most);
        }
    }

    /** Whether the connection had to close. Fails if the server did otherwise. */
    void verifyShed(Link link, @Nullable Long shedBytes, boolean closedOtherwise) {
        Long bytes = chosen.get(link);
        boolean forStreams = streams.stream().anyMatch(each -> Objects.equals(chosen.get(each), shedBytes));
        if (shedBytes != null && !shedBytes.equals(bytes) && !forStreams) {
            throw new AssertionError("Shed for " + shedBytes + " bytes"
                    + (bytes == null ? ", and was not to be" : " instead of " + bytes));
        }
        if (bytes != null && shedBytes == null && !closedOtherwise) {
            throw new AssertionError("Was to be shed for " + bytes + " bytes, and was not");
        }
    }

    /** Checks what must hold between two turns. */
    void verifySoFar(boolean nothingIsDue) {
        long waiting = 0;
        for (Link link : links) {
            if (link.waitsForPeer()) {
                waiting += link.queuedBytes();
            } else if (link.queuedBytes() > (nothingIsDue ? 0 : MOST_SOON_BYTES)) {
                throw new AssertionError(link.queuedBytes() + " bytes wait, and not for the client");
            }
        }
        for (OutputBudget.Sender each : streams) {
            waiting += each.queuedBytes();
        }
        // Pulled bytes count twice until the socket has taken them.
        long counted = backlog.bytes();
        if (counted < waiting || counted > waiting + (long) streams.size() * MOST_PULLED_BYTES) {
            throw new AssertionError(counted + " bytes are counted as waiting, and " + waiting + " wait");
        }
        if (waiting > maxBytes && nothingIsDue) {
            throw new AssertionError(waiting + " bytes wait, which is more than " + maxBytes);
        }
    }
}
