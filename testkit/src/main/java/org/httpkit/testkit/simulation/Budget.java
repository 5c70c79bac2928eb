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
 * The limit of what waits for all clients, and whose connections have to go by it: the one to blame most, and the next only
 * when that one has given its bytes back. It sees each time at which the server looks at the limit.
 */
final class Budget implements ToLongFunction<OutputBudget.@Nullable Sender> {
    final OutputBudget backlog = new OutputBudget(this);
    /** What may wait for a client because it was left to the loop to be sent soon. */
    private static final int MOST_SOON_BYTES = 8 * 1024;

    /** What the holder of a connection's write claim takes at once of what streams have to send. */
    private static final int MOST_PULLED_BYTES = 68 * 1024;

    private final long maxBytes;
    private final List<Link> links = new ArrayList<>();
    /** What holds the output of streams of HTTP/2, one for each connection, as far as it was ever counted. */
    private final Set<OutputBudget.Sender> streams = new LinkedHashSet<>();
    /** Whose connections have to be closed, and how much waited for each then. */
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

    /** Of those that the server counts: what was left to a loop to be sent soon is not, as long as it is not in its turn. */
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
            chosen.putIfAbsent(
                    latest,
                    most); // who is chosen again, having grown before its loop closed it, goes for the first time
        }
    }

    /** Whether it had to go; the same as what the server did, or else this fails. */
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

    /** What holds whenever nobody is in the middle of something. */
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
        // What was pulled counts twice until the socket has taken it.
        long counted = backlog.bytes();
        if (counted < waiting || counted > waiting + (long) streams.size() * MOST_PULLED_BYTES) {
            throw new AssertionError(counted + " bytes are counted as waiting, and " + waiting + " wait");
        }
        if (waiting > maxBytes && nothingIsDue) {
            throw new AssertionError(waiting + " bytes wait, which is more than " + maxBytes);
        }
    }
}
