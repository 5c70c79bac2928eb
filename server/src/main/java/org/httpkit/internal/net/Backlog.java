package org.httpkit.internal.net;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What waits for all the peers of a server, held against a limit: past it, the link whose peer is to blame most is closed with a
 * {@link ShedException}. Safe from any thread.
 *
 * <p>Only what has to wait is counted: bytes that the socket takes at once never come here.
 */
public final class Backlog {
    /** For so many links the system may take what it likes: a quick peer far away needs it. */
    private static final int FEW_LINKS = 64;

    /** What the system may take for the link that then comes is its share of this, so that all together grow slowly. */
    private static final int SHARED_SYSTEM_BYTES = 64 << 20;

    private static final int MIN_SYSTEM_BYTES = 16 << 10;

    /** Added to the time that each is behind, so that the bytes decide as long as nobody is far. */
    private static final long LEAST_NANOS = 250_000_000;

    private final LongSupplier maxBytes;
    private final LongSupplier minBytesPerSecond;
    private final AtomicLong bytes = new AtomicLong();
    /** The links whose peers have to take something before more can leave, numbered in the order in which they began to wait. */
    private final Map<Link, Long> waiting = new ConcurrentHashMap<>();

    private final AtomicLong begun = new AtomicLong();
    /** The link that is being closed, or was the last to be. */
    private final AtomicReference<@Nullable Link> shed = new AtomicReference<>();

    /** Without a least rate. */
    public Backlog(LongSupplier maxBytes) {
        this(maxBytes, () -> 0);
    }

    /**
     * A backlog whose limits are asked for anew each time.
     *
     * @param maxBytes what may wait
     * @param minBytesPerSecond how quickly a peer has to take what waits for it; 0 if that does not matter
     */
    public Backlog(LongSupplier maxBytes, LongSupplier minBytesPerSecond) {
        this.maxBytes = maxBytes;
        this.minBytesPerSecond = minBytesPerSecond;
    }

    long minBytesPerSecond() {
        return minBytesPerSecond.getAsLong();
    }

    /** How many bytes wait. */
    public long bytes() {
        return bytes.get();
    }

    /** For how many links something waits. */
    public int links() {
        return waiting.size();
    }

    /** Whether so many peers do not keep up that the system is to take less for the next ones. */
    boolean isCrowded() {
        return waiting.size() >= FEW_LINKS;
    }

    /** How much the system is to take for a link that now has something to send. */
    int systemBytes() {
        return Math.max(MIN_SYSTEM_BYTES, SHARED_SYSTEM_BYTES / Math.max(1, waiting.size()));
    }

    /** More waits for the link's peer, or for the thread that writes to it just now. */
    void grew(Link link, long count) {
        add(link, count);
        shedIfTooMuch(link);
    }

    void shrank(Link link, long count) {
        add(link, -count);
    }

    private void add(Link link, long count) {
        bytes.addAndGet(count);
        ClientCounts.Count client = link.clientCount();
        if (client != null) {
            client.queuedBytes.addAndGet(count);
        }
    }

    /** The link's peer has to take something first. */
    void add(Link link) {
        if (!waiting.containsKey(link)) {
            waiting.put(link, begun.incrementAndGet()); // only the holder of the link's write claim gets here
        }
        if (link.isClosed()) {
            waiting.remove(link); // it may have been removed already, for good
        }
    }

    /** Nothing waits for the link's peer any more. For the holder of its write claim, before anyone can leave something again. */
    void remove(Link link) {
        waiting.remove(link);
    }

    /** The link is closed. If it was to be shed, the next one has waited for that, also if its peer had taken everything meanwhile. */
    void closed(Link link) {
        waiting.remove(link);
        if (shed.get() == link) {
            shedIfTooMuch(null);
        }
    }

    /** Which of two for whom the same waits has to go: the one with the smaller number, whatever their hashes. */
    public long number(Link link) {
        return waiting.getOrDefault(link, Long.MAX_VALUE);
    }

    /** A link that is closed holds nothing any more: perhaps that was not enough. */
    void settled() {
        shedIfTooMuch(null);
    }

    private void shedIfTooMuch(@Nullable Link growing) {
        if (isTooMuch()) {
            shedHeaviest(growing);
        }
    }

    private boolean isTooMuch() {
        return bytes.get() > maxBytes.getAsLong();
    }

    /** One at a time: until the last one has given back its bytes, nobody knows whether another one has to go. */
    private void shedHeaviest(@Nullable Link growing) {
        Link last = shed.get();
        if (last != null
                && (last.queuedBytes() > 0 || !isTooMuch())) { // in this order: it may give them back right now
            return;
        }
        Link heaviest = growing; // perhaps not known to wait yet
        double most = growing == null ? 0 : weight(growing);
        long number = growing == null ? Long.MAX_VALUE : number(growing);
        for (Map.Entry<Link, Long> entry : waiting.entrySet()) {
            double weight = weight(entry.getKey());
            if (weight > most || (weight == most && weight > 0 && entry.getValue() < number)) {
                most = weight;
                heaviest = entry.getKey();
                number = entry.getValue();
            }
        }
        if (heaviest != null && shed.compareAndSet(last, heaviest)) {
            heaviest.closeSoon(new ShedException(heaviest.queuedBytes()));
        }
    }

    /**
     * How much a link is to blame: the more, the longer its peer has been behind, and the more waits for it and for its client in all.
     * A peer that reads as quickly as it can is hardly ever behind, however much waits for it.
     */
    public double weight(Link link) {
        double own = link.queuedBytes();
        ClientCounts.Count client = link.clientCount();
        double all = client == null ? own : client.queuedBytes.get();
        long behind = link.waitsForPeer() ? Math.max(0, link.freshNanos() - link.progressNanos()) : 0;
        return own == 0 ? 0 : (own + all) * (behind + LEAST_NANOS);
    }
}
